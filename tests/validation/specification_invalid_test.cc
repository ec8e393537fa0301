// INVALID: what one value may be.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::invalid {
namespace {

// Of the service "values".
Row Of(const std::string& says, const std::string& fields, const std::string& finding = "",
       const std::string& period = "2024-04") {
  Row row{.says = says, .period = period, .fields = fields, .service = "values"};
  if (!finding.empty()) row.findings = {"INVALID " + finding};
  return row;
}

Row Written(const std::string& says, const std::string& unreadable, const std::string& finding) {
  Row row = Of(says, "", finding);
  row.unreadable = {unreadable};
  return row;
}

Row NotAvailable(const std::string& says, const std::string& fields, const std::string& path,
                 const std::string& finding) {
  Row row = Of(says, fields, finding);
  row.not_available = {path};
  return row;
}

Table Ranges() {
  return {
      Of("The least number is accepted,", "beds: 0"),
      Of("a little less is not.", "beds: -0.01", "ERROR minimum beds"),
      Of("The most is accepted,", "beds: 1000"),
      Of("a little more is not.", "beds: 1000.01", "ERROR maximum beds"),
      Of("Ranges may lie below zero: the least,", "depth: -10.5"),
      Of("less than it,", "depth: -10.6", "ERROR minimum depth"),
      Of("the most,", "depth: -0.5"),
      Of("more than it.", "depth: -0.4", "ERROR maximum depth"),
      Of("A whole number has a least one, too.", "staff: -1", "ERROR minimum staff"),
      Of("Without a most it may be large.", "staff: 1000000000000"),
      Of("An unsigned one has a most.", "rooms: 51", "ERROR maximum rooms"),
      Of("Zero is no less than zero, with a sign neither.", "beds: -0.0"),
      Of("A number in a group is judged as any.", "gender { female: 1 male: -1 }", "ERROR minimum gender.male"),
  };
}

Table TightenedRanges() {
  const auto of = [](const std::string& says, const std::string& period, const std::string& fields,
                     const std::string& finding = "") { return Of(says, fields, finding, period); };
  return {
      of("Before its month a tightened limit does not hold.", "2024-04", "score: 100"),
      of("The first limit does.", "2024-04", "score: 100.1", "ERROR maximum score"),
      of("In its month the tightened one does: the most,", "2024-05", "score: 90"),
      of("and more than it.", "2024-05", "score: 90.1", "ERROR maximum score"),
      of("The side that was not tightened is as before.", "2024-05", "score: 0"),
      of("Below it nothing is accepted still.", "2024-05", "score: -0.1", "ERROR minimum score"),
      of("A quarter counts by its first month, before,", "2024-25-Q1", "score: 95"),
      of("and after.", "2024-25-Q2", "score: 95", "ERROR maximum score"),
      of("The last month before the second tightening.", "2025-03", "score: 5"),
      of("The second tightens both sides: the least,", "2025-04", "score: 10"),
      of("less than it,", "2025-04", "score: 9.9", "ERROR minimum score"),
      of("the most,", "2025-04", "score: 80"),
      of("and more than it.", "2025-04", "score: 80.1", "ERROR maximum score"),
  };
}

Table Decimals() {
  return {
      Of("As many decimal places as the field has are accepted,", "beds: 12.34"),
      Of("one more is not.", "beds: 12.345", "ERROR decimals beds"),
      Of("Fewer are.", "beds: 12"),
      Of("Nine are the most that a field can have,", "exact: 0.123456789"),
      Of("and ten are too many.", "exact: 0.1234567891", "ERROR decimals exact"),
      Of("Where the field does not say, it has six,", "plain: 0.123456"),
      Of("not seven.", "plain: 0.1234567", "ERROR decimals plain"),
      Of("A field may have none,", "whole: 12"),
      Of("and then a half is too many.", "whole: 12.5", "ERROR decimals whole"),
      Of("What a spreadsheet adds in binary is rounded away and said.", "beds: 0.30000000000000004",
         "INFO binary-noise beds"),
      Of("With nines as well.", "beds: 73.82999999999999", "INFO binary-noise beds"),
      Of("More than a part in 10^12 is no noise.", "beds: 0.300000000001", "ERROR decimals beds"),
      Of("A double tells 15 digits apart; what comes after them is noise.", "plain: 123456789012.123456",
         "INFO binary-noise plain"),
  };
}

Table Magnitudes() {
  Row noisy = Of("What was rounded is judged as it was taken.", "beds: 1000.2300000000001", "INFO binary-noise beds");
  noisy.findings.push_back("INVALID ERROR maximum beds");
  return {
      Of("A trillion of anything is accepted,", "plain: 1e12"),
      Of("more is not.", "plain: 1000000000001", "ERROR too-large plain"),
      Of("Below zero as well.", "plain: -1e12"),
      Of("Past a trillion below zero it is too large.", "plain: -1000000000001", "ERROR too-large plain"),
      Of("So is a whole number past it,", "staff: 1000000000001", "ERROR too-large staff"),
      Of("the largest one,", "staff: 9223372036854775807", "ERROR too-large staff"),
      Of("and infinity.", "plain: inf", "ERROR too-large plain"),
      Of("What is no number at all is of the wrong type.", "plain: nan", "ERROR type plain"),
      Of("Too large is one mistake, not two.", "beds: 1e13", "ERROR too-large beds"),
      noisy,
  };
}

Table Types() {
  return {
      Written("A whole number that no field can hold is one all the same.", "staff = 99999999999999999999",
              "ERROR too-large staff"),
      Written("Words are no number.", "beds = many", "ERROR type beds"),
      Written("Neither is a number with thousands separators,", "beds = 1,234", "ERROR type beds"),
      Written("with a decimal comma,", "beds = 12,5", "ERROR type beds"),
      Written("with a currency,", "beds = £12", "ERROR type beds"),
      Written("or with a percent sign.", "beds = 12%", "ERROR type beds"),
      Written("A spreadsheet's error is none.", "beds = #DIV/0!", "ERROR type beds"),
      Written("A half is no whole number.", "staff = 12.5", "ERROR type staff"),
      Written("Maybe is not yes or no.", "open = maybe", "ERROR type open"),
      Written("A word that is none of the choices is none.", "team = cardiology", "ERROR type team"),
      Written("A group is named by its field.", "gender.male = x", "ERROR type gender.male"),
      Of("A choice that the schema has is accepted.", "team: TEAM_HOME_TREATMENT"),
      Of("A number that stands for none is not.", "team: 77", "ERROR choice team"),
      Of("Unspecified is no choice: nobody means it.", "team: TEAM_UNSPECIFIED", "ERROR choice team"),
  };
}

Table Texts() {
  return {
      Of("A text may be as long as the field says,", "note: 'abcde'"),
      Of("not longer.", "note: 'abcdef'", "ERROR length note"),
      Of("Its length counts characters, not bytes.", "note: '\303\251\303\251\303\251\303\251\303\251'"),
      Of("One more of them is too long.", "note: '\303\251\303\251\303\251\303\251\303\251\303\251'",
         "ERROR length note"),
      Of("It may be empty.", "note: ''"),
      Of("A text matches the pattern of its field.", "ward_code: 'AB12'"),
      Of("Small letters are not capitals.", "ward_code: 'ab12'", "ERROR pattern ward_code"),
      Of("The whole text must match, to its end", "ward_code: 'AB12 '", "ERROR pattern ward_code"),
      Of("and from its start.", "ward_code: 'XAB12'", "ERROR pattern ward_code"),
      Of("An empty text must match as well.", "ward_code: ''", "ERROR pattern ward_code"),
      Of("A pattern needs no description.", "floor_code: '1'", "ERROR pattern floor_code"),
  };
}

Table NotAvailables() {
  Row long_reason = NotAvailable("A reason has 200 characters at most.", "", "waived", "ERROR reason-length waived");
  long_reason.twist = [](v1::ReturnContent* content) {
    content->mutable_not_available(0)->set_reason(std::string(201, 'x'));
  };
  Row reason = NotAvailable("A reason may be given.", "", "waived", "");
  reason.twist = [](v1::ReturnContent* content) { content->mutable_not_available(0)->set_reason("The clerk is ill."); };
  return {
      NotAvailable("Not available is accepted where the field allows it,", "", "waived", ""),
      NotAvailable("not elsewhere.", "", "beds", "ERROR not-available beds"),
      NotAvailable("It is said instead of a value, not beside it.", "waived: 1", "waived",
                   "ERROR value-and-not-available waived"),
      NotAvailable("A value that could not be taken is one.", "waived: 1.23", "waived",
                   "ERROR value-and-not-available waived"),
      NotAvailable("So is one that is too large.", "waived: 1e13", "waived", "ERROR value-and-not-available waived"),
      NotAvailable("Where both are wrong it is one mistake.", "beds: 1", "beds", "ERROR value-and-not-available beds"),
      reason,
      long_reason,
  };
}

TEST(SpecificationInvalid, Ranges) { ExpectRows(Ranges()); }
TEST(SpecificationInvalid, TightenedRanges) { ExpectRows(TightenedRanges()); }
TEST(SpecificationInvalid, Decimals) { ExpectRows(Decimals()); }
TEST(SpecificationInvalid, Magnitudes) { ExpectRows(Magnitudes()); }
TEST(SpecificationInvalid, Types) { ExpectRows(Types()); }
TEST(SpecificationInvalid, Texts) { ExpectRows(Texts()); }
TEST(SpecificationInvalid, NotAvailables) { ExpectRows(NotAvailables()); }

}  // namespace

size_t Rows() {
  return Ranges().size() + TightenedRanges().size() + Decimals().size() + Magnitudes().size() + Types().size() +
         Texts().size() + NotAvailables().size();
}

}  // namespace quartermaster::specification::invalid
