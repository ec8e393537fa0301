// A table of cells that knows where each of them stands in the spreadsheet, whatever the file was: CSV (client/csv.h)
// and the sheets of a workbook (client/workbook.h) are filled into the same table, by the same builder.
//
// The first row with a text is the heading. Rows count from 1 as a spreadsheet counts them, the heading and blank rows
// included. The apostrophe that our own files have before text that looks like a formula (client/formula_guard.h) is
// taken off.
#ifndef QUARTERMASTER_CLIENT_CELL_TABLE_H_
#define QUARTERMASTER_CLIENT_CELL_TABLE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"

namespace quartermaster::client {

// The file as it was named and, where it is a workbook, the sheet. A file alone converts to it.
struct TablePlace {
  TablePlace(std::string file_name) : file(std::move(file_name)) {}
  TablePlace(const char* file_name) : file(file_name) {}
  TablePlace(std::string file_name, std::string sheet_name)
      : file(std::move(file_name)), sheet(std::move(sheet_name)) {}

  bool is_sheet() const { return !sheet.empty(); }
  // "returns.csv", "returns.xlsx sheet Beds".
  std::string Describe() const;
  // Sets the file and the sheet of a finding.
  void Set(v1::Finding* finding) const;

  std::string file;
  std::string sheet;
};

// How a row does not fit the heading: it has too few cells, or a value past the last heading or under a blank one.
struct RaggedShape {
  // Cells past the last heading, up to the last with a value; negative: cells that are missing; 0: the value stands
  // under a blank heading.
  int surplus;
  // The first value that has no heading; of a row that is too short its number of cells.
  size_t column;

  friend auto operator<=>(const RaggedShape&, const RaggedShape&) = default;
};

// What a spreadsheet does not show of a table, and what is read all the same.
struct HiddenCells {
  bool is_whole_sheet = false;
  uint32_t row_count = 0;            // of rows below the heading with a value
  uint32_t first_row = 0;            // the number of the first of them
  std::vector<size_t> columns = {};  // those with a heading

  bool any() const { return is_whole_sheet || row_count > 0 || !columns.empty(); }
};

struct RaggedRow {
  uint32_t number;
  RaggedShape shape;
};

// Each cell costs its text and four bytes, so a file of the largest size fits an ordinary desk's memory. Immutable once
// it has been read, and then thread-safe.
class CellTable {
 public:
  enum class Kind {
    kSheet,    // Columns have an order and letters.
    kObjects,  // Columns are the names that objects of JSON or protobuf have.
  };
  Kind kind() const { return kind_; }
  // What a column and a cell are to whoever made the file: of objects a name and a value.
  absl::string_view column_word() const { return kind_ == Kind::kSheet ? "column" : "name"; }
  absl::string_view cell_word() const { return kind_ == Kind::kSheet ? "cell" : "value"; }
  // Headings as they look: spaces of any kind are plain spaces, none at either end, and hidden characters are gone
  // (client/hidden_characters.h). A blank one within the table is empty.
  const std::vector<std::string>& headings() const { return headings_; }
  // Counts from 1; 0 of objects, which have none.
  uint32_t heading_row_number() const { return heading_row_number_; }
  // The column as a person knows it: its heading, or its letter where it has none.
  std::string ColumnName(size_t column) const;

  // Nothing of what is no sheet.
  const HiddenCells& hidden() const { return hidden_; }

  // Rows below the heading that are not blank and have a cell for each heading.
  size_t row_count() const { return rows_.size(); }
  // Counts from 1, the heading included.
  uint32_t row_number(size_t row) const { return rows_[row].number; }
  // Without surrounding spaces and our apostrophe. Requires row < row_count() and column < headings().size().
  absl::string_view cell(size_t row, size_t column) const;
  // Whether the cell holds an error or a formula without a result: no value, even of a field that takes any text.
  bool IsWithoutValue(size_t row, size_t column) const;

