// Findings as people read them: grouped by rule, the worst first, each with its first places, in lines that fit a
// terminal.
#ifndef QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_
#define QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "client/table.h"
#include "quartermaster/v1/finding.pb.h"

namespace quartermaster::client {

// A finding, and whose return it is about ("RT1, adult-inpatient, Q1 2025/26"); empty for a file.
struct ReportedFinding {
  std::string about;
  v1::Finding finding;
};

constexpr size_t kMaxShownPlaces = 5;   // Of one field; whoever has more mends the cause, not the cells.
constexpr size_t kMaxShownFields = 12;  // Of one rule; half a screen.

// Prints each rule once with how often it was met, below it the fields, and the first places of each.
void PrintFindings(const std::vector<ReportedFinding>& findings, std::ostream& out);

// The columns of a finding in CSV, in the order of FindingCells.
std::vector<Column> FindingColumns();
std::vector<std::string> FindingCells(const v1::Finding& finding);

// "2 errors, 1 query", or empty.
std::string CountFindings(const google::protobuf::RepeatedPtrField<v1::Finding>& findings);

// "1 return", "2 returns"; "1 query", "2 queries".
std::string Count(size_t count, absl::string_view noun);

// ERROR, QUERY, INFO.
std::string SeverityName(schema::v1::Severity severity);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FINDINGS_REPORT_H_
