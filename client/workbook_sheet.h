// Reads the part of one sheet of a workbook into a table. Internal to reading workbooks.
#ifndef QUARTERMASTER_CLIENT_WORKBOOK_SHEET_H_
#define QUARTERMASTER_CLIENT_WORKBOOK_SHEET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "client/cell_table.h"
#include "client/merged_cells.h"
#include "client/workbook_parts.h"
#include "client/xml_parser.h"

namespace quartermaster::client {

// What may still be read of a workbook.
struct SheetBudget {
  size_t cells;
  size_t text_bytes;
};

// Feeds the cells of a sheet to the builder, row by row. DATA_LOSS where they are not in order or stand where no sheet
// has a cell, RESOURCE_EXHAUSTED past the budget.
class SheetHandler : public XmlHandler {
 public:
  // All must outlive this.
  SheetHandler(const WorkbookParts& parts, const SheetBudget& budget, CellTableBuilder* builder)
      : parts_(parts), budget_(budget), builder_(builder) {}

  absl::Status Start(absl::string_view name, const XmlAttributes& attributes) override;
  absl::Status End(absl::string_view name) override;
  absl::Status Text(absl::string_view text) override;

  const std::vector<MergedRange>& merged_ranges() const { return merged_ranges_; }
  // From the first on, for each column whether it is hidden, up to the last of which the sheet says so.
  const std::vector<bool>& hidden_columns() const { return hidden_columns_; }

 private:
  // Elements that count where they stand within each other: worksheet, sheetData, row, c, then v, f, or is with t or r
  // and t; worksheet, cols, col; worksheet, mergeCells, mergeCell.
  enum class Element {
    kOther,
    kWorksheet,
    kColumns,
    kColumn,
    kSheetData,
    kRow,
    kCell,
    kValue,
    kFormula,
    kInline,
    kRun,
    kText,
    kMergedRanges,
    kMergedRange
  };

  Element ElementOf(absl::string_view name) const;
  absl::Status StartRow(const XmlAttributes& attributes);
  absl::Status StartCell(const XmlAttributes& attributes);
  void TakeColumns(const XmlAttributes& attributes);
  absl::Status TakeMergedRange(absl::string_view reference);
  absl::Status EndRow();
  absl::Status EndCell();
  // What the cell shows; `is_without_value` where that is no value.
  absl::StatusOr<std::string> ShownText(bool* is_without_value) const;
  absl::Status CheckBudget(size_t more_cells, size_t more_text_bytes) const;

  const WorkbookParts& parts_;
  const SheetBudget& budget_;
  CellTableBuilder* const builder_;
  std::vector<Element> path_;
  std::vector<MergedRange> merged_ranges_;
  std::vector<bool> hidden_columns_;
  uint32_t row_number_ = 0;
  bool row_is_hidden_ = false;
  size_t next_column_ = 0;  // Past the last cell of the row.
  // The cell in which the reading stands.
  size_t column_ = 0;
  std::string type_;
  size_t style_ = 0;
  bool has_formula_ = false;
  std::string formula_;
  std::string value_;  // the stored value, or the text within the cell
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WORKBOOK_SHEET_H_