  // Rows that are kept apart, since nobody knows to which headings their cells belong: how many there are of each
  // shape, and all of them.
  const std::map<RaggedShape, size_t>& ragged_shapes() const { return ragged_shapes_; }
  const std::vector<RaggedRow>& ragged_rows() const { return ragged_rows_; }
  // All cells of one of ragged_rows(), as cell() has them.
  std::vector<absl::string_view> RaggedCells(size_t ragged_row) const;
  size_t RaggedCellCount(size_t ragged_row) const { return ragged_cells_[ragged_row].count; }
  // Requires column < RaggedCellCount(ragged_row).
  absl::string_view RaggedCell(size_t ragged_row, size_t column) const {
    return CellAt(ragged_cells_[ragged_row].first + column);
  }

 private:
  friend class CellTableBuilder;
  struct Row {
    uint32_t number;
    uint32_t first_cell;  // into cell_ends_
  };
  struct CellRange {
    uint32_t first;
    uint32_t count;
  };
  absl::string_view CellAt(size_t index) const;

  Kind kind_ = Kind::kSheet;
  std::vector<std::string> headings_;
  uint32_t heading_row_number_ = 0;
  HiddenCells hidden_;
  std::vector<Row> rows_;
  std::map<RaggedShape, size_t> ragged_shapes_;
  std::vector<RaggedRow> ragged_rows_;
  std::vector<CellRange> ragged_cells_;
  std::vector<uint32_t> cell_ends_;  // cell_ends_[i] is the start of cell i + 1; the first entry is 0
  absl::flat_hash_set<uint32_t> without_value_;
  std::string text_;
};

struct TableResult {
  // Null if the file or sheet cannot be read as a table.
  std::shared_ptr<const CellTable> table;
  // Why it cannot: errors of the class STRUCTURE, with file, sheet, row and column.
  std::vector<v1::Finding> problems;
};

constexpr size_t kMaxColumns = 16'384;  // Excel's own limit.

// Fills a table, cell by cell and row by row from the top. Thread-compatible.
class CellTableBuilder {
 public:
  explicit CellTableBuilder(TablePlace place, CellTable::Kind kind = CellTable::Kind::kSheet);

  // The next cell of the row. Requires row_cells() < kMaxColumns, UTF-8, and less than 4 GiB of text in all.
  void AddCell(absl::string_view text, bool is_without_value = false);
  // Ends the row. Where a spreadsheet shows a row that ends early as one with blank cells, `is_padded` adds those.
  void EndRow(uint32_t number, bool is_padded, bool is_hidden = false);
  // Says, once the headings have been read, which columns are not shown, from the first on, and whether the sheet is.
  void NoteHidden(const std::vector<bool>& columns, bool is_whole_sheet);
  size_t row_cells() const { return row_cells_; }
  bool has_heading() const { return !table_->headings_.empty(); }
  // The headings, once they have been read.
  const CellTable& table() const { return *table_; }
  // Cells with those that were added as blank.
  size_t cell_count() const { return table_->cell_ends_.size() - 1; }
  size_t text_bytes() const { return table_->text_.size(); }

  // Nothing that comes after it is taken, and Finish gives it. The first reason stands.
  void Stop(v1::Finding reason);
  bool is_stopped() const { return stopped_.has_value(); }

  // The table, or why there is none: what stopped the building, no heading, or no row below it.
  TableResult Finish();

 private:
  void TakeHeading(uint32_t number);
  void TakeRow(uint32_t number);
  absl::string_view RowCell(size_t column) const;
  void DropRow();
  void CheckHeadings();

  const TablePlace place_;
  const std::shared_ptr<CellTable> table_;
  absl::optional<v1::Finding> stopped_;
  size_t row_cells_ = 0;
  bool row_has_text_ = false;
};

// A finding about a file or a sheet: an error of the class STRUCTURE. `row` 0 stays unset.
v1::Finding FileFinding(absl::string_view rule_id, const TablePlace& place, uint32_t row, std::string message,
                        std::string hint);

constexpr size_t kMaxGivenCharacters = 200;  // As the API says; enough to recognise a cell by.

// The text of a cell as findings give it: its first kMaxGivenCharacters.
std::string GivenText(absl::string_view text);

// Names the column of a finding: its heading, or its letters where it has none, and its letters in a sheet.
void SetColumn(const CellTable& table, size_t column, v1::Finding* finding);

// "admissions (F)", or "F" where there is no heading.
std::string DescribeColumn(absl::string_view name, absl::string_view letters);
std::string DescribeColumn(const CellTable& table, size_t column);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CELL_TABLE_H_
