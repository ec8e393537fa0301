// How findings read.
#include "client/findings_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ReportedFinding Make(const std::string& rule, schema::v1::Severity severity, uint32_t row, const std::string& message) {
  ReportedFinding reported;
  reported.about = absl::StrCat("RT", row, ", adult-inpatient, Q1 2025/26");
  v1::Finding& finding = reported.finding;
  finding.set_rule_id(rule);
  finding.set_class_(schema::v1::CLASS_INVALID);
  finding.set_severity(severity);
  finding.set_field("beds");
  finding.set_message(message);
  finding.set_hint("Check the value.");
  finding.set_given("500000");
  finding.set_expected("at most 400000");
  finding.set_file("f.csv");
  finding.set_row(row);
  finding.set_column("beds");
  return reported;
}

std::string Print(const std::vector<ReportedFinding>& findings) {
  std::ostringstream out;
  PrintFindings(findings, out);
  return out.str();
}

TEST(FindingsReportTest, NamesRuleCellValueAndWhatToDo) {
  EXPECT_EQ(Print({Make("maximum", schema::v1::SEVERITY_ERROR, 3, "Beds are too many.")}),
            "ERROR INVALID maximum\n"
            "  Beds are too many.\n"
            "    f.csv row 3, column beds (RT3, adult-inpatient, Q1 2025/26)\n"
            "      given 500000; expected at most 400000\n"
            "  -> Check the value.\n");
}

TEST(FindingsReportTest, SplitsWhatATerminalCannotShow) {
  ReportedFinding reported = Make("maximum", schema::v1::SEVERITY_ERROR, 3, "");
  reported.finding.set_file("a-folder-of-the-data-team/returns-with-mistakes.csv");
  for (int i = 0; i < 30; ++i) {
    reported.finding.set_message(absl::StrCat(reported.finding.message(), i == 0 ? "" : " ", "word"));
  }
  reported.finding.set_hint(reported.finding.message());
  EXPECT_EQ(Print({reported}),
            "ERROR INVALID maximum\n"
            "  word word word word word word word word word word word word word word word word word word word\n"
            "    word word word word word word word word word word word\n"
            "    a-folder-of-the-data-team/returns-with-mistakes.csv row 3, column beds\n"
            "      (RT3, adult-inpatient, Q1 2025/26)\n"
            "      given 500000; expected at most 400000\n"
            "  -> word word word word word word word word word word word word word word word word word word word\n"
            "     word word word word word word word word word word word\n");
}

TEST(FindingsReportTest, ShowsTheValuesOfARuleOverSeveralFieldsByTheirGroup) {
  ReportedFinding reported = Make("adds-up", schema::v1::SEVERITY_ERROR, 3, "They do not add up.");
  reported.finding.clear_expected();
  reported.finding.set_given(
      "admissions = 12, staff_by_discipline.nursing = 5, staff_by_discipline.clinical_support = 3, "
      "staff_by_discipline.medical = 2.5, workforce.in_post_wte = 10");
  EXPECT_THAT(
      Print({reported}),
      HasSubstr("    f.csv row 3, column beds (RT3, adult-inpatient, Q1 2025/26)\n"
                "      given admissions = 12, staff_by_discipline (nursing = 5, clinical_support = 3, medical = 2.5),\n"
                "        workforce.in_post_wte = 10\n"));
}

TEST(FindingsReportTest, ShowsAValueAsItWasGiven) {
  ReportedFinding reported = Make("pattern", schema::v1::SEVERITY_ERROR, 3, "It is no date.");
  reported.finding.clear_expected();
  reported.finding.set_given("a.b, a.c = 3");
  EXPECT_THAT(Print({reported}), HasSubstr("    f.csv row 3, column beds (RT3, adult-inpatient, Q1 2025/26): "
                                           "given a.b, a.c = 3\n"));
}

TEST(FindingsReportTest, GroupsByRuleAndShowsTheFirstPlaces) {
  std::vector<ReportedFinding> findings;
  for (uint32_t row = 2; row < 14; ++row)
    findings.push_back(Make("maximum", schema::v1::SEVERITY_ERROR, row, "Too many."));
  const std::string text = Print(findings);
  EXPECT_THAT(text, HasSubstr("ERROR INVALID maximum (12 times)\n  Too many.\n"));
  EXPECT_THAT(text, HasSubstr("row 6,"));
  EXPECT_THAT(text, Not(HasSubstr("row 7,")));
  EXPECT_THAT(text, HasSubstr("and 7 more"));
}

TEST(FindingsReportTest, PutsTheFieldsOfARuleBelowIt) {
  std::vector<ReportedFinding> findings;
  for (uint32_t i = 0; i < kMaxShownFields + 3; ++i) {
    findings.push_back(Make("required", schema::v1::SEVERITY_ERROR, 2, absl::StrCat("Field ", i, " is missing.")));
    findings.back().finding.set_field(absl::StrCat("field_", i));
  }
  findings[0].finding.set_hint("Ask the ward.");
  const std::string text = Print(findings);
  EXPECT_THAT(text, HasSubstr("ERROR INVALID required (15 times)\n  Field 0 is missing.\n"));
  EXPECT_THAT(text, HasSubstr("-> Ask the ward.\n  Field 1 is missing."));
  EXPECT_EQ(text.find("-> Check the value."), text.rfind("-> Check the value."));  // Once for all that share it.
  EXPECT_THAT(text, HasSubstr("Field 11 is missing."));
  EXPECT_THAT(text, Not(HasSubstr("Field 12 is missing.")));
  EXPECT_THAT(text, HasSubstr("and 3 more fields"));
}

TEST(FindingsReportTest, ShowsMessagesThatDiffer) {
  const std::string text = Print({Make("type", schema::v1::SEVERITY_ERROR, 2, "\"x\" is no number."),
                                  Make("type", schema::v1::SEVERITY_ERROR, 3, "\"y\" is no number.")});
  EXPECT_THAT(text, HasSubstr("\"x\" is no number."));
  EXPECT_THAT(text, HasSubstr("\"y\" is no number."));
}

TEST(FindingsReportTest, PutsErrorsFirst) {
  const std::string text =
      Print({Make("note", schema::v1::SEVERITY_INFO, 2, "n"), Make("odd", schema::v1::SEVERITY_QUERY, 2, "q"),
             Make("maximum", schema::v1::SEVERITY_ERROR, 3, "e")});
  EXPECT_LT(text.find("ERROR"), text.find("QUERY"));
  EXPECT_LT(text.find("QUERY"), text.find("INFO"));
}

TEST(FindingsReportTest, Counts) {
  google::protobuf::RepeatedPtrField<v1::Finding> findings;
  EXPECT_EQ(CountFindings(findings), "");
  *findings.Add() = Make("a", schema::v1::SEVERITY_QUERY, 1, "").finding;
  EXPECT_EQ(CountFindings(findings), "1 query");
  *findings.Add() = Make("a", schema::v1::SEVERITY_ERROR, 1, "").finding;
  *findings.Add() = Make("a", schema::v1::SEVERITY_QUERY, 1, "").finding;
  EXPECT_EQ(CountFindings(findings), "1 error, 2 queries");
}

}  // namespace
}  // namespace quartermaster::client
