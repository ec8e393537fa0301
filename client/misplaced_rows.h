// Rows of one table whose cells do not stand under their headings: what is said about them.
//
// A row has one finding, whatever its cells look like. Where most rows of a table are misplaced alike, the cause is one
// as well, such as a heading that is missing; then one finding speaks for all of them.
#ifndef QUARTERMASTER_CLIENT_MISPLACED_ROWS_H_
#define QUARTERMASTER_CLIENT_MISPLACED_ROWS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "client/cell_table.h"
#include "client/column_shift.h"

namespace quartermaster::client {

struct MisplacementFindings {
  // Of the file: about most of its rows, about rows of values whose return is not known, or, where there are too many,
  // about the first of all.
  std::vector<v1::Finding> of_file;
  // Of a return, by its index.
  std::vector<std::pair<size_t, v1::Finding>> of_returns;
  // Most rows are misplaced alike, so the others are not to be trusted either.
  bool most_rows_alike = false;
  // More rows than are named; nobody knows what the file is.
  bool too_many = false;
};

// A file whose every row has shifted is understood by its first rows; the rest would only bury them.
constexpr size_t kMaxRowProblems = 100;

// So few rows can be alike by chance.
constexpr size_t kMinRowsAlike = 3;

class MisplacedRows {
 public:
  // `table` must outlive this. Knows the ragged rows of the table already.
  MisplacedRows(TablePlace place, const CellTable& table);

  // Why a ragged row of the table is as it is, and the index of its return, where they are known.
  void ExplainRagged(size_t ragged_row, absl::optional<ColumnShift> shift, absl::optional<size_t> file_return) {
    ragged_[ragged_row] = {shift, file_return, false};
  }
  // Something else is said about a ragged row.
  void LeaveOut(size_t ragged_row) { ragged_[ragged_row].is_left_out = true; }
  // A row that fits the heading and is shifted all the same. `file_return` is the index of its return.
  void AddShifted(uint32_t row_number, ColumnShift shift, size_t file_return) {
    shifted_.push_back({row_number, shift, file_return});
  }

  MisplacementFindings Describe() const;

 private:
  struct Ragged {
    absl::optional<ColumnShift> shift;
    absl::optional<size_t> file_return;
    bool is_left_out = false;
  };
  struct ShiftedRow {
    uint32_t number;
    ColumnShift shift;
    size_t file_return;
  };
  // What rows have in common: how far they are shifted, or, at 0, under which blank heading they have a value.
  struct Likeness {
    int offset = 0;
    size_t column = 0;
    size_t rows = 0;  // 0: rows have nothing in common.

    bool Covers(const RaggedShape& shape) const {
      return rows > 0 && shape.surplus == offset && (offset != 0 || shape.column == column);
    }
    bool Covers(const ColumnShift& shift) const { return rows > 0 && offset != 0 && shift.offset == offset; }
  };

  // What most rows have in common, if anything.
  Likeness OfMostRows() const;
  v1::Finding DescribeMostRows(const Likeness& likeness) const;
  v1::Finding DescribeRagged(const RaggedRow& row, const absl::optional<ColumnShift>& shift) const;
  v1::Finding DescribeShifted(const ShiftedRow& row) const;

  const TablePlace place_;
  const CellTable& table_;
  std::vector<Ragged> ragged_;  // of table_.ragged_rows()
  std::vector<ShiftedRow> shifted_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_MISPLACED_ROWS_H_
