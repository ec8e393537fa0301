#include "client/workbook_sheet.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/excel_text.h"
#include "client/text.h"
#include "client/workbook.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxFormulaBytes = 8'192;  // Excel's own limit; it is only shown.

// Where a reference such as "AB12" points: the column from 0, the row from 1. False for anything else, and for columns
// and rows that no sheet has.
bool ParseReference(absl::string_view reference, size_t* column, uint32_t* row) {
  size_t letters = 0;
  size_t number = 0;  // Of the column, from 1.
  for (; letters < reference.size() && absl::ascii_isupper(static_cast<unsigned char>(reference[letters])); ++letters) {
    number = 26 * number + static_cast<size_t>(reference[letters] - 'A' + 1);
    if (number > kMaxColumns) return false;
  }
  const absl::string_view digits = reference.substr(letters);
  if (number == 0 || digits.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(digits[0]))) return false;
  *column = number - 1;
  return absl::SimpleAtoi(digits, row) && *row >= 1 && *row <= kMaxSheetRowNumber;
}

}  // namespace

SheetHandler::Element SheetHandler::ElementOf(absl::string_view name) const {
  if (path_.empty()) return Element::kWorksheet;
  switch (path_.back()) {
    case Element::kWorksheet:
      return name == "sheetData"    ? Element::kSheetData
             : name == "cols"       ? Element::kColumns
             : name == "mergeCells" ? Element::kMergedRanges
                                    : Element::kOther;
    case Element::kColumns:
      return name == "col" ? Element::kColumn : Element::kOther;
    case Element::kMergedRanges:
      return name == "mergeCell" ? Element::kMergedRange : Element::kOther;
    case Element::kSheetData:
      return name == "row" ? Element::kRow : Element::kOther;
    case Element::kRow:
      return name == "c" ? Element::kCell : Element::kOther;
    case Element::kCell:
      return name == "v"    ? Element::kValue
             : name == "f"  ? Element::kFormula
             : name == "is" ? Element::kInline
                            : Element::kOther;
    case Element::kInline:
      return name == "t" ? Element::kText : name == "r" ? Element::kRun : Element::kOther;
    case Element::kRun:
      return name == "t" ? Element::kText : Element::kOther;
    default:
      return Element::kOther;
  }
}

