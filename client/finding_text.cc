#include "client/finding_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/csv.h"
#include "client/enum_name.h"
#include "client/paragraph.h"
#include "client/return_name.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

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

// Appends a statement whose words may stand on different lines.
void AddStatement(const std::vector<std::string>& words, std::vector<std::string>* parts) {
  if (words.empty()) return;
  if (!parts->empty()) parts->back() += ';';
  parts->insert(parts->end(), words.begin(), words.end());
}

// What kind of value the baseline is.
absl::string_view BaselineName(v1::BaselineKind kind) {
  switch (kind) {
    case v1::BASELINE_KIND_PREVIOUS_PERIOD:
      return "before";
    case v1::BASELINE_KIND_YEAR_BEFORE:
      return "a year before";
    case v1::BASELINE_KIND_MONTHS_OF_QUARTER:
      return "its three months together";
    case v1::BASELINE_KIND_QUARTERLY_RETURN:
      return "the quarterly return";
    case v1::BASELINE_KIND_OWN_PAST:
      return "earlier periods";
    case v1::BASELINE_KIND_NATIONAL:
      return "other participants";
    default:
      return "compared with";
  }
}

}  // namespace

const std::string& SubjectOf(const v1::Finding& finding) {
  return finding.indicator().empty() ? finding.field() : finding.indicator();
}

std::string DescribePlace(const v1::Finding& finding) {
  std::string place = finding.file();
  if (!finding.sheet().empty()) absl::StrAppend(&place, " sheet ", finding.sheet());
  if (finding.has_row()) absl::StrAppend(&place, " row ", finding.row());
  if (!finding.column().empty()) {
    absl::StrAppend(&place, ", column ", DescribeColumn(finding.column(), finding.column_letter()));
  }
  return place;
}

std::vector<std::string> DescribeValues(const v1::Finding& finding) {
  std::vector<std::string> parts;
  if (!finding.given().empty()) {
    parts = GivesSeveralFields(finding) ? GivenFields(finding.given()) : Words(finding.given());
    parts.insert(parts.begin(), "given");
  }
  if (!finding.expected().empty()) AddStatement(Words(absl::StrCat("expected ", finding.expected())), &parts);
  if (!finding.difference().empty()) AddStatement(Words(absl::StrCat("differs by ", finding.difference())), &parts);
  AddStatement(Words(DescribeBaseline(finding)), &parts);
  return parts;
}

std::string DescribeBaseline(const v1::Finding& finding) {
  if (!finding.has_baseline()) return "";
  const v1::Baseline& baseline = finding.baseline();
  std::string text =
      absl::StrCat(BaselineName(baseline.kind()), baseline.value().empty() ? "" : ": ", baseline.value());
  const std::string period = DisplayPeriod(baseline.period());
  if (baseline.points() > 1) {
    absl::StrAppend(&text, ", the median of ", baseline.points());
    // Of several periods the last is named.
    if (!period.empty()) {
      absl::StrAppend(&text, baseline.kind() == v1::BASELINE_KIND_OWN_PAST ? " up to " : " in ", period);
    }
  } else if (!period.empty()) {
    absl::StrAppend(&text, " in ", period);
  }
  if (!baseline.spread().empty()) absl::StrAppend(&text, ", spread ", baseline.spread());
  return text;
}

const v1::QueryStanding* StandingOf(const v1::Verdict& verdict, int finding) {
  for (const v1::QueryStanding& standing : verdict.queries()) {
    if (standing.finding_index() == static_cast<uint32_t>(finding)) return &standing;
  }
  return nullptr;
}

bool IsUnexplained(const v1::Verdict& verdict, int finding) {
  if (verdict.findings(finding).severity() != schema::v1::SEVERITY_QUERY) return false;
  if (verdict.has_replaced_by_revision() || verdict.withdrawn_since()) return false;
  const v1::QueryStanding* standing = StandingOf(verdict, finding);
  return standing == nullptr ||
         (standing->state() != v1::QUERY_STATE_EXPLAINED && standing->state() != v1::QUERY_STATE_ACCEPTED);
}

std::string QueryStateName(v1::QueryState state) {
  return state == v1::QUERY_STATE_UNSPECIFIED ? "" : TypedEnumName(state);
}

std::string DescribeStanding(const v1::QueryStanding& standing) {
  const std::string& explanation = standing.explanation().text();
  const std::string& review = standing.review().text();
  switch (standing.state()) {
    case v1::QUERY_STATE_OPEN:
      if (standing.lapsed_explanation().text().empty()) return "";
      return absl::StrCat("open again: it was explained for other values, or for an earlier version of the rule: ",
                          standing.lapsed_explanation().text());
    case v1::QUERY_STATE_RETURNED:
      return absl::StrCat("returned by the steward: ", review,
                          explanation.empty() ? "" : absl::StrCat(" (it was explained: ", explanation, ")"));
    default:
      return absl::StrCat(QueryStateName(standing.state()), review.empty() ? "" : absl::StrCat(" (", review, ")"),
                          explanation.empty() ? "" : absl::StrCat(": ", explanation));
  }
}

std::string DescribeException(const v1::Finding& finding) {
  if (!finding.has_exception()) return "";
  const v1::ExceptionUse& use = finding.exception();
  return absl::StrCat("excepted until ", use.until(), ", else ", EnumName(use.severity()), ": ", use.reason());
}

}  // namespace quartermaster::client
