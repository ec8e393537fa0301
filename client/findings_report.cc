#include "client/findings_report.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/paragraph.h"
#include "client/text.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

using schema::v1::SEVERITY_ERROR;
using schema::v1::SEVERITY_QUERY;

std::string ClassName(const v1::Finding& finding) {
  const std::string name = schema::v1::Class_Name(finding.class_());
  return absl::StartsWith(name, "CLASS_") ? name.substr(6) : name;
}

// "sample.csv row 3, column beds", as far as it is known.
std::string DescribePlace(const v1::Finding& finding) {
  std::string place = finding.file();
  if (!finding.sheet().empty()) absl::StrAppend(&place, " sheet ", finding.sheet());
  if (finding.has_row()) absl::StrAppend(&place, " row ", finding.row());
  if (!finding.column().empty()) absl::StrAppend(&place, ", column ", finding.column());
  return place;
}

// The group of a "group.name = 12", or empty.
std::string GroupOf(const std::string& item) {
  const size_t point = item.substr(0, item.find(" = ")).rfind('.');
  return point == std::string::npos ? "" : item.substr(0, point);
}

// A rule over several fields gives "staff.nursing = 5, staff.medical = 2, beds = 12". People read, in parts that stay
// together, "staff (nursing = 5, medical = 2), beds = 12".
std::vector<std::string> GivenFields(const std::string& given) {
  const std::vector<std::string> items = absl::StrSplit(given, ", ");
  std::vector<std::string> parts;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string group = GroupOf(items[i]);
    const bool begins = !group.empty() && (i == 0 || GroupOf(items[i - 1]) != group);
    const bool ends = !group.empty() && (i + 1 == items.size() || GroupOf(items[i + 1]) != group);
    std::string part = items[i];
    if (!group.empty() && !(begins && ends)) {
      part = absl::StrCat(begins ? group + " (" : "", part.substr(group.size() + 1), ends ? ")" : "");
    }
    parts.push_back(absl::StrCat(part, i + 1 == items.size() ? "" : ","));
  }
  return parts;
}

bool GivesSeveralFields(const v1::Finding& finding) {
  static const RE2& fields = *new RE2(R"([a-z][a-z0-9_.]* = .*, [a-z][a-z0-9_.]* = .*)");
  return RE2::FullMatch(finding.given(), fields);
}

// "given 500000; expected at most 400000", in parts that stay together.
std::vector<std::string> DescribeValues(const v1::Finding& finding) {
  std::vector<std::string> parts;
  if (!finding.given().empty()) {
    parts = GivesSeveralFields(finding) ? GivenFields(finding.given()) : Words(finding.given());
    parts.insert(parts.begin(), "given");
  }
  if (!finding.expected().empty()) {
    if (!parts.empty()) parts.back() += ';';
    parts.push_back("expected");
    for (std::string& word : Words(finding.expected())) parts.push_back(std::move(word));
  }
  return parts;
}

// One line if it fits; else the place, which is left whole to be searched for, and below it what is said about it.
void PrintPlace(const ReportedFinding& reported, const std::string& group_message, std::ostream& out) {
  constexpr absl::string_view kIndent = "    ";
  constexpr size_t kDeepIndent = kIndent.size() + 2;
  const v1::Finding& finding = reported.finding;
  std::vector<std::string> place;
  if (std::string described = DescribePlace(finding); !described.empty()) place.push_back(std::move(described));
  if (!reported.about.empty()) place.push_back(absl::StrCat("(", reported.about, ")"));
  const std::vector<std::string> values = DescribeValues(finding);
  const std::string message = finding.message() == group_message ? "" : finding.message();

  std::vector<std::string> statements;
  for (const std::string& text : {absl::StrJoin(place, " "), absl::StrJoin(values, " "), message}) {
    if (!text.empty()) statements.push_back(text);
  }
  if (statements.empty()) return;
  const std::string line = Printable(absl::StrJoin(statements, ": "));
  if (kIndent.size() + DisplayWidth(line) <= kLineColumns) {
    out << kIndent << line << '\n';
    return;
  }
  const std::string deep_start(kDeepIndent, ' ');
  if (!place.empty()) PrintFilled(kIndent, kDeepIndent, place, out);
  if (!values.empty()) PrintFilled(deep_start, kDeepIndent + 2, values, out);
  if (!message.empty()) PrintFilled(deep_start, kDeepIndent + 2, Words(message), out);
}

using Group = std::vector<const ReportedFinding*>;

