#include "client/findings_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/enum_name.h"
#include "client/finding_text.h"
#include "client/paragraph.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

using schema::v1::SEVERITY_ERROR;
using schema::v1::SEVERITY_INFO;
using schema::v1::SEVERITY_QUERY;

// Errors first. A severity that this program does not know yet comes last.
int OrderOf(schema::v1::Severity severity) {
  switch (severity) {
    case SEVERITY_ERROR:
      return 0;
    case SEVERITY_QUERY:
      return 1;
    case SEVERITY_INFO:
      return 2;
    default:
      return 3;
  }
}

std::vector<std::string> Lines(const std::string& message) { return absl::StrSplit(message, '\n'); }

// One line if it fits; else the place, which is left whole to be searched for, and below it what is said about it. A
// message of several lines has a list below its first.
void PrintPlace(const ReportedFinding& reported, const std::string& group_line, std::ostream& out) {
  constexpr absl::string_view kIndent = "    ";
  constexpr size_t kDeepIndent = kIndent.size() + 2;
  const v1::Finding& finding = reported.finding;
  const std::string described = DescribePlace(finding);
  std::vector<std::string> place;
  if (!reported.about.empty()) place.push_back(absl::StrCat(reported.about, described.empty() ? "" : ","));
  if (!described.empty()) place.push_back(absl::StrCat(reported.about.empty() ? "" : "in ", described));
  const std::vector<std::string> values = DescribeValues(finding);
  std::vector<std::string> lines = Lines(finding.message());
  if (lines.front() == group_line) lines.erase(lines.begin());
  if (reported.standing) lines.push_back(DescribeStanding(*reported.standing));
  lines.push_back(DescribeException(finding));

  std::vector<std::string> statements = {absl::StrJoin(place, " "), absl::StrJoin(values, " ")};
  statements.insert(statements.end(), lines.begin(), lines.end());
  statements.erase(std::remove(statements.begin(), statements.end(), ""), statements.end());
  if (statements.empty()) return;
  const std::string line = Printable(absl::StrJoin(statements, ": "));
  if (kIndent.size() + DisplayWidth(line) <= kLineColumns) {
    out << kIndent << line << '\n';
    return;
  }
  const std::string deep_start(kDeepIndent, ' ');
  if (!place.empty()) PrintFilled(kIndent, kDeepIndent, place, out);
  if (!values.empty()) PrintFilled(deep_start, kDeepIndent + 2, values, out);
  for (const std::string& text : lines) {
    if (!text.empty()) PrintFilled(deep_start, kDeepIndent + 2, Words(text), out);
  }
}

}  // namespace

void FindingsReport::Add(ReportedFinding reported) {
  const v1::Finding& finding = reported.finding;
  const std::string key = absl::StrCat(finding.severity(), " ", finding.rule_id());
  auto known = rule_index_.find(key);
  if (known == rule_index_.end()) {
    if (rules_.size() == kMaxShownRules) {
      ++more_;
      return;
    }
    known = rule_index_.emplace(key, rules_.size()).first;
    rules_.push_back({finding.severity(), finding.rule_id(), {}});
  }
  RuleGroup& rule = rules_[known->second];
  auto group = std::find_if(rule.fields.begin(), rule.fields.end(),
                            [&finding](const FieldGroup& field) { return field.field == finding.field(); });
  if (group == rule.fields.end()) {
    if (rule.fields.size() == kMaxShownFields) {
      ++rule.more;
      return;
    }
    group = rule.fields.insert(group, FieldGroup{finding.field(), 0, 0, {}});
  }
  ++group->count;
  const v1::QueryState state = reported.standing ? reported.standing->state() : v1::QUERY_STATE_UNSPECIFIED;
  if (state == v1::QUERY_STATE_OPEN || state == v1::QUERY_STATE_RETURNED) ++group->open_queries;
  if (group->places.size() < kMaxShownPlaces) group->places.push_back(std::move(reported));
}

size_t FindingsReport::kept() const {
  size_t kept = 0;
  for (const RuleGroup& rule : rules_) {
    for (const FieldGroup& group : rule.fields) kept += group.places.size();
  }
  return kept;
}

std::string FindingsReport::HintOf(const FieldGroup& group) {
  const std::string& hint = group.places.front().finding.hint();
  const bool is_of_all = std::all_of(group.places.begin(), group.places.end(),
                                     [&hint](const ReportedFinding& place) { return place.finding.hint() == hint; });
  return is_of_all ? hint : "";
}

