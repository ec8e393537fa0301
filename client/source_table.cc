#include "client/source_table.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cell_value.h"

namespace quartermaster::client {
namespace {

// What the rules say about one value alone names it as `given`; what they say about several lists them as "field =
// value".
bool GivesOneValue(const v1::Finding& finding) {
  return !finding.given().empty() && finding.given().find(" = ") == std::string::npos;
}

}  // namespace

SourceTable::SourceTable(std::string file, std::shared_ptr<const CsvTable> table)
    : file_(std::move(file)), table_(std::move(table)) {
  for (size_t column = 0; column < table_->headings().size(); ++column) {
    if (table_->headings()[column].empty()) continue;
    columns_.emplace(absl::AsciiStrToLower(table_->headings()[column]), column);
  }
  is_long_ = columns_.contains("field") && columns_.contains("value");
}

absl::optional<size_t> SourceTable::FindColumn(absl::string_view name) const {
  const auto found = columns_.find(absl::AsciiStrToLower(name));
  if (found == columns_.end()) return absl::nullopt;
  return found->second;
}

std::string Origin::Describe() const { return absl::StrCat(source_->file(), " row ", row_number()); }

void Origin::Locate(google::protobuf::RepeatedPtrField<v1::Finding>* findings) const {
  for (v1::Finding& finding : *findings) LocateOne(&finding);
}

absl::optional<size_t> Origin::FindColumn(const std::string& field) const {
  if (const absl::optional<size_t> column = source_->FindColumn(field)) return column;
  if (meant_ == nullptr) return absl::nullopt;
  const auto found = meant_->find(field);
  if (found == meant_->end()) return absl::nullopt;
  return found->second;
}

void Origin::LocateOne(v1::Finding* finding) const {
  if (!finding->file().empty()) return;  // It was made with its place.
  size_t row = row_;
  absl::optional<size_t> column;
  if (const auto found = field_rows_.find(finding->field()); found != field_rows_.end()) {
    row = found->second;
    // The name itself is wrong where no field has it.
    column = source_->FindColumn(finding->class_() == schema::v1::CLASS_STRUCTURE ? "field" : "value");
  } else {
    column = FindColumn(finding->field());
  }
  finding->set_file(source_->file());
  finding->set_row(source_->table().row_number(row));
  if (!column) return;
  SetColumn(source_->table(), *column, finding);

  const absl::string_view text = source_->table().cell(row, *column);
  if (text.empty() || !GivesOneValue(*finding)) return;
  if (finding->class_() == schema::v1::CLASS_INVALID) {
    finding->set_given(GivenText(text));
  }
  // In a column of numbers 1.1E+08 is a number.
  const bool is_number =
      finding->rule_id() != "type" && ParseNumber(text) && finding->class_() == schema::v1::CLASS_INVALID;
  const std::string damage = is_number ? "" : SpreadsheetDamageHint(text, finding->field() == "period");
  if (damage.empty()) return;
  finding->set_hint(finding->hint().empty() ? damage : absl::StrCat(finding->hint(), " ", damage));
}

}  // namespace quartermaster::client
