#include "client/template_sheets.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/collection_table.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kChoicesPrefix = "choices of ";

}  // namespace

Table TemplateTable(const ServiceSchema& service, const KeyOptions& keys) {
  Table table{{{"participant"}, {"period"}, {"service"}, {"collection"}}, {}};
  std::vector<std::string> row = {keys.participant, keys.period, keys.service, keys.collection};
  for (const FieldSchema& field : service.fields()) table.columns.push_back({field.path});
  row.resize(table.columns.size());
  table.rows.push_back(std::move(row));
  return table;
}

std::string DescribeField(const FieldSchema& field) {
  const std::string limits = LimitsOf(field);
  std::string text = field.label;
  if (!field.unit.empty()) absl::StrAppend(&text, " (", field.unit, ")");
  absl::StrAppend(&text, "\n", TypeNameOf(field), limits.empty() ? "" : absl::StrCat(": ", limits));
  const std::string required = RequiredOf(field);
  absl::StrAppend(&text, "\nrequired: ", required,
                  field.allow_not_available ? "; NA, or NA (why), for a value that is not available" : "");
  if (!field.definition.empty()) absl::StrAppend(&text, "\n", field.definition);
  return text;
}

std::string ChoicesHeading(absl::string_view path) { return absl::StrCat(kChoicesPrefix, path); }

std::vector<std::string> ChoicesOf(const FieldSchema& field) {
  std::vector<std::string> choices;
  if (field.type == ValueType::kBool) choices = {"yes", "no"};
  for (const Choice& choice : field.choices) choices.push_back(choice.label);
  if (!choices.empty() && field.allow_not_available) choices.push_back("NA");
  return choices;
}

bool IsOwnExplanation(const std::vector<std::string>& headings) {
  const std::vector<Column> columns = FieldColumns();
  return std::all_of(headings.begin(), headings.end(),
                     [](const std::string& heading) { return absl::StartsWith(heading, kChoicesPrefix); }) ||
         std::equal(headings.begin(), headings.end(), columns.begin(), columns.end(),
                    [](const std::string& heading, const Column& column) { return heading == column.heading; });
}

}  // namespace quartermaster::client