// Splits findings by what they have in common, such as their rule, in the order in which it comes first.
template <typename Attribute>
std::vector<Group> GroupBy(const Group& findings, const Attribute& attribute) {
  std::map<std::string, size_t> group_of;
  std::vector<Group> groups;
  for (const ReportedFinding* reported : findings) {
    const auto [place, is_new] = group_of.emplace(attribute(reported->finding), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(reported);
  }
  return groups;
}

// `is_only_field`: the heading of the rule has said how often.
void PrintField(const Group& group, bool is_only_field, std::ostream& out) {
  const std::string& message = group.front()->finding.message();
  std::vector<std::string> words = Words(message);
  if (group.size() > 1 && !is_only_field) words.push_back(absl::StrCat("(", group.size(), " times)"));
  PrintFilled("  ", 4, words, out);
  for (size_t i = 0; i < group.size() && i < kMaxShownPlaces; ++i) PrintPlace(*group[i], message, out);
  if (group.size() > kMaxShownPlaces) {
    out << "    and " << group.size() - kMaxShownPlaces << " more; --output csv lists them all\n";
  }
}

void PrintRule(const Group& group, std::ostream& out) {
  const v1::Finding& first = group.front()->finding;
  out << SeverityName(first.severity()) << ' ' << ClassName(first) << ' ' << Printable(first.rule_id())
      << (group.size() == 1 ? "" : absl::StrCat(" (", group.size(), " times)")) << '\n';
  const std::vector<Group> fields = GroupBy(group, [](const v1::Finding& finding) { return finding.field(); });
  for (size_t i = 0; i < fields.size() && i < kMaxShownFields; ++i) {
    PrintField(fields[i], fields.size() == 1, out);
    // Fields that follow each other often have the same hint.
    const std::string& hint = fields[i].front()->finding.hint();
    const bool said_later =
        i + 1 < fields.size() && i + 1 < kMaxShownFields && fields[i + 1].front()->finding.hint() == hint;
    if (!hint.empty() && !said_later) PrintFilled("  -> ", 5, Words(hint), out);
  }
  if (fields.size() > kMaxShownFields) {
    out << "  and " << fields.size() - kMaxShownFields << " more fields; --output csv lists them all\n";
  }
}

}  // namespace

void PrintFindings(const std::vector<ReportedFinding>& findings, std::ostream& out) {
  for (const auto severity : {SEVERITY_ERROR, SEVERITY_QUERY, schema::v1::SEVERITY_INFO}) {
    Group of_severity;
    for (const ReportedFinding& reported : findings) {
      if (reported.finding.severity() == severity) of_severity.push_back(&reported);
    }
    for (const Group& rule : GroupBy(of_severity, [](const v1::Finding& finding) { return finding.rule_id(); })) {
      PrintRule(rule, out);
    }
  }
}

std::vector<Column> FindingColumns() {
  return {{"severity"},  {"class"},  {"rule_id"}, {"field"},    {"file"},    {"sheet"},
          {"row", true}, {"column"}, {"given"},   {"expected"}, {"message"}, {"hint"}};
}

std::vector<std::string> FindingCells(const v1::Finding& finding) {
  return {SeverityName(finding.severity()),
          ClassName(finding),
          finding.rule_id(),
          finding.field(),
          finding.file(),
          finding.sheet(),
          finding.has_row() ? absl::StrCat(finding.row()) : "",
          finding.column(),
          finding.given(),
          finding.expected(),
          finding.message(),
          finding.hint()};
}

std::string CountFindings(const google::protobuf::RepeatedPtrField<v1::Finding>& findings) {
  size_t errors = 0, queries = 0, others = 0;
  for (const v1::Finding& finding : findings) {
    ++(finding.severity() == SEVERITY_ERROR ? errors : finding.severity() == SEVERITY_QUERY ? queries : others);
  }
  std::string text;
  for (const auto& [count, noun] :
       {std::pair(errors, "error"), std::pair(queries, "query"), std::pair(others, "note")}) {
    if (count > 0) absl::StrAppend(&text, text.empty() ? "" : ", ", Count(count, noun));
  }
  return text;
}

std::string Count(size_t count, absl::string_view noun) {
  if (count == 1) return absl::StrCat("1 ", noun);
  if (absl::EndsWith(noun, "y")) return absl::StrCat(count, " ", noun.substr(0, noun.size() - 1), "ies");
  return absl::StrCat(count, " ", noun, "s");
}

std::string SeverityName(schema::v1::Severity severity) {
  const std::string name = schema::v1::Severity_Name(severity);
  return absl::StartsWith(name, "SEVERITY_") ? name.substr(9) : name;
}

}  // namespace quartermaster::client
