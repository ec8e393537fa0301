// The parts of a finding, as people read them.
#ifndef QUARTERMASTER_CLIENT_FINDING_TEXT_H_
#define QUARTERMASTER_CLIENT_FINDING_TEXT_H_

#include <string>
#include <vector>

#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/query.pb.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

// What a query of the finding is about, as the server names it: the indicator, or else the field. Empty where the
// finding has neither.
const std::string& SubjectOf(const v1::Finding& finding);

// "sample.csv row 3, column beds (C)", as far as it is known.
std::string DescribePlace(const v1::Finding& finding);

// "given 500000; expected at most 400000; differs by 100000; before: 80 in Q3 2024/25", as far as it is known, in parts
// that stay together on a line.
std::vector<std::string> DescribeValues(const v1::Finding& finding);

// "before: 80 in Q3 2024/25"; empty where there is none.
std::string DescribeBaseline(const v1::Finding& finding);

// Where the query of the finding with this index stands; null where it is none, or nothing is known.
const v1::QueryStanding* StandingOf(const v1::Verdict& verdict, int finding);

// Whether the finding with this index is a query, of a return that still counts, that nobody has explained, as far as
// it is known, or whose explanation was returned.
bool IsUnexplained(const v1::Verdict& verdict, int finding);

// "explained", "open"; empty where it is not known.
std::string QueryStateName(v1::QueryState state);

// "explained: A ward opened in June.", "returned by the steward: Which ward? (it was explained: ...)"; empty for a
// query of which nothing was said.
std::string DescribeStanding(const v1::QueryStanding& standing);

// "excepted until 2026-12-31, else ERROR: why"; empty where no standing exception was used.
std::string DescribeException(const v1::Finding& finding);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FINDING_TEXT_H_
