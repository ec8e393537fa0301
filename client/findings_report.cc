#include "client/findings_report.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/text.h"

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

void PrintPlace(const ReportedFinding& reported, const std::string& group_message, std::ostream& out) {
  const v1::Finding& finding = reported.finding;
  std::string line = DescribePlace(finding);
  const auto add = [&line](absl::string_view separator, absl::string_view text) {
    absl::StrAppend(&line, line.empty() ? "" : separator, text);
  };
  if (!reported.about.empty()) add(" ", absl::StrCat("(", reported.about, ")"));
  std::string values;
  if (!finding.given().empty()) absl::StrAppend(&values, "given ", finding.given());
  if (!finding.expected().empty())
    absl::StrAppend(&values, values.empty() ? "" : "; ", "expected ", finding.expected());
  if (!values.empty()) add(": ", values);
  if (finding.message() != group_message) add(": ", finding.message());
  if (!line.empty()) out << "    " << Printable(line) << '\n';
}

using Group = std::vector<const ReportedFinding*>;

// Splits findings by a key, in the order in which the keys come first.
template <typename KeyOf>
std::vector<Group> GroupBy(const Group& findings, const KeyOf& key_of) {
  std::map<std::string, size_t> group_of;
  std::vector<Group> groups;
  for (const ReportedFinding* reported : findings) {
    const auto [place, is_new] = group_of.emplace(key_of(reported->finding), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(reported);
  }
  return groups;
}

void PrintField(const Group& group, std::ostream& out) {
  const std::string& message = group.front()->finding.message();
  out << "  " << Printable(message) << (group.size() == 1 ? "" : absl::StrCat(" (", group.size(), " times)")) << '\n';
  for (size_t i = 0; i < group.size() && i < kMaxShownPlaces; ++i) PrintPlace(*group[i], message, out);
  if (group.size() > kMaxShownPlaces) {
    out << "    and " << group.size() - kMaxShownPlaces << " more; --output csv lists them all\n";
  }
}

void PrintRule(const Group& group, std::ostream& out) {
  const v1::Finding& first = group.front()->finding;
  out << SeverityName(first) << ' ' << ClassName(first) << ' ' << Printable(first.rule_id())
      << (group.size() == 1 ? "" : absl::StrCat(" (", group.size(), " times)")) << '\n';
  const std::vector<Group> fields = GroupBy(group, [](const v1::Finding& finding) { return finding.field(); });
  for (size_t i = 0; i < fields.size() && i < kMaxShownFields; ++i) {
    PrintField(fields[i], out);
    // Fields that follow each other often have the same hint.
    const std::string& hint = fields[i].front()->finding.hint();
    const bool said_later =
        i + 1 < fields.size() && i + 1 < kMaxShownFields && fields[i + 1].front()->finding.hint() == hint;
    if (!hint.empty() && !said_later) out << "  -> " << Printable(hint) << '\n';
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
  return {SeverityName(finding),
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

std::string SeverityName(const v1::Finding& finding) {
  const std::string name = schema::v1::Severity_Name(finding.severity());
  return absl::StartsWith(name, "SEVERITY_") ? name.substr(9) : name;
}

}  // namespace quartermaster::client
