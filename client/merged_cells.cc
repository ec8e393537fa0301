#include "client/merged_cells.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

// The first of rows, whose numbers ascend, that is not before `number`.
template <typename NumberOf>
size_t FirstRowFrom(uint32_t number, size_t rows, const NumberOf& number_of) {
  size_t low = 0;
  size_t high = rows;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (number_of(middle) < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

class HiddenValueSearch {
 public:
  HiddenValueSearch(const TablePlace& place, const CellTable& table, size_t max_cells)
      : place_(place), table_(table), cells_left_(max_cells) {}

  absl::optional<v1::Finding> Search(const std::vector<MergedRange>& ranges) {
    for (const MergedRange& range : ranges) {
      SearchRows(
          range, table_.row_count(), [this](size_t row) { return table_.row_number(row); },
          [this](size_t) { return table_.headings().size(); },
          [this](size_t row, size_t column) { return table_.cell(row, column); });
      SearchRows(
          range, table_.ragged_rows().size(), [this](size_t row) { return table_.ragged_rows()[row].number; },
          [this](size_t row) { return table_.RaggedCellCount(row); },
          [this](size_t row, size_t column) { return table_.RaggedCell(row, column); });
      if (found_) return found_;
    }
    return absl::nullopt;
  }

 private:
  // No row is looked at past its last cell, so ranges that do not overlap take no more looks than there are cells.
  template <typename NumberOf, typename WidthOf, typename CellOf>
  void SearchRows(const MergedRange& range, size_t rows, const NumberOf& number_of, const WidthOf& width_of,
                  const CellOf& cell_of) {
    for (size_t row = FirstRowFrom(range.first_row, rows, number_of); row < rows && number_of(row) <= range.last_row;
         ++row) {
      const uint32_t number = number_of(row);
      const size_t end = std::min(range.last_column + 1, width_of(row));
      for (size_t column = range.first_column; column < end; ++column) {
        if (found_) return;
        if (cells_left_-- == 0) return DescribeOverlap(number);
        const bool is_first = number == range.first_row && column == range.first_column;
        if (!is_first && !cell_of(row, column).empty()) Describe(range, number, column, cell_of(row, column));
      }
    }
  }

  void DescribeOverlap(uint32_t number) {
    found_ = FileFinding("damaged-workbook", place_, number, "The merged cells of the sheet overlap.",
                         "Unmerge them, and save the workbook again.");
  }

  void Describe(const MergedRange& range, uint32_t number, size_t column, absl::string_view value) {
    found_ = FileFinding(
        "hidden-value", place_, number,
        absl::StrCat("The cell ", ColumnLetters(column), number, " is merged into ", ColumnLetters(range.first_column),
                     range.first_row, " and holds a value that nobody sees."),
        "Unmerge the cells, and delete the value or put it right.");
    found_->set_given(GivenText(value));
    SetColumn(table_, column, &*found_);
  }

  const TablePlace& place_;
  const CellTable& table_;
  size_t cells_left_;
  absl::optional<v1::Finding> found_;
};

}  // namespace

absl::optional<v1::Finding> FindHiddenValue(const TablePlace& place, const CellTable& table,
                                            const std::vector<MergedRange>& ranges, size_t max_cells) {
  return HiddenValueSearch(place, table, max_cells).Search(ranges);
}

}  // namespace quartermaster::client
