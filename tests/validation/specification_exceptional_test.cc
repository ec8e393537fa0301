// EXCEPTIONAL: what an indicator is to its own past and to the country.
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::exceptional {
namespace {

constexpr char kPeriod[] = "2025-04";

// A month with so long a stay: one discharge after so many days.
std::string Stay(const std::string& days) { return absl::StrCat("discharges: 1 days: ", days); }

std::vector<std::string> Stays(const std::vector<std::string>& days) {
  std::vector<std::string> returns;
  for (const std::string& each : days) returns.push_back(each.empty() ? "" : Stay(each));
  return returns;
}

// April 2025 after these stays, newest first; a blank one is a month without a return.
Row Of(const std::string& says, const std::vector<std::string>& past, const std::string& fields, bool found) {
  Row row{.says = says, .period = kPeriod, .fields = fields, .earlier = Past(kPeriod, Stays(past))};
  if (found) row.findings = {"EXCEPTIONAL QUERY exceptional-own stay"};
  return row;
}

// Of 10, 11 and 12 the median is 11 and the deviation 1, so 3 times the spread is 4.4478.
Table OwnPast() {
  const std::vector<std::string> past = {"10", "11", "12"};
  return {
      Of("Two points say nothing, however far a value is.", {"10", "11"}, Stay("99"), false),
      Of("Three do.", past, Stay("99"), true),
      Of("Within the limit a value is ordinary, above", past, Stay("15.4"), false),
      Of("and below.", past, Stay("6.6"), false),
      Of("Past it it is exceptional, above", past, Stay("15.5"), true),
      Of("and below.", past, Stay("6.5"), true),
      Of("At the limit it is ordinary,", past, "discharges: 10000 days: 154478", false),
      Of("a ten-thousandth on not.", past, "discharges: 10000 days: 154479", true),
      Of("The order of the past does not matter.", {"12", "10", "11"}, Stay("15.5"), true),
      Of("One wild point does not stretch the limit.", {"10", "11", "12", "99"}, Stay("20"), true),
      Of("Of four points the median lies between: 10.5, with a deviation of 1.", {"9", "10", "11", "12"}, Stay("14.9"),
         false),
      Of("Past 10.5 and 4.4478 a value is exceptional.", {"9", "10", "11", "12"}, Stay("15"), true),
      Of("A past that never moved leaves the absolute limit, above", {"10", "10", "10"}, Stay("11"), false),
      Of("and past it,", {"10", "10", "10"}, Stay("11.1"), true),
      Of("below", {"10", "10", "10"}, Stay("9"), false),
      Of("and past it.", {"10", "10", "10"}, Stay("8.9"), true),
      Of("One that hardly moved does, too.", {"10", "10.1", "10.2"}, Stay("11.1"), false),
      Of("Past that it is exceptional.", {"10", "10.1", "10.2"}, Stay("11.2"), true),
  };
}

Table WhichPast() {
  const std::vector<std::string> past = {"10", "11", "12"};
  Row again = Of("What stands for the period itself is left out.", {"10", "11"}, Stay("99"), false);
  again.earlier.push_back({kPeriod, Stay("12")});
  Row later = Of("So is what came after it.", {"10", "11"}, Stay("99"), false);
  later.earlier.push_back({"2025-05", Stay("12")});
  Row quarters = Of("So is another kind of period.", {"10", "11"}, Stay("99"), false);
  quarters.earlier.push_back({"2024-25-Q4", Stay("12")});
  Row without_value = Of("A return without a value takes nobody's place.", {}, Stay("99"), true);
  without_value.earlier = Past(kPeriod, {"beds: 1", "beds: 1", "beds: 1", "beds: 1", "beds: 1", "beds: 1", "beds: 1",
                                         Stay("10"), Stay("11"), Stay("12")});
  Row undefined = Of("Nor does one whose value is undefined.", {"10", "11"}, Stay("99"), false);
  undefined.earlier.push_back({"2025-01", "discharges: 0 days: 12"});
  Row early = Of("What is from before the collection is not read.", {}, Stay("99"), false);
  early.period = "2020-06";
  early.earlier = Past("2020-06", Stays(past));
  Row quarterly = Of("A quarter has its quarters.", {}, Stay("99"), true);
  quarterly.period = "2025-26-Q1";
  quarterly.earlier = Past("2025-26-Q1", Stays(past));
  std::vector<std::string> to_the_end(16);
  to_the_end[0] = "10";
  to_the_end[1] = "11";
  std::vector<std::string> past_the_end = to_the_end;
  to_the_end[15] = "12";
  past_the_end.push_back("12");
  const std::vector<std::string> moved = {"10", "11", "12", "10", "11", "12", "10", "11",
                                          "99", "99", "99", "99", "99", "99", "99"};
  return {
      Of("A gap does not end the past.", {"10", "", "11", "", "", "12"}, Stay("99"), true),
      Of("It reaches back 16 periods,", to_the_end, Stay("99"), true),
      Of("not 17.", past_the_end, Stay("99"), false),
      Of("Only the last 8 points count.", moved, Stay("99"), true),
      again,
      later,
      quarters,
      without_value,
      undefined,
      early,
      quarterly,
      Of("An indicator without a value is not judged,", past, "days: 99", false),
      Of("nor is one that divides by zero.", past, "days: 99 discharges: 0", false),
  };
}

Row WithPeers(const std::string& says, const std::string& fields, const std::vector<Peers>& peers,
              const std::vector<std::string>& indicators) {
  Row row{.says = says, .period = kPeriod, .fields = fields, .peers = peers};
  for (const std::string& indicator : indicators) {
    row.findings.push_back("EXCEPTIONAL QUERY exceptional-national " + indicator);
  }
  return row;
}

// Of a median of 10 and a deviation of 2, 3.5 times the spread is 10.3782.
Table National() {
  const auto of = [](const std::string& says, int readmissions, double deviation, uint32_t others, bool found) {
    return WithPeers(says, absl::StrCat("discharges_before: 1000000 readmissions: ", readmissions),
                     {{"readmission", 10, deviation, others}},
                     found ? std::vector<std::string>{"readmission"} : std::vector<std::string>{});
  };
  const std::vector<Peers> peers = {{"incidents", 10, 1, 5}, {"incidents-a-shift", 1, 0.1, 5}};
  return {
      of("Four others say nothing of a country, however far a value is.", 999999, 2, 4, false),
      of("Five do.", 999999, 2, 5, true),
      of("At the limit a value is ordinary,", 203782, 2, 5, false),
      of("a ten-thousandth past it not.", 203783, 2, 5, true),
      of("Below it is the same: within the absolute limit,", 50000, 0.5, 5, false),
      of("and past it.", 49999, 0.5, 5, true),
      of("A country of one mind leaves the absolute limit,", 150000, 0, 5, false),
      of("and past it a value is exceptional.", 150001, 0, 5, true),
      WithPeers("Without others there is no country.", "discharges_before: 10 readmissions: 9", {}, {}),
      WithPeers("Two indicators may be judged by one field: neither is exceptional,", "incidents: 14 shifts: 14", peers,
                {}),
      WithPeers("the second is,", "incidents: 14 shifts: 7", peers, {"incidents-a-shift"}),
      WithPeers("and where the first is, the second is silent.", "incidents: 15 shifts: 7", peers, {"incidents"}),
  };
}

// Deaths, incidents and places, each over as many shifts.
Table OneDenominator() {
  const std::vector<Peers> peers = {
      {"incidents-a-shift", 1, 0.1, 5}, {"deaths-a-shift", 1, 0.1, 5}, {"places-a-shift", 1, 0.1, 5}};
  return {
      WithPeers("All far to one side over one denominator are one query: it may be wrong.",
                "incidents: 14 deaths: 15 places: 16 shifts: 7", peers, {"incidents-a-shift"}),
      WithPeers("One that is near clears it, and the others are a query each.",
                "incidents: 14 deaths: 15 places: 7 shifts: 7", peers, {"incidents-a-shift", "deaths-a-shift"}),
      WithPeers("So does one that is far to the other side.", "incidents: 14 deaths: 1 shifts: 7", peers,
                {"incidents-a-shift", "deaths-a-shift"}),
      WithPeers("One without a value says nothing.", "incidents: 14 deaths: 15 shifts: 7", peers,
                {"incidents-a-shift"}),
  };
}

Table OwnBeforeCountry() {
  const std::string far = "discharges_before: 100 readmissions: 60";
  const std::vector<Earlier> past =
      Past(kPeriod, {"discharges_before: 100 readmissions: 20", "discharges_before: 100 readmissions: 20",
                     "discharges_before: 100 readmissions: 20"});
  const std::vector<Peers> peers = {{"readmission", 10, 2, 5}};
  const std::vector<Earlier> cancelled = Past(kPeriod, {"cancelled: 5", "cancelled: 5", "cancelled: 5"});
  return {
      {.says = "Far from both, the own past is said.",
       .period = kPeriod,
       .fields = far,
       .findings = {"EXCEPTIONAL QUERY exceptional-own readmission"},
       .earlier = past,
       .peers = peers},
      {.says = "Near to the own past, the country is.",
       .period = kPeriod,
       .fields = "discharges_before: 100 readmissions: 24",
       .findings = {"EXCEPTIONAL QUERY exceptional-national readmission"},
       .earlier = past,
       .peers = peers},
      {.says = "Where the own past is excepted the country is silent, too.",
       .period = kPeriod,
       .fields = far,
       .findings = {"EXCEPTIONAL INFO exceptional-own readmission (excepted)"},
       .earlier = past,
       .peers = peers,
       .exceptions = {"exceptional-own readmission"}},
      {.says = "On trial it is found as it would be: the own past,",
       .period = kPeriod,
       .fields = "cancelled: 50",
       .earlier = cancelled,
       .peers = {{"cancelled", 10, 2, 5}},
       .shadow_findings = {"EXCEPTIONAL QUERY exceptional-own cancelled"}},
      {.says = "else the country.",
       .period = kPeriod,
       .fields = "cancelled: 6",
       .earlier = cancelled,
       .peers = {{"cancelled", 50, 2, 5}},
       .shadow_findings = {"EXCEPTIONAL QUERY exceptional-national cancelled"}},
  };
}

Table Categories() {
  const std::string usual = "ethnicity { female: 50 male: 30 other: 20 }";
  const std::vector<Earlier> past = Past(kPeriod, {usual, usual, usual});
  const auto of = [&past](const std::string& says, const std::string& fields,
                          const std::vector<std::string>& findings) {
    return Row{.says = says, .period = kPeriod, .fields = fields, .findings = findings, .earlier = past};
  };
  Row excepted = of("A category may be excepted.", "ethnicity { female: 90 male: 5 other: 5 }",
                    {"EXCEPTIONAL INFO exceptional-own ethnicity/female (excepted)"});
  excepted.exceptions = {"exceptional-own ethnicity/female"};
  return {
      of("Shares are judged, not numbers.", "ethnicity { female: 500 male: 300 other: 200 }", {}),
      of("Ten points more or less are within the absolute limit.", "ethnicity { female: 50 male: 20 other: 30 }", {}),
      of("More are exceptional, in the category that has them.", "ethnicity { female: 56 male: 14 other: 30 }",
         {"EXCEPTIONAL QUERY exceptional-own ethnicity/male"}),
      of("Of several categories the first is said: they are made of the same fields.",
         "ethnicity { female: 90 male: 5 other: 5 }", {"EXCEPTIONAL QUERY exceptional-own ethnicity/female"}),
      of("Without one of them there are no shares.", "ethnicity { female: 90 male: 5 }", {}),
      excepted,
  };
}

Table OfPopulations() {
  const std::vector<Earlier> past = Past(kPeriod, {"places: 10", "places: 11", "places: 12"});
  return {
      {.says = "An indicator of a population is judged,",
       .period = kPeriod,
       .fields = "places: 16",
       .findings = {"EXCEPTIONAL QUERY exceptional-own places"},
       .earlier = past,
       .populations = {100000}},
      {.says = "by that population,", .period = kPeriod, .fields = "places: 16", .earlier = past, .populations = {1e6}},
      {.says = "not without it.", .period = kPeriod, .fields = "places: 99", .earlier = past},
  };
}

Table Silences() {
  const std::vector<std::string> past = {"10", "11", "12"};
  Row invalid = Of("An invalid input silences an indicator.", past, "discharges: -1 days: 99", false);
  invalid.findings = {"INVALID ERROR minimum discharges"};
  Row inconsistent = Of("So does one that contradicts another.", past, "discharges: 1 days: 99 deaths: 2", false);
  inconsistent.findings = {"INCONSISTENT QUERY deaths-within-discharges discharges"};
  Row excepted = inconsistent;
  excepted.says = "So does one that is excepted.";
  excepted.findings = {"INCONSISTENT INFO deaths-within-discharges discharges (excepted)"};
  excepted.exceptions = {"deaths-within-discharges discharges"};
  Row changed{
      .says = "So does one that changed.",
      .period = kPeriod,
      .fields = "discharges_before: 100 readmissions: 80",
      .findings = {"HISTORICAL QUERY change readmissions"},
      .earlier = Past(kPeriod, {"discharges_before: 100 readmissions: 10", "discharges_before: 100 readmissions: 10",
                                "discharges_before: 100 readmissions: 10"}),
      .peers = {{"readmission", 10, 2, 5}}};
  Row not_available = WithPeers("What is not available is no value.", "", {{"incidents", 10, 1, 5}}, {});
  not_available.not_available = {"incidents"};
  Row ordinary = Of("Another field's finding does not.", past, "discharges: 1 days: 99 phones: 0", true);
  ordinary.findings.insert(ordinary.findings.begin(), "INCONSISTENT INFO one-phone phones");
  Row own = Of("An exceptional indicator may be excepted.", past, Stay("99"), false);
  own.findings = {"EXCEPTIONAL INFO exceptional-own stay (excepted)"};
  own.exceptions = {"exceptional-own stay"};
  return {invalid, inconsistent, excepted, changed, not_available, ordinary, own};
}

TEST(SpecificationExceptional, OwnPast) { ExpectRows(OwnPast()); }
TEST(SpecificationExceptional, WhichPast) { ExpectRows(WhichPast()); }
TEST(SpecificationExceptional, National) { ExpectRows(National()); }
TEST(SpecificationExceptional, OneDenominator) { ExpectRows(OneDenominator()); }
TEST(SpecificationExceptional, OwnBeforeCountry) { ExpectRows(OwnBeforeCountry()); }
TEST(SpecificationExceptional, Categories) { ExpectRows(Categories()); }
TEST(SpecificationExceptional, Populations) { ExpectRows(OfPopulations()); }
TEST(SpecificationExceptional, Silences) { ExpectRows(Silences()); }

}  // namespace

size_t Rows() {
  return OwnPast().size() + WhichPast().size() + National().size() + OneDenominator().size() +
         OwnBeforeCountry().size() + Categories().size() + OfPopulations().size() + Silences().size();
}

}  // namespace quartermaster::specification::exceptional
