// HISTORICAL: a quarterly return and the monthly returns of its quarter, whichever of them comes last.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification {
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
  if (!path.empty()) row.findings = {kFinding + path};
  return row;
}

// The return for a month of that quarter, after those for the quarter and for its other months.
Row Month(const std::string& says, const std::string& quarter, const std::vector<Earlier>& others,
          const std::string& period, const std::string& fields, const std::string& path = "") {
  Row row{.says = says, .period = period, .fields = fields, .earlier = others};
  row.earlier.push_back({"2025-26-Q1", quarter});
  if (!path.empty()) row.findings = {kFinding + path};
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
  const std::vector<Earlier> sums = {{"2025-04", "admissions: 5"}, {"2025-05", "admissions: 25"}};
  const std::vector<Earlier> means = {{"2025-04", "posts: 1"}, {"2025-05", "posts: 1"}};
  const std::vector<Earlier> ends = {{"2025-05", "waiting: 6"}, {"2025-06", "waiting: 7"}};
  Row changed =
      Month("What has changed already is not found again.", "admissions: 60", sums, "2025-06", "admissions: 50");
  changed.findings = {"HISTORICAL QUERY change admissions"};
  Row excepted = Month("It may be excepted.", "admissions: 60", sums, "2025-06", "admissions: 31");
  excepted.findings = {"HISTORICAL INFO quarter-months admissions (excepted)"};
  excepted.exceptions = {"quarter-months admissions"};
  return {
      Month("The last month makes the sum of the quarter,", "admissions: 60", sums, "2025-06", "admissions: 30"),
      Month("or it does not.", "admissions: 60", sums, "2025-06", "admissions: 31", "admissions"),
      Month("So does any other that comes last.", "admissions: 60",
            {{"2025-05", "admissions: 25"}, {"2025-06", "admissions: 30"}}, "2025-04", "admissions: 6", "admissions"),
      Month("One that is sent again takes the place of the one before.", "admissions: 60",
            {{"2025-04", "admissions: 6"}, {"2025-05", "admissions: 25"}, {"2025-06", "admissions: 30"}}, "2025-04",
            "admissions: 5"),
      Month("Before all three are there, nothing is said.", "admissions: 60", {sums[1]}, "2025-06", "admissions: 31"),
      Month("Without the value in this one, neither.", "admissions: 60", sums, "2025-06", "waiting: 1"),
      Month("Nor without it in the quarter.", "waiting: 1", sums, "2025-06", "admissions: 30"),
      {"Nor without the quarter.", "2025-06", "admissions: 31", {}, sums},
      Month("A mean is held to the places of the field.", "posts: 1", means, "2025-06", "posts: 1.01"),
      Month("Past them it is found.", "posts: 1", means, "2025-06", "posts: 1.02", "posts"),
      Month("The last month ends as the quarter does,", "waiting: 7", {ends[0]}, "2025-06", "waiting: 7"),
      Month("or it does not.", "waiting: 8", {{"2025-04", "waiting: 5"}, ends[0]}, "2025-06", "waiting: 7", "waiting"),
      Month("The first has no part in that.", "waiting: 8", ends, "2025-04", "waiting: 5"),
      Month("Least of all where it has no value.", "waiting: 8", ends, "2025-04", "admissions: 1"),
      changed,
      excepted,
  };
}

TEST(SpecificationQuarter, Quarters) { ExpectRows(Quarters()); }
TEST(SpecificationQuarter, Months) { ExpectRows(Months()); }

}  // namespace

size_t QuarterRows() { return Quarters().size() + Months().size(); }

}  // namespace quartermaster::specification
