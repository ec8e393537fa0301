// Findings as people read them: grouped by rule, the worst first, each with its first places, in lines that fit a
// terminal.
#ifndef QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_
#define QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "client/table.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/query.pb.h"

namespace quartermaster::client {

// A finding, and whose return it is about ("RT1, adult-inpatient, Q1 2025/26"); empty for a file.
struct ReportedFinding {
  std::string about;
  v1::Finding finding;
  // Of a query, where it stands, as far as it is known.
  absl::optional<v1::QueryStanding> standing = absl::nullopt;
};

constexpr size_t kMaxShownPlaces = 5;   // Of one field; whoever has more mends the cause, not the cells.
constexpr size_t kMaxShownFields = 12;  // Of one rule; half a screen.
constexpr size_t kMaxShownRules = 200;  // More than any collection has; with the two above it bounds the memory.

// Takes in findings as they come, and keeps what it will print: their counts and their first places. So its size does
// not grow with the number of findings.
class FindingsReport {
 public:
  void Add(ReportedFinding reported);
  bool empty() const { return rules_.empty(); }
  // The findings that are kept, for tests.
  size_t kept() const;

  // Prints each field of a rule with how often it was met and its first places, below them what to do (below each,
  // where that differs), and last the id of the rule.
  void Print(std::ostream& out) const;

 private:
  struct FieldGroup {
    std::string field;
    size_t count = 0;
    size_t open_queries = 0;
    std::vector<ReportedFinding> places;  // the first ones; at least one
  };
  struct RuleGroup {
    schema::v1::Severity severity;
    std::string rule_id;
    std::vector<FieldGroup> fields;
    size_t more = 0;  // Findings of fields past the limit.
  };
  // What all places have in common to do; empty where each has something else.
  static std::string HintOf(const FieldGroup& group);
  static void PrintField(const FieldGroup& group, std::ostream& out);
  static void PrintRule(const RuleGroup& rule, std::ostream& out);

  std::vector<RuleGroup> rules_;                         // in the order in which they came
  absl::flat_hash_map<std::string, size_t> rule_index_;  // by severity and id
  size_t more_ = 0;                                      // Findings of rules past the limit.
};

// Prints findings that are there already.
void PrintFindings(const std::vector<ReportedFinding>& findings, std::ostream& out);

// The columns of a finding in CSV, in the order of FindingCells: first what people read, then what programs do.
std::vector<Column> FindingColumns();
std::vector<std::string> FindingCells(const v1::Finding& finding, const v1::QueryStanding* standing = nullptr);

// "2 errors, 1 query", or empty.
std::string CountFindings(const google::protobuf::RepeatedPtrField<v1::Finding>& findings);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_
