#include "client/source_table.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cell_value.h"
#include "client/field_names.h"
#include "client/hidden_characters.h"
#include "client/text.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

// What the rules say about one value alone names it as `given`; what they say about several lists them as "field =
// value".
bool GivesOneValue(const v1::Finding& finding) {
  return !finding.given().empty() && finding.given().find(" = ") == std::string::npos;
}

void AddHint(absl::string_view hint, v1::Finding* finding) {
  if (hint.empty()) return;
  finding->set_hint(finding->hint().empty() ? std::string(hint) : absl::StrCat(finding->hint(), " ", hint));
}

// Adds what the cell shows about its mistake.
void AdviseOnCell(absl::string_view text, bool is_without_value, v1::Finding* finding) {
  if (is_without_value) {
    finding->set_hint(text[0] == '='
                          ? "The cell has a formula whose result is not in the file: open it in Excel, which "
                            "calculates, and save it; or write the value itself."
                          : "Excel shows an error in this cell: correct its formula, or write the value itself.");
    return;
  }
  if (finding->rule_id() == "participant-code") {
    const std::string code = absl::AsciiStrToUpper(VisibleText(text));
    if (code != text && ParticipantCodeProblem(code).empty()) finding->set_hint(absl::StrCat("Write ", code, "."));
  }
  const bool is_invalid = finding->class_() == schema::v1::CLASS_INVALID;
  if (is_invalid || finding->class_() == schema::v1::CLASS_STRUCTURE) AddHint(HiddenCharacterHint(text), finding);
  // In a column of numbers 1.1E+08 is a number.
  const bool is_number = is_invalid && finding->rule_id() != "type" && ParseNumber(text);
  if (!is_number) AddHint(SpreadsheetDamageHint(text, finding->field() == "period"), finding);
}

}  // namespace

SourceTable::SourceTable(TablePlace place, std::shared_ptr<const CellTable> table,
                         std::vector<v1::ReturnContent> beside)
    : place_(std::move(place)), table_(std::move(table)), beside_(std::move(beside)) {
  for (size_t column = 0; column < table_->headings().size(); ++column) {
    if (table_->headings()[column].empty()) continue;
    columns_.emplace(absl::AsciiStrToLower(table_->headings()[column]), column);
    folded_columns_.emplace(FoldedName(table_->headings()[column]), column);
  }
  is_long_ = FindColumn("field") && FindColumn("value");
}

absl::optional<size_t> SourceTable::FindColumn(absl::string_view name) const {
  if (const auto found = columns_.find(absl::AsciiStrToLower(name)); found != columns_.end()) return found->second;
  if (const auto found = folded_columns_.find(FoldedName(name)); found != folded_columns_.end()) return found->second;
  return absl::nullopt;
}

Origin Origin::OfRaggedRow(std::shared_ptr<const SourceTable> source, size_t ragged_row) {
  Origin origin(std::move(source), ragged_row);
  origin.is_ragged_ = true;
  return origin;
}

uint32_t Origin::row_number() const {
  return is_ragged_ ? source_->table().ragged_rows()[row_].number : source_->table().row_number(row_);
}

std::string Origin::Describe() const { return absl::StrCat(source_->place().Describe(), " row ", row_number()); }

void Origin::Locate(v1::Verdict* verdict) const {
  const TablePlace& place = source_->place();
  verdict->set_file(place.file);
  if (place.is_sheet()) verdict->set_sheet(place.sheet);
  if (row_number() > 0) verdict->set_row(row_number());
  Locate(verdict->mutable_findings());
}

void Origin::Locate(google::protobuf::RepeatedPtrField<v1::Finding>* findings) const {
  for (v1::Finding& finding : *findings) LocateOne(&finding);
}

absl::optional<size_t> Origin::FindColumn(const std::string& field) const {
  if (meant_ != nullptr) {
    if (const auto found = meant_->find(field); found != meant_->end()) return found->second;
  }
  return source_->FindColumn(field);
}

void Origin::LocateOne(v1::Finding* finding) const {
  if (!finding->file().empty()) return;  // It was made with its place.
  size_t row = row_;
  absl::optional<size_t> column;
  const auto field_row = field_rows_.find(finding->field());
  const bool has_field_row = field_row != field_rows_.end();
  if (has_field_row) {
    row = field_row->second;
    // The name itself is wrong where no field has it.
    column = source_->FindColumn(finding->class_() == schema::v1::CLASS_STRUCTURE ? "field" : "value");
  } else {
    column = FindColumn(finding->field());
  }
  source_->place().Set(finding);
  finding->set_row(has_field_row ? source_->table().row_number(row) : row_number());
  // Nobody knows which cell of a ragged row belongs to a column.
  if (!column || (is_ragged_ && !has_field_row)) return;
  SetColumn(source_->table(), *column, finding);

  const absl::string_view text = source_->table().cell(row, *column);
  if (text.empty() || !GivesOneValue(*finding)) return;
  if (finding->class_() == schema::v1::CLASS_INVALID) {
    finding->set_given(GivenText(text));
  }
  AdviseOnCell(text, source_->table().IsWithoutValue(row, *column), finding);
}

}  // namespace quartermaster::client
