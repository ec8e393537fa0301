#include "client/collection_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/paragraph.h"
#include "client/rule_table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxShownChoices = 6;  // Of a field in a table for people.

std::string Choices(const FieldSchema& field, size_t most) {
  std::vector<std::string> labels;
  for (const Choice& choice : field.choices) {
    if (labels.size() == most) break;
    labels.push_back(choice.label);
  }
  return absl::StrCat(absl::StrJoin(labels, "; "), field.choices.size() > most ? "; ..." : "");
}

void PrintRulesAndIndicators(const ServiceSchema& service, std::ostream& out) {
  for (const Table& rules : {RulesForPeople(service), ComparisonsForPeople(service)}) {
    if (rules.rows.empty()) continue;
    out << '\n';
    PrintAligned(rules, out);
  }
  if (!service.indicators().empty()) {
    Table indicators{{{"INDICATOR"}, {"CATEGORY"}, {"UNIT"}, {"TITLE"}}, {}};
    for (const IndicatorSchema& indicator : service.indicators()) {
      indicators.rows.push_back({indicator.id, indicator.category, indicator.unit, indicator.title});
    }
    out << '\n';
    PrintAligned(indicators, out);
  }
}

std::string CadenceNames(const v1::Collection& collection) {
  std::string names;
  for (const int cadence : collection.cadence()) {
    const std::string name = schema::v1::Cadence_Name(static_cast<schema::v1::Cadence>(cadence));
    if (name.size() <= sizeof("CADENCE_")) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", absl::AsciiStrToLower(name.substr(sizeof("CADENCE_") - 1)));
  }
  return names;
}

}  // namespace

std::string TypeNameOf(const FieldSchema& field) {
  switch (field.type) {
    case ValueType::kInt:
      return "whole number";
    case ValueType::kDouble:
      return absl::StrCat("number, ", field.places, field.places == 1 ? " decimal" : " decimals");
    case ValueType::kBool:
      return "yes or no";
    case ValueType::kChoice:
      return "choice";
    case ValueType::kString:
      break;
  }
  return "text";
}

std::string LimitsOf(const FieldSchema& field) {
  if (field.type == ValueType::kChoice) return Choices(field, kMaxShownChoices);
  if (field.type == ValueType::kString) {
    return absl::StrCat("at most ", field.max_length, " characters",
                        field.pattern ? absl::StrCat(" like ", field.pattern->pattern()) : "");
  }
  return RangeOf(field);
}

std::string RequiredOf(const FieldSchema& field) {
  if (!field.required) return "no";
  return field.required_since ? absl::StrCat("from ", field.required_since->ToString()) : "yes";
}

Table CollectionTable(const google::protobuf::RepeatedPtrField<v1::Collection>& collections, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"COLLECTION"},     {"VERSION", true}, {"PERIODS"}, {"FIRST"},
                     {"SERVICES", true}, {"PUBLISHED"},     {"TITLE"}};
  } else {
    table.columns = {{"id"},           {"version", true}, {"cadence"}, {"first_period"}, {"services", true},
                     {"publish_time"}, {"title"}};
  }
  for (const v1::Collection& collection : collections) {
    table.rows.push_back({collection.id(), absl::StrCat(collection.version()), CadenceNames(collection),
                          collection.first_period(), absl::StrCat(collection.services_size()),
                          FormatTime(collection.publish_time()), collection.title()});
  }
  return table;
}

void PrintService(const ServiceSchema& service, std::ostream& out) {
  out << Printable(absl::StrCat(service.id(), ": ", service.title())) << '\n';
  if (!service.description().empty()) PrintFilled("", 0, Words(service.description()), out);
  Table fields{{{"FIELD"}, {"TYPE"}, {"REQUIRED"}, {"NA"}, {"LIMITS"}, {"UNIT"}, {"LABEL"}}, {}};
  for (const FieldSchema& field : service.fields()) {
    fields.rows.push_back({field.path, TypeNameOf(field), RequiredOf(field), field.allow_not_available ? "yes" : "no",
                           LimitsOf(field), field.unit, field.label});
  }
  out << '\n';
  PrintAligned(fields, out);
  PrintRulesAndIndicators(service, out);
}

std::vector<Column> FieldColumns() {
  return {{"service"},       {"field"},   {"label"},   {"type"},      {"unit"},    {"required"},
          {"not_available"}, {"minimum"}, {"maximum"}, {"tightened"}, {"choices"}, {"definition"}};
}

Table FieldTable(const CollectionSchema& schema, const std::string& service_id) {
  Table table{FieldColumns(), {}};
  for (const auto& service : schema.services()) {
    if (!service_id.empty() && service->id() != service_id) continue;
    for (const FieldSchema& field : service->fields()) {
      table.rows.push_back({service->id(), field.path, field.label, TypeNameOf(field), field.unit, RequiredOf(field),
                            field.allow_not_available ? "yes" : "no", field.minimum ? field.minimum->ToString() : "",
                            field.maximum ? field.maximum->ToString() : "",
                            field.tightened.empty() ? "" : RangeOf(field), Choices(field, field.choices.size()),
                            field.definition});
    }
  }
  return table;
}

}  // namespace quartermaster::client
