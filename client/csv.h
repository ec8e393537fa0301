// A CSV file as a table of cells that knows where each of them stands in the spreadsheet.
//
// Comma-separated, UTF-8 with or without a byte order mark, lines ended by LF, CRLF or CR, cells quoted as RFC 4180
// says. Whatever else a person may send under this name (a workbook, another encoding, other separators) is recognised,
// and the finding says where it is and what to do. Rows count from 1 as a spreadsheet counts them, the heading and
// blank rows included; a cell with a line break in it is still one row. The apostrophe that our own CSV has before text
// that looks like a formula (client/formula_guard.h) is taken off.
#ifndef QUARTERMASTER_CLIENT_CSV_H_
#define QUARTERMASTER_CLIENT_CSV_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "quartermaster/v1/finding.pb.h"

namespace quartermaster::client {

// How a row does not fit the heading: it has too few cells, or a value past the last heading or under a blank one.
struct RaggedShape {
  // Cells past the last heading, up to the last with a value; negative: cells that are missing; 0: the value stands
  // under a blank heading.
  int surplus;
  // The first value that has no heading; of a row that is too short its number of cells.
  size_t column;

  friend auto operator<=>(const RaggedShape&, const RaggedShape&) = default;
};

struct RaggedRow {
  uint32_t number;
  RaggedShape shape;
};

// Each cell costs its text and four bytes, so a file of the largest size fits an ordinary desk's memory. Immutable once
// it has been read, and then thread-safe.
class CsvTable {
 public:
  // Headings as they look: spaces of any kind are plain spaces, none at either end, and hidden characters are gone
  // (client/hidden_characters.h). A blank one within the table is empty.
  const std::vector<std::string>& headings() const { return headings_; }
  // Counts from 1.
  uint32_t heading_row_number() const { return heading_row_number_; }
  // The column as a person knows it: its heading, or its letter where it has none.
  std::string ColumnName(size_t column) const;

  // Rows below the heading that are not blank and have a cell for each heading.
  size_t row_count() const { return rows_.size(); }
  // Counts from 1, the heading included.
  uint32_t row_number(size_t row) const { return rows_[row].number; }
  // Without surrounding spaces and our apostrophe. Requires row < row_count() and column < headings().size().
  absl::string_view cell(size_t row, size_t column) const;

  // Rows that are kept apart, since nobody knows to which headings their cells belong: how many there are of each
  // shape, and all of them.
  const std::map<RaggedShape, size_t>& ragged_shapes() const { return ragged_shapes_; }
  const std::vector<RaggedRow>& ragged_rows() const { return ragged_rows_; }
  // All cells of one of ragged_rows(), as cell() has them.
  std::vector<absl::string_view> RaggedCells(size_t ragged_row) const;

 private:
  friend class CsvReader;
  struct Row {
    uint32_t number;
    uint32_t first_cell;  // into cell_ends_
  };
  struct CellRange {
    uint32_t first;
    uint32_t count;
  };
  absl::string_view CellAt(size_t index) const;

  std::vector<std::string> headings_;
  uint32_t heading_row_number_ = 0;
  std::vector<Row> rows_;
  std::map<RaggedShape, size_t> ragged_shapes_;
  std::vector<RaggedRow> ragged_rows_;
  std::vector<CellRange> ragged_cells_;
  std::vector<uint32_t> cell_ends_;  // ends_[i] is the start of cell i + 1; the first entry is 0
  std::string text_;
};

struct CsvResult {
  // Null if the file cannot be read as a table.
  std::shared_ptr<const CsvTable> table;
  // Why it cannot: errors of the class STRUCTURE, with file, row and column.
  std::vector<v1::Finding> problems;
};

constexpr size_t kMaxColumns = 16'384;  // Excel's own limit.

// The file without the byte order mark and the line "sep=," that Excel may have before the heading. Excel does not show
// that line, so it is no row.
absl::string_view WithoutExcelPrefix(absl::string_view bytes);

// Reads the whole file from memory; `file_name` goes into the findings. Requires less than 4 GiB of bytes.
CsvResult ReadCsv(const std::string& file_name, absl::string_view bytes);

// A finding about a file: an error of the class STRUCTURE. `row` 0 stays unset.
v1::Finding FileFinding(absl::string_view rule_id, const std::string& file_name, uint32_t row, std::string message,
                        std::string hint);

constexpr size_t kMaxGivenCharacters = 200;  // As the API says; enough to recognise a cell by.

// The text of a cell as findings give it: its first kMaxGivenCharacters.
std::string GivenText(absl::string_view text);

// Names the column of a finding: its heading, or its letters where it has none, and its letters.
void SetColumn(const CsvTable& table, size_t column, v1::Finding* finding);

// "admissions (F)", or "F" where there is no heading.
std::string DescribeColumn(absl::string_view name, absl::string_view letters);
std::string DescribeColumn(const CsvTable& table, size_t column);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CSV_H_
