// HISTORICAL: a quarterly return and the monthly returns of its quarter, which it supersedes.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::quarter {
namespace {

constexpr char kFinding[] = "HISTORICAL QUERY quarter-months ";

// The return for a quarter, after those for its months.
Row Quarter(const std::string& says, const std::vector<std::string>& months, const std::string& fields,
            const std::string& path = "") {
  Row row{.says = says, .period = "2025-26-Q1", .fields = fields};
  const std::string periods[] = {"2025-04", "2025-05", "2025-06"};
  for (size_t i = 0; i < months.size(); ++i) {
    if (!months[i].empty()) row.earlier.push_back({periods[i], months[i]});
  }
  if (!row.earlier.empty()) row.findings = {"STRUCTURE INFO supersedes-parts period"};
  if (!path.empty()) row.findings.push_back(kFinding + path);
  return row;
}

Table Quarters() {
  const std::vector<std::string> sums = {"admissions: 10", "admissions: 20", "admissions: 30"};
  const std::vector<std::string> means = {"posts: 1", "posts: 1", "posts: 1.01"};
  const std::vector<std::string> ends = {"waiting: 5", "waiting: 6", "waiting: 7"};
  return {
      Quarter("A flow is the sum of its months,", sums, "admissions: 60"),
      Quarter("not one more", sums, "admissions: 61", "admissions"),
      Quarter("or less.", sums, "admissions: 59", "admissions"),
      Quarter("Without one of the months there is no sum.", {sums[0], "", sums[2]}, "admissions: 61"),
      Quarter("Nor without the value in one of them.", {sums[0], "waiting: 1", sums[2]}, "admissions: 61"),
      Quarter("Nor without any.", {}, "admissions: 61"),
      Quarter("A quarter without the value is not held against them.", sums, "referrals: 1"),
      Quarter("A level is the mean of its months, to the places that it has: 1.0033 is 1.00,", means, "posts: 1"),
      Quarter("not 1.01.", means, "posts: 1.01", "posts"),
      Quarter("A mean that needs no rounding is met.", {"posts: 1", "posts: 2", "posts: 3"}, "posts: 2"),
      Quarter("A position is that of the last month,", ends, "waiting: 7"),
      Quarter("not another.", ends, "waiting: 8", "waiting"),
      Quarter("It needs no value in the others,", {"admissions: 1", "admissions: 1", ends[2]}, "waiting: 8", "waiting"),
      Quarter("but in the last.", {ends[0], ends[1], "admissions: 1"}, "waiting: 8"),
      Quarter("What has no rollup is not compared.", {"referrals: 1", "referrals: 1", "referrals: 1"}, "referrals: 9"),
      Quarter("Each field is compared.",
              {"admissions: 1 waiting: 1", "admissions: 1 waiting: 1", "admissions: 1 waiting: 1"},
              "admissions: 4 waiting: 1", "admissions"),
  };
}

Table Months() {
  const char* refused = "STRUCTURE ERROR part-of-returned-period period";
  const Earlier quarter = {"2025-26-Q1", "admissions: 60"};
  Row excepted = {"It may be excepted.", "2025-26-Q1", "admissions: 61"};
  excepted.earlier = {{"2025-04", "admissions: 10"}, {"2025-05", "admissions: 20"}, {"2025-06", "admissions: 30"}};
  excepted.findings = {"STRUCTURE INFO supersedes-parts period",
                       "HISTORICAL INFO quarter-months admissions (excepted)"};
  excepted.exceptions = {"quarter-months admissions"};
  return {
      {"A month of a quarter that was returned whole is refused,", "2025-06", "admissions: 30", {refused}, {quarter}},
      {"also where it was there before.",
       "2025-04",
       "admissions: 10",
       {refused},
       {{"2025-04", "admissions: 10"}, quarter}},
      {"One of the next quarter is not,", "2025-07", "admissions: 30", {}, {quarter}},
      {"nor one beside other months.", "2025-05", "admissions: 10", {}, {{"2025-04", "admissions: 10"}}},
      excepted,
  };
}

TEST(SpecificationQuarter, Quarters) { ExpectRows(Quarters()); }
TEST(SpecificationQuarter, Months) { ExpectRows(Months()); }

}  // namespace

size_t Rows() { return Quarters().size() + Months().size(); }

}  // namespace quartermaster::specification::quarter
