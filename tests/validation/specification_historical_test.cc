// HISTORICAL: what a value is to the participant's other returns.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::historical {
namespace {

// The return for April 2025, after that for March with `before`.
Row Of(const std::string& says, const std::string& before, const std::string& fields, const std::string& finding = "") {
  Row row{.says = says, .period = "2025-04", .fields = fields, .earlier = {{"2025-03", before}}};
  if (!finding.empty()) row.findings = {"HISTORICAL " + finding};
  return row;
}

Table Changes() {
  const std::string change = "QUERY change admissions";
  return {
      Of("Half as much again is no query,", "admissions: 100", "admissions: 150"),
      Of("a little more is.", "admissions: 100", "admissions: 151", change),
      Of("Half as much is none,", "admissions: 100", "admissions: 50"),
      Of("a little less is one.", "admissions: 100", "admissions: 49", change),
      Of("A doubled small number has not moved by enough,", "admissions: 10", "admissions: 20"),
      Of("but with one more it has.", "admissions: 10", "admissions: 21", change),
      Of("From zero any percentage is passed, the amount not,", "admissions: 0", "admissions: 10"),
      Of("and then it is.", "admissions: 0", "admissions: 11", change),
      Of("To zero all has gone.", "admissions: 11", "admissions: 0", change),
      Of("What stays is not queried.", "admissions: 1000", "admissions: 1000"),
      Of("A value is compared with one: before there was none,", "referrals: 1", "admissions: 1000"),
      Of("now there is none.", "admissions: 1000", "referrals: 1"),
      Of("Below the least base nothing is judged,", "referrals: 19", "referrals: 100"),
      Of("from it on it is.", "referrals: 20", "referrals: 100", "QUERY change referrals"),
      Of("Zero is below any base.", "referrals: 0", "referrals: 100"),
      Of("Negative numbers have their magnitude: no more than the amount,", "balance: -100", "balance: -1100"),
      Of("more than it.", "balance: -100", "balance: -1100.01", "QUERY change balance"),
      Of("Through zero the whole way counts: 100 % is none,", "balance: 2000", "balance: 0"),
      Of("past it is one.", "balance: 2000", "balance: -0.01", "QUERY change balance"),
  };
}

Table PeriodsBefore() {
  const std::string change = "HISTORICAL QUERY change admissions";
  const std::string now = "admissions: 121";
  return {
      {"Without a return before there is nothing to compare with.", "2025-04", now},
      {"The period before is the one before, not an older one.", "2025-04", now, {}, {{"2025-02", "admissions: 1"}}},
      {"It is of the same kind.", "2025-04", now, {}, {{"2024-25-Q4", "admissions: 1"}}},
      {"January comes after December.", "2025-01", now, {change}, {{"2024-12", "admissions: 1"}}},
      {"A quarter comes after a quarter.", "2025-26-Q1", now, {change}, {{"2024-25-Q4", "admissions: 1"}}},
      {"Months make a quarter where there is no quarterly return: of 80,",
       "2025-26-Q1",
       now,
       {change},
       Past("2025-04", {"admissions: 30", "admissions: 20", "admissions: 30"})},
      {"or of 81.", "2025-26-Q1", now, {}, Past("2025-04", {"admissions: 31", "admissions: 20", "admissions: 30"})},
      {"The quarterly return counts where there is one.",
       "2025-26-Q1",
       now,
       {},
       {{"2024-25-Q4", "admissions: 120"}, {"2025-01", now}, {"2025-02", now}, {"2025-03", now}}},
      {"Two months make no quarter.", "2025-26-Q1", now, {}, Past("2025-04", {"admissions: 1", "admissions: 1"})},
      {"What has no rollup has no quarter.",
       "2025-26-Q1",
       "referrals: 1000",
       {},
       Past("2025-04", {"referrals: 30", "referrals: 30", "referrals: 30"})},
      {"What is from before the collection is not read.", "2020-04", now, {}, {{"2020-03", "admissions: 1"}}},
  };
}

Table ChangesInYear() {
  const std::string in_year = "HISTORICAL QUERY change-in-year contacts";
  const std::string change = "HISTORICAL QUERY change contacts";
  const std::vector<Earlier> both = {{"2025-03", "contacts: 100"}, {"2024-04", "contacts: 100"}};
  return {
      {"A fifth more than a year before is no query,", "2025-04", "contacts: 120", {}, {{"2024-04", "contacts: 100"}}},
      {"a little more is.", "2025-04", "contacts: 121", {in_year}, {{"2024-04", "contacts: 100"}}},
      {"A fifth less is none,", "2025-04", "contacts: 80", {}, {{"2024-04", "contacts: 100"}}},
      {"a little less is one.", "2025-04", "contacts: 79", {in_year}, {{"2024-04", "contacts: 100"}}},
      {"Small moves are none,", "2025-04", "contacts: 10", {}, {{"2024-04", "contacts: 5"}}},
      {"larger ones are.", "2025-04", "contacts: 11", {in_year}, {{"2024-04", "contacts: 5"}}},
      {"It is the same month, not one beside it.", "2025-04", "contacts: 121", {}, {{"2024-05", "contacts: 1"}}},
      {"For a quarter it is four before.", "2025-26-Q1", "contacts: 121", {in_year}, {{"2024-25-Q1", "contacts: 100"}}},
      {"Where both are passed, the nearer is said.", "2025-04", "contacts: 151", {change}, both},
      {"Where only the year is, that is.", "2025-04", "contacts: 150", {in_year}, both},
      {.says = "A change on trial does not silence the year.",
       .period = "2025-04",
       .fields = "calls: 151",
       .findings = {"HISTORICAL QUERY change-in-year calls"},
       .earlier = {{"2025-03", "calls: 100"}, {"2024-04", "calls: 100"}},
       .shadow_findings = {"HISTORICAL QUERY change calls"}},
      {.says = "An excepted change does.",
       .period = "2025-04",
       .fields = "contacts: 151",
       .findings = {"HISTORICAL INFO change contacts (excepted)"},
       .earlier = both,
       .exceptions = {"change contacts"}},
  };
}

Table Vanished() {
  const std::string vanished = "QUERY vanished waiting";
  Row not_available = Of("Not available is no value either.", "waiting: 5", "", vanished);
  not_available.not_available = {"waiting"};
  Row excepted = Of("It may be excepted.", "waiting: 5", "", "INFO vanished waiting (excepted)");
  excepted.exceptions = {"vanished waiting"};
  Row unread = Of("What could not be read has not vanished.", "waiting: 5", "");
  unread.findings = {"INVALID ERROR type waiting"};
  unread.unreadable = {"waiting = many"};
  return {
      Of("A value that was there must not vanish.", "waiting: 5", "", vanished),
      Of("A zero was a value.", "waiting: 0", "", vanished),
      Of("A zero is one.", "waiting: 5", "waiting: 0"),
      Of("What was not there cannot vanish.", "", ""),
      Of("What may have gaps may vanish.", "admissions: 5", ""),
      not_available,
      excepted,
      unread,
      {"After a gap nothing is asked.", "2025-04", "", {}, {{"2025-02", "waiting: 5"}}},
      {"A quarter is asked for what its months before ended with.",
       "2025-26-Q1",
       "",
       {"HISTORICAL QUERY vanished waiting"},
       Past("2025-04", {"waiting: 5", "admissions: 1", "admissions: 1"})},
  };
}

Table Openings() {
  const std::string list = "QUERY opening list_start";
  const std::string fund = "QUERY opening fund_start";
  return {
      Of("What closed with ten opens with ten,", "list_end: 10", "list_start: 10"),
      Of("not with one more", "list_end: 10", "list_start: 11", list),
      Of("or less.", "list_end: 10", "list_start: 9", list),
      Of("Without a value at the end there is nothing to open with.", "list_start: 10", "list_start: 11"),
      Of("Without one at the start nothing is judged.", "list_end: 10", "list_end: 11"),
      Of("With a tolerance: as much more,", "fund_end: 100", "fund_start: 102.5"),
      Of("as much less,", "fund_end: 100", "fund_start: 97.5"),
      Of("a penny more", "fund_end: 100", "fund_start: 102.51", fund),
      Of("or less.", "fund_end: 100", "fund_start: 97.49", fund),
      Of("One that changed too has one finding.", "fund_start: 10 fund_end: 10", "fund_start: 100", fund),
      Of("One that opens well may still have changed.", "fund_start: 10 fund_end: 100", "fund_start: 100",
         "QUERY change fund_start"),
      {"It is what the period just before closed with.", "2025-04", "list_start: 11", {}, {{"2025-02", "list_end: 9"}}},
      {"A quarter opens with what its months before ended with.",
       "2025-26-Q1",
       "list_start: 11",
       {"HISTORICAL QUERY opening list_start"},
       Past("2025-04", {"list_end: 10", "list_end: 11", "list_end: 11"})},
  };
}

Table Silences() {
  Row trial = Of("A finding on trial does not.", "leave: 100", "leave: 200 occupied: 300", "QUERY change leave");
  trial.shadow_findings = {"INCONSISTENT ERROR trial-leave leave"};
  Row inconsistent = Of("A finding over several values silences those against earlier returns.", "available: 1000",
                        "available: 100 occupied: 200");
  inconsistent.findings = {"INCONSISTENT QUERY occupied-within-available available"};
  Row excepted = inconsistent;
  excepted.says = "An excepted one does, too.";
  excepted.findings = {"INCONSISTENT INFO occupied-within-available available (excepted)"};
  excepted.exceptions = {"occupied-within-available available"};
  Row info = Of("So does one for reading only.", "phones: 100", "phones: 0");
  info.findings = {"INCONSISTENT INFO one-phone phones"};
  Row invalid = Of("An invalid value is compared with nothing.", "available: 1000", "available: -1");
  invalid.findings = {"INVALID ERROR minimum available"};
  Row rounded = Of("One that was rounded is.", "available: 1000", "available: 73.82999999999999");
  rounded.findings = {"INVALID INFO binary-noise available", "HISTORICAL QUERY change available"};
  return {
      Of("Without another finding a change is found.", "available: 1000", "available: 100 occupied: 50",
         "QUERY change available"),
      inconsistent,
      excepted,
      info,
      invalid,
      rounded,
      trial,
  };
}

Table ManyChanges() {
  const std::string now = "available: 100 leave: 10 phones: 1 admissions: 10";
  const std::string before = "available: 1000 leave: 90 phones: 10 admissions: 100";
  const std::vector<std::string> four = {"HISTORICAL QUERY change available", "HISTORICAL QUERY change leave",
                                         "HISTORICAL QUERY change phones", "HISTORICAL QUERY change admissions"};
  std::vector<std::string> five = four;
  five.push_back("HISTORICAL QUERY change referrals");
  return {
      {"Four values that moved are four queries.", "2025-04", now, four, {{"2025-03", before}}},
      {"Five that went down are one: a month sent as a quarter looks so,",
       "2025-04",
       now + " referrals: 10",
       {"HISTORICAL QUERY many-changes available"},
       {{"2025-03", before + " referrals: 100"}}},
      {"so are five that went up,",
       "2025-04",
       before + " referrals: 100",
       {"HISTORICAL QUERY many-changes available"},
       {{"2025-03", now + " referrals: 30"}}},
      {"but not where one went the other way.",
       "2025-04",
       now + " referrals: 100",
       five,
       {{"2025-03", before + " referrals: 30"}}},
      {.says = "One that is excepted counts on neither side, and is said as that.",
       .period = "2025-04",
       .fields = now + " referrals: 10",
       .findings = {"HISTORICAL QUERY change available", "HISTORICAL QUERY change leave",
                    "HISTORICAL QUERY change phones", "HISTORICAL INFO change admissions (excepted)",
                    "HISTORICAL QUERY change referrals"},
       .earlier = {{"2025-03", before + " referrals: 100"}},
       .exceptions = {"change admissions"}},
      {"A value that is too small to compare counts on neither side.",
       "2025-04",
       now + " referrals: 10",
       four,
       {{"2025-03", before + " referrals: 19"}}},
  };
}

TEST(SpecificationHistorical, ManyChanges) { ExpectRows(ManyChanges()); }
TEST(SpecificationHistorical, Changes) { ExpectRows(Changes()); }
TEST(SpecificationHistorical, PeriodsBefore) { ExpectRows(PeriodsBefore()); }
TEST(SpecificationHistorical, ChangesInYear) { ExpectRows(ChangesInYear()); }
TEST(SpecificationHistorical, Vanished) { ExpectRows(Vanished()); }
TEST(SpecificationHistorical, Openings) { ExpectRows(Openings()); }
TEST(SpecificationHistorical, Silences) { ExpectRows(Silences()); }

}  // namespace

size_t Rows() {
  return Changes().size() + PeriodsBefore().size() + ChangesInYear().size() + Vanished().size() + Openings().size() +
         ManyChanges().size() + Silences().size() + quarter::Rows();
}

}  // namespace quartermaster::specification::historical