void FindingsReport::PrintField(const FieldGroup& group, std::ostream& out) {
  const v1::Finding& first = group.places.front().finding;
  const std::string severity = absl::StrCat(EnumName(first.severity()), " ");
  const std::string line = Lines(first.message()).front();
  std::vector<std::string> words = Words(line);
  if (group.count > 1) words.push_back(absl::StrCat("(", group.count, " times)"));
  PrintFilled(severity, severity.size(), words, out);
  const bool has_one_hint = !HintOf(group).empty();
  for (size_t i = 0; i < group.places.size(); ++i) {
    PrintPlace(group.places[i], line, out);
    const std::string& hint = group.places[i].finding.hint();
    const bool said_later = i + 1 < group.places.size() && group.places[i + 1].finding.hint() == hint;
    if (!has_one_hint && !hint.empty() && !said_later) PrintFilled("      -> ", 9, Words(hint), out);
  }
  if (group.count > group.places.size()) {
    out << "    and " << group.count - group.places.size() << " more; --output csv lists them all\n";
  }
}

void FindingsReport::PrintRule(const RuleGroup& rule, std::ostream& out) {
  size_t open_queries = 0;
  for (size_t i = 0; i < rule.fields.size(); ++i) {
    PrintField(rule.fields[i], out);
    open_queries += rule.fields[i].open_queries;
    // Fields that follow each other often have the same hint.
    const std::string hint = HintOf(rule.fields[i]);
    const bool said_later = i + 1 < rule.fields.size() && HintOf(rule.fields[i + 1]) == hint;
    if (!hint.empty() && !said_later) PrintFilled("  -> ", 5, Words(hint), out);
  }
  if (rule.more > 0) out << "  and " << rule.more << " more about other fields; --output csv lists them all\n";
  if (open_queries > 0) {
    const std::string open = open_queries == 1 ? "open: amend the value or explain it"
                                               : absl::StrCat(open_queries, " open: amend the values or explain them");
    // One text for several fields would seldom be right.
    const absl::string_view subject = rule.fields.size() > 1 ? ":FIELD" : "";
    PrintFilled("  -> ", 5,
                Words(absl::StrCat(open, ", with 'qm submit --explain ", rule.rule_id, subject,
                                   "=TEXT' or, once it is stored, 'qm returns explain --rule ", rule.rule_id, "'")),
                out);
  }
  out << "  rule: " << Printable(rule.rule_id) << ", class "
      << EnumName(rule.fields.front().places.front().finding.class_()) << '\n';
}

void FindingsReport::Print(std::ostream& out) const {
  std::vector<const RuleGroup*> ordered;
  for (const RuleGroup& rule : rules_) ordered.push_back(&rule);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const RuleGroup* a, const RuleGroup* b) { return OrderOf(a->severity) < OrderOf(b->severity); });
  for (const RuleGroup* rule : ordered) PrintRule(*rule, out);
  if (more_ > 0) out << "and " << more_ << " more findings of other rules; --output csv lists them all\n";
}

void PrintFindings(const std::vector<ReportedFinding>& findings, std::ostream& out) {
  FindingsReport report;
  for (const ReportedFinding& reported : findings) report.Add(reported);
  report.Print(out);
}

std::vector<Column> FindingColumns() {
  return {{"severity"},  {"message"},          {"hint"},          {"file"},        {"sheet"},
          {"row", true}, {"column"},           {"column_letter"}, {"label"},       {"given"},
          {"expected"},  {"difference", true}, {"baseline"},      {"field"},       {"indicator"},
          {"class"},     {"rule_id"},          {"query_state"},   {"explanation"}, {"exception"}};
}

std::vector<std::string> FindingCells(const v1::Finding& finding, const v1::QueryStanding* standing) {
  return {EnumName(finding.severity()),
          finding.message(),
          finding.hint(),
          finding.file(),
          finding.sheet(),
          finding.has_row() ? absl::StrCat(finding.row()) : "",
          finding.column(),
          finding.column_letter(),
          finding.label(),
          finding.given(),
          finding.expected(),
          finding.difference(),
          DescribeBaseline(finding),
          finding.field(),
          finding.indicator(),
          EnumName(finding.class_()),
          finding.rule_id(),
          standing == nullptr ? "" : QueryStateName(standing->state()),
          standing == nullptr ? "" : standing->explanation().text(),
          DescribeException(finding)};
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

}  // namespace quartermaster::client
