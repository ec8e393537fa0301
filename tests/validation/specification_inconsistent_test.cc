// INCONSISTENT: what several values of one return are to each other.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::inconsistent {
namespace {

Row Of(const std::string& says, const std::string& fields, const std::vector<std::string>& findings = {}) {
  return {.says = says, .period = "2025-04", .fields = fields, .findings = findings};
}

Table Comparisons() {
  const std::string within = "INCONSISTENT QUERY occupied-within-available available";
  const std::string per_bed = "INCONSISTENT ERROR staff-per-bed staff";
  Row not_available = Of("Nor where one is not available.", "available: 1");
  not_available.not_available = {"occupied"};
  return {
      Of("At most: less is right,", "occupied: 9.99 available: 10"),
      Of("so is as much,", "occupied: 10 available: 10"),
      Of("a little more is not.", "occupied: 10.01 available: 10", {within}),
      Of("Without one side nothing is compared,", "occupied: 10"),
      Of("nor without the other.", "available: 10"),
      not_available,
      Of("Less than: a little less is right,", "staff: 9.99 beds: 1"),
      Of("as much is not.", "staff: 10 beds: 1", {per_bed}),
      Of("A quotient is rounded at 9 places, far past what matters.", "staff: 9.999999 beds: 1"),
      Of("What divides by zero cannot be told, which is said.", "staff: 1 beds: 0",
         {"INCONSISTENT INFO staff-per-bed staff"}),
      Of("Nothing by nothing cannot either.", "staff: 0 beds: 0", {"INCONSISTENT INFO staff-per-bed staff"}),
      Of("At least: as much is right,", "length: 1 width: 2 height: 5"),
      Of("a little less is not.", "length: 1 width: 3 height: 3", {"INCONSISTENT QUERY space-per-bed length"}),
      Of("A product past 64 bits cannot be told, which is said.", "length: 3000000000 width: 3000000000 height: 2",
         {"INCONSISTENT INFO space-per-bed length"}),
      Of("A rule may be for reading only.", "phones: 0", {"INCONSISTENT INFO one-phone phones"}),
  };
}

Table Logic() {
  const std::string note = "INCONSISTENT ERROR note-for-many-staff staff";
  const std::string closed = "INCONSISTENT ERROR closed-is-empty occupied";
  return {
      Of("Either is enough: the second,", "staff: 999"),
      Of("the first,", "staff: 1000 note: 'It is large.'"),
      Of("but not neither.", "staff: 1000", {note}),
      Of("The first decides without the second.", "note: 'There is no staff.'"),
      Of("A text that is empty is there.", "staff: 1000 note: ''"),
      Of("A yes decides without the number,", "open: true"),
      Of("the number without the yes.", "occupied: 0"),
      Of("Where what is there does not decide, nothing is said.", "occupied: 1"),
      Of("A no does not decide either.", "open: false"),
      Of("Both must be wrong,", "open: false occupied: 1", {closed}),
      Of("one is not enough.", "open: true occupied: 1"),
      Of("A value that breaks two rules is one mistake, and the graver rule says so.",
         "open: false occupied: 2 available: 1", {closed}),
  };
}

Table Since() {
  const std::string leave = "INCONSISTENT QUERY leave-within-occupied occupied";
  const std::string cost = "INCONSISTENT QUERY cost-of-parts cost";
  return {
      {"Before its month a rule is not judged.", "2025-01", "leave: 2 occupied: 1"},
      {"In its month it is.", "2025-02", "leave: 2 occupied: 1", {leave}},
      {"A quarter counts by its first month, before,", "2024-25-Q4", "leave: 2 occupied: 1"},
      {"and after.", "2025-26-Q1", "leave: 2 occupied: 1", {leave}},
      {"It holds for sums as well, before", "2025-01", "cost: 4 pay: 1 drugs: 1 food: 1"},
      {"and after.", "2025-02", "cost: 4 pay: 1 drugs: 1 food: 1", {cost}},
  };
}

Table WithPopulations() {
  const auto of = [](const std::string& says, const std::string& fields, const std::vector<double>& populations,
                     const std::vector<std::string>& findings = {}) {
    Row row = Of(says, fields, findings);
    row.populations = populations;
    return row;
  };
  return {
      of("A population that nobody registered compares with nothing.", "staff: 501", {}),
      of("One that is registered does: as many is right,", "staff: 500", {500}),
      of("one more is not.", "staff: 501", {500}, {"INCONSISTENT ERROR staff-within-population staff"}),
      of("A population of nobody is one.", "staff: 1", {0}, {"INCONSISTENT ERROR staff-within-population staff"}),
  };
}

Table Sums() {
  const std::string gender = "INCONSISTENT ERROR caseload-by-gender caseload";
  const std::string cost = "INCONSISTENT QUERY cost-of-parts cost";
  Row not_available = Of("Nor is one judged that is not available.", "gender { female: 1 male: 2 other: 3 }");
  not_available.not_available = {"caseload"};
  return {
      Of("All fields of a group are parts.", "caseload: 6 gender { female: 1 male: 2 other: 3 }"),
      Of("One too many in the total is found,", "caseload: 7 gender { female: 1 male: 2 other: 3 }", {gender}),
      Of("one too few as well.", "caseload: 5 gender { female: 1 male: 2 other: 3 }", {gender}),
      Of("Nothing is the sum of nothings.", "caseload: 0 gender { female: 0 male: 0 other: 0 }"),
      Of("A part that is absent is not zero: the sum is not judged.", "caseload: 7 gender { female: 1 male: 2 }"),
      Of("Nor is it without the total.", "gender { female: 1 male: 2 other: 3 }"),
      not_available,
      Of("With a tolerance: the total may be as much more", "cost: 60.5 pay: 10 drugs: 20 food: 30"),
      Of("or less", "cost: 59.5 pay: 10 drugs: 20 food: 30"),
      Of("but not a penny more", "cost: 60.51 pay: 10 drugs: 20 food: 30", {cost}),
      Of("or less.", "cost: 59.49 pay: 10 drugs: 20 food: 30", {cost}),
      Of("Sums are exact: 0.1 and 0.2 and 0.3 are 0.6 and may be 1.1.", "cost: 1.1 pay: 0.1 drugs: 0.2 food: 0.3"),
      Of("Parts may be negative.", "cost: 10 pay: 20 drugs: -5 food: -5"),
      Of("Every part must be there.", "cost: 10 pay: 20 drugs: -5"),
  };
}

Table Silences() {
  Row misspelt = Of("Nor where a value came under a misspelt name.", "available: 1", {});
  misspelt.findings = {"STRUCTURE ERROR unknown-field ocupied"};
  misspelt.unreadable = {"ocupied = 2"};
  Row unread = Of("Nor where it could not be read.", "available: 1", {"INVALID ERROR type occupied"});
  unread.unreadable = {"occupied = two"};
  return {
      Of("A rule is silent where a value has a finding of its own.", "occupied: 6000 available: 5001",
         {"INVALID ERROR maximum available"}),
      Of("So is one with too many decimals.", "occupied: 10.001 available: 1", {"INVALID ERROR decimals occupied"}),
      misspelt,
      unread,
      Of("A rule that asks whether a text is there is silent where that is invalid.",
         "staff: 1000 note: 'A note of more than twenty characters.'", {"INVALID ERROR length note"}),
      Of("So is a sum with an invalid part.", "caseload: 9 gender { female: 1 male: -2 other: 3 }",
         {"INVALID ERROR minimum gender.male"}),
      Of("A value that was only rounded is compared.", "occupied: 10.30000000000001 available: 1",
         {"INVALID INFO binary-noise occupied", "INCONSISTENT QUERY occupied-within-available available"}),
  };
}

Row OnTrial(const std::string& says, const std::string& fields, const std::vector<std::string>& findings,
            const std::vector<std::string>& shadow_findings) {
  Row row = Of(says, fields, findings);
  row.shadow_findings = shadow_findings;
  return row;
}

Row Excepted(const std::string& says, const std::string& fields, const std::string& exception,
             const std::vector<std::string>& findings) {
  Row row = Of(says, fields, findings);
  row.exceptions = {exception};
  return row;
}

Table TrialsAndExceptions() {
  const std::string closed = "closed-is-empty occupied";
  Row trial = OnTrial("An exception is nothing to a rule on trial.", "leave: 100 occupied: 100", {},
                      {"INCONSISTENT ERROR trial-leave leave"});
  trial.exceptions = {"trial-leave leave"};
  return {
      OnTrial("A rule on trial rejects nothing.", "leave: 100 occupied: 100", {},
              {"INCONSISTENT ERROR trial-leave leave"}),
      OnTrial("It is right where it is right.", "leave: 99 occupied: 100", {}, {}),
      OnTrial("What others find stands beside it.", "leave: 101 occupied: 100",
              {"INCONSISTENT QUERY leave-within-occupied occupied"}, {"INCONSISTENT ERROR trial-leave leave"}),
      OnTrial("A sum may be on trial.", "list_start: 1 joined: 2 list_end: 4", {},
              {"INCONSISTENT QUERY trial-sum list_end"}),
      trial,
      Excepted("A standing exception makes an ERROR an INFO.", "open: false occupied: 1", closed,
               {"INCONSISTENT INFO closed-is-empty occupied (excepted)"}),
      Excepted("A QUERY as well.", "occupied: 2 available: 1", "occupied-within-available available",
               {"INCONSISTENT INFO occupied-within-available available (excepted)"}),
      Excepted("A sum as well.", "caseload: 7 gender { female: 1 male: 2 other: 3 }", "caseload-by-gender caseload",
               {"INCONSISTENT INFO caseload-by-gender caseload (excepted)"}),
      Excepted("It holds for its field only.", "open: false occupied: 1", "closed-is-empty open",
               {"INCONSISTENT ERROR closed-is-empty occupied"}),
      Excepted("It holds for its rule only.", "open: false occupied: 1", "staff-per-bed occupied",
               {"INCONSISTENT ERROR closed-is-empty occupied"}),
      Excepted("An INFO needs none.", "phones: 0", "one-phone phones", {"INCONSISTENT INFO one-phone phones"}),
      Excepted("What cannot be computed is an INFO already.", "staff: 1 beds: 0", "staff-per-bed staff",
               {"INCONSISTENT INFO staff-per-bed staff"}),
      Excepted("What one value breaks has none.", "beds: 1001", "maximum beds", {"INVALID ERROR maximum beds"}),
  };
}

TEST(SpecificationInconsistent, Comparisons) { ExpectRows(Comparisons()); }
TEST(SpecificationInconsistent, Logic) { ExpectRows(Logic()); }
TEST(SpecificationInconsistent, Since) { ExpectRows(Since()); }
TEST(SpecificationInconsistent, Populations) { ExpectRows(WithPopulations()); }
TEST(SpecificationInconsistent, Sums) { ExpectRows(Sums()); }
TEST(SpecificationInconsistent, Silences) { ExpectRows(Silences()); }
TEST(SpecificationInconsistent, TrialsAndExceptions) { ExpectRows(TrialsAndExceptions()); }

}  // namespace

size_t Rows() {
  return Comparisons().size() + Logic().size() + Since().size() + WithPopulations().size() + Sums().size() +
         Silences().size() + TrialsAndExceptions().size();
}

}  // namespace quartermaster::specification::inconsistent