absl::Status SheetHandler::Start(absl::string_view name, const XmlAttributes& attributes) {
  path_.push_back(ElementOf(name));
  switch (path_.back()) {
    case Element::kRow:
      return StartRow(attributes);
    case Element::kCell:
      return StartCell(attributes);
    case Element::kColumn:
      TakeColumns(attributes);
      return absl::OkStatus();
    case Element::kMergedRange:
      return TakeMergedRange(attributes.Get("ref"));
    case Element::kFormula:
      has_formula_ = true;
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

absl::Status SheetHandler::End(absl::string_view) {
  const Element ended = path_.back();
  path_.pop_back();
  if (ended == Element::kCell) return EndCell();
  if (ended == Element::kRow) return EndRow();
  return absl::OkStatus();
}

absl::Status SheetHandler::Text(absl::string_view text) {
  const Element element = path_.back();
  if (element == Element::kFormula) {
    const absl::string_view kept = text.substr(0, kMaxFormulaBytes - formula_.size());
    formula_.append(kept.data(), kept.size());
  }
  if (element != Element::kValue && element != Element::kText) return absl::OkStatus();
  if (value_.size() + text.size() > kMaxCellTextBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("row ", row_number_, " has a text that is longer than a cell of Excel can be."));
  }
  value_.append(text.data(), text.size());
  return absl::OkStatus();
}

absl::Status SheetHandler::StartRow(const XmlAttributes& attributes) {
  const absl::string_view text = attributes.Get("r");
  uint32_t number = row_number_ + 1;  // Where it does not say.
  if (!text.empty() && !absl::SimpleAtoi(text, &number)) {
    return absl::DataLossError(absl::StrCat("a row has the number \"", GivenText(text), "\"."));
  }
  if (number <= row_number_ || number > kMaxSheetRowNumber) {
    return absl::DataLossError(absl::StrCat("after row ", row_number_, " comes row ", number, "."));
  }
  row_number_ = number;
  row_is_hidden_ = attributes.IsTrue("hidden");
  next_column_ = 0;
  return absl::OkStatus();
}

absl::Status SheetHandler::StartCell(const XmlAttributes& attributes) {
  const absl::string_view reference = attributes.Get("r");
  column_ = next_column_;
  uint32_t row = row_number_;
  if (!reference.empty() && !ParseReference(reference, &column_, &row)) {
    return absl::DataLossError(
        absl::StrCat("row ", row_number_, " has a cell \"", GivenText(reference), "\", which no sheet has."));
  }
  if (row != row_number_ || column_ < next_column_ || column_ >= kMaxColumns) {
    return absl::DataLossError(
        absl::StrCat("row ", row_number_, " has the cell ", GivenText(reference), " where it does not belong."));
  }
  next_column_ = column_ + 1;
  const absl::string_view type = attributes.Get("t");
  type_.assign(type.data(), type.size());
  style_ = 0;
  if (const absl::string_view style = attributes.Get("s"); !style.empty() && !absl::SimpleAtoi(style, &style_)) {
    return absl::DataLossError(
        absl::StrCat("row ", row_number_, " has a cell of the style \"", GivenText(style), "\"."));
  }
  has_formula_ = false;
  formula_.clear();
  value_.clear();
  return absl::OkStatus();
}

// Only a note comes of it, so what makes no sense is passed over.
void SheetHandler::TakeColumns(const XmlAttributes& attributes) {
  size_t first = 0;
  size_t last = 0;
  if (!attributes.IsTrue("hidden") || !absl::SimpleAtoi(attributes.Get("min"), &first) ||
      !absl::SimpleAtoi(attributes.Get("max"), &last) || first == 0 || first > last || last > kMaxColumns) {
    return;
  }
  if (hidden_columns_.size() < last) hidden_columns_.resize(last);
  std::fill(hidden_columns_.begin() + static_cast<std::ptrdiff_t>(first - 1),
            hidden_columns_.begin() + static_cast<std::ptrdiff_t>(last), true);
}

absl::Status SheetHandler::TakeMergedRange(absl::string_view reference) {
  const size_t colon = reference.find(':');
  MergedRange range;
  if (colon == absl::string_view::npos ||
      !ParseReference(reference.substr(0, colon), &range.first_column, &range.first_row) ||
      !ParseReference(reference.substr(colon + 1), &range.last_column, &range.last_row)) {
    return absl::DataLossError(absl::StrCat("it merges the cells \"", GivenText(reference), "\", which no sheet has."));
  }
  if (merged_ranges_.size() >= kMaxMergedRanges) {
    return absl::ResourceExhaustedError(absl::StrCat("it merges cells more than ", kMaxMergedRanges, " times."));
  }
  merged_ranges_.push_back(range);
  return absl::OkStatus();
}

absl::StatusOr<std::string> SheetHandler::ShownText(bool* is_without_value) const {
  // The result of a formula may be an empty text, and then it says that it is a text.
  if (has_formula_ && value_.empty() && type_ != "str") {
    *is_without_value = true;
    return absl::StrCat("=", formula_);
  }
  if (type_ == "s") {
    if (Trim(value_).empty()) return std::string();
    size_t index = 0;
    if (!absl::SimpleAtoi(value_, &index) || index >= parts_.texts.size()) {
      return absl::DataLossError(absl::StrCat("row ", row_number_, " refers to the text ", GivenText(value_),
                                              "; there are ", parts_.texts.size(), "."));
    }
    return std::string(parts_.texts.Get(index));
  }
  if (type_ == "b") return std::string(value_ == "1" ? "TRUE" : value_ == "0" ? "FALSE" : value_);
  if (type_ == "e") {
    *is_without_value = true;
    return value_;
  }
  if (type_ == "str" || type_ == "inlineStr") return FromExcelText(value_);
  if (!type_.empty() && type_ != "n") return value_;  // "d" is a date as it is shown here as well.
  const NumberLook look = style_ < parts_.looks.size() ? parts_.looks[style_] : NumberLook::kNumber;
  return ShownNumber(value_, look, parts_.from_1904);
}

absl::Status SheetHandler::EndCell() {
  if (builder_->is_stopped()) return absl::OkStatus();
  bool is_without_value = false;
  const absl::StatusOr<std::string> text = ShownText(&is_without_value);
  if (!text.ok()) return text.status();
  if (Trim(*text).empty()) return absl::OkStatus();  // Many blank cells have a style.
  const absl::Status status = CheckBudget(column_ + 1 - builder_->row_cells(), text->size());
  if (!status.ok()) return status;
  while (builder_->row_cells() < column_) builder_->AddCell("");
  builder_->AddCell(*text, is_without_value);
  return absl::OkStatus();
}

absl::Status SheetHandler::EndRow() {
  if (builder_->is_stopped() || builder_->row_cells() == 0) return absl::OkStatus();
  const absl::Status status = CheckBudget(builder_->table().headings().size(), 0);
  if (!status.ok()) return status;
  builder_->EndRow(row_number_, /*is_padded=*/true, row_is_hidden_);
  return absl::OkStatus();
}

absl::Status SheetHandler::CheckBudget(size_t more_cells, size_t more_text_bytes) const {
  if (builder_->cell_count() + more_cells > budget_.cells) {
    return absl::ResourceExhaustedError(absl::StrCat("there are more than the ", kMaxWorkbookCells,
                                                     " cells that are taken, blank ones among others included."));
  }
  if (builder_->text_bytes() + more_text_bytes > budget_.text_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the cells have more than the ", kMaxWorkbookTextBytes >> 20, " MB of text that are taken."));
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::client
