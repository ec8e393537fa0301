#include "client/rule_table.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/enum_name.h"

namespace quartermaster::client {
namespace {

struct RuleRow {
  std::string id;
  std::string about;  // the field or indicator; empty for a rule over several fields
  schema::v1::Severity severity;
  schema::v1::Class rule_class;
  std::string since;
  bool shadow;
  std::string text;
  std::string hint;
  const SumOfParts* sum = nullptr;
};

std::string With(const Decimal& number, const std::string& unit) {
  if (unit.empty()) return number.ToString();
  return absl::StrCat(number.ToString(), " ", unit);
}

std::string RangeText(const absl::optional<Decimal>& minimum, const absl::optional<Decimal>& maximum) {
  if (minimum && maximum) return absl::StrCat(minimum->ToString(), " to ", maximum->ToString());
  if (minimum) return absl::StrCat("at least ", minimum->ToString());
  if (maximum) return absl::StrCat("at most ", maximum->ToString());
  return "";
}

std::string ChangeText(const ChangeLimit& limit, const FieldSchema& field, absl::string_view before) {
  std::string text = absl::StrCat("Moves by over ", limit.percent.ToString(), " %");
  if (limit.absolute != Decimal()) absl::StrAppend(&text, " and over ", With(limit.absolute, field.unit));
  absl::StrAppend(&text, " since ", before);
  if (limit.least_base != Decimal()) absl::StrAppend(&text, ", if it was ", limit.least_base.ToString(), " or more");
  return text + ".";
}

std::string OpeningText(const OpeningRule& opening, const FieldSchema& field, const ServiceSchema& service) {
  const std::string& closing = service.fields()[static_cast<size_t>(opening.closing)].path;
  if (opening.tolerance == Decimal()) return absl::StrCat("Is not ", closing, " of the period before.");
  return absl::StrCat("Is over ", With(opening.tolerance, field.unit), " from ", closing, " of the period before.");
}

std::string FarText(const Decimal& spreads, const IndicatorSchema& indicator, absl::string_view whose) {
  return absl::StrCat("Is over ", spreads.ToString(), " spreads and over ",
                      With(indicator.exceptional->absolute, indicator.unit), " from the median of ", whose, ".");
}

// The paths of the parts; a group of which all fields are parts is "group.*".
std::vector<std::string> PartNames(const SumOfParts& sum, const ServiceSchema& service) {
  const auto is_part = [&sum](int index) {
    return std::find(sum.parts.begin(), sum.parts.end(), index) != sum.parts.end();
  };
  std::vector<std::string> names;
  for (const int part : sum.parts) {
    const std::string& path = service.fields()[static_cast<size_t>(part)].path;
    const std::string group = path.substr(0, path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
    const bool is_whole =
        !group.empty() && std::all_of(service.fields().begin(), service.fields().end(), [&](const FieldSchema& field) {
          return !absl::StartsWith(field.path, group) || is_part(field.index);
        });
    std::string name = is_whole ? group + "*" : path;
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

std::string SumText(const SumOfParts& sum, const ServiceSchema& service) {
  const FieldSchema& total = service.fields()[static_cast<size_t>(sum.total)];
  return absl::StrCat(absl::StrJoin(PartNames(sum, service), " + "), " = ", total.path,
                      sum.tolerance == Decimal() ? "" : absl::StrCat(", within ", sum.tolerance.ToString()));
}

std::vector<RuleRow> RuleRows(const ServiceSchema& service) {
  std::vector<RuleRow> rows;
  for (const RuleSchema& rule : service.rules()) {
    rows.push_back({rule.id, "", rule.severity, rule.rule_class, rule.since ? rule.since->ToString() : "", rule.shadow,
                    rule.message, rule.hint, std::get_if<SumOfParts>(&rule.condition)});
  }
  return rows;
}

std::vector<RuleRow> ComparisonRows(const ServiceSchema& service) {
  std::vector<RuleRow> rows;
  const auto add = [&rows](absl::string_view rule, const std::string& about, schema::v1::Class rule_class, bool shadow,
                           std::string text) {
    rows.push_back(
        {std::string(rule), about, schema::v1::SEVERITY_QUERY, rule_class, "", shadow, std::move(text), "", nullptr});
  };
  for (const FieldSchema& field : service.fields()) {
    const schema::v1::Class rule_class = schema::v1::CLASS_HISTORICAL;
    if (field.change) {
      add("change", field.path, rule_class, field.change->shadow,
          ChangeText(*field.change, field, "the period before"));
    }
    if (field.change_in_year) {
      add("change-in-year", field.path, rule_class, field.change_in_year->shadow,
          ChangeText(*field.change_in_year, field, "the period a year before"));
    }
    if (field.continuous)
      add("vanished", field.path, rule_class, false, "Has no value, and had one the period before.");
    if (field.opening) {
      add("opening", field.path, rule_class, false, OpeningText(*field.opening, field, service));
    }
  }
  for (const IndicatorSchema& indicator : service.indicators()) {
    if (!indicator.exceptional) continue;
    const ExceptionalLimit& limit = *indicator.exceptional;
    const schema::v1::Class rule_class = schema::v1::CLASS_EXCEPTIONAL;
    if (limit.own) {
      add("exceptional-own", indicator.name(), rule_class, limit.shadow,
          FarText(*limit.own, indicator, "its own past"));
    }
    if (limit.national) {
      add("exceptional-national", indicator.name(), rule_class, limit.shadow,
          FarText(*limit.national, indicator, "the others"));
    }
  }
  return rows;
}

// What else there is to know of a rule, in square brackets behind its text.
std::string Notes(const RuleRow& row, const ServiceSchema& service) {
  std::vector<std::string> notes;
  if (row.sum != nullptr) notes.push_back(SumText(*row.sum, service));
  if (!row.since.empty()) notes.push_back(absl::StrCat("from ", row.since));
  if (row.shadow) notes.push_back("on trial: stewards only");
  return notes.empty() ? "" : absl::StrCat(" [", absl::StrJoin(notes, "; "), "]");
}

}  // namespace

std::string RangeOf(const FieldSchema& field) {
  const std::string first = RangeText(field.minimum, field.maximum);
  std::string text;
  // What holds now comes first.
  for (auto range = field.tightened.rbegin(); range != field.tightened.rend(); ++range) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "from ", range->since.ToString(), ": ",
                    RangeText(range->minimum, range->maximum));
  }
  if (text.empty()) return first;
  return absl::StrCat(text, ", before: ", first.empty() ? "any" : first);
}

Table RulesForPeople(const ServiceSchema& service) {
  Table table{{{"RULE"}, {"SEVERITY"}, {"WHAT IS WRONG"}}, {}};
  for (const RuleRow& row : RuleRows(service)) {
    table.rows.push_back({row.id, EnumName(row.severity), row.text + Notes(row, service)});
  }
  return table;
}

Table ComparisonsForPeople(const ServiceSchema& service) {
  Table table{{{"FIELD OR INDICATOR"}, {"RULE"}, {"QUERIED WHERE IT"}}, {}};
  for (const RuleRow& row : ComparisonRows(service)) {
    std::string text = row.text;
    text.front() = absl::ascii_tolower(static_cast<unsigned char>(text.front()));
    text.pop_back();  // The full stop.
    table.rows.push_back({row.about, row.id, text + Notes(row, service)});
  }
  return table;
}

Table RuleTable(const CollectionSchema& schema, const std::string& service_id) {
  Table table{{{"service"},
               {"rule"},
               {"about"},
               {"severity"},
               {"class"},
               {"since"},
               {"on_trial"},
               {"message"},
               {"hint"},
               {"total"},
               {"parts"},
               {"tolerance"}},
              {}};
  for (const auto& service : schema.services()) {
    if (!service_id.empty() && service->id() != service_id) continue;
    std::vector<RuleRow> rows = RuleRows(*service);
    for (RuleRow& row : ComparisonRows(*service)) rows.push_back(std::move(row));
    for (const RuleRow& row : rows) {
      std::vector<std::string> parts;
      for (const int part : row.sum == nullptr ? std::vector<int>() : row.sum->parts) {
        parts.push_back(service->fields()[static_cast<size_t>(part)].path);
      }
      table.rows.push_back({service->id(), row.id, row.about, EnumName(row.severity), EnumName(row.rule_class),
                            row.since, row.shadow ? "yes" : "no", row.text, row.hint,
                            row.sum == nullptr ? "" : service->fields()[static_cast<size_t>(row.sum->total)].path,
                            absl::StrJoin(parts, "; "), row.sum == nullptr ? "" : row.sum->tolerance.ToString()});
    }
  }
  return table;
}

}  // namespace quartermaster::client
