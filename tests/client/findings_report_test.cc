// How findings read.
#include "client/findings_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/finding_text.h"

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
  finding.set_column_letter("C");
  return reported;
}

std::string Print(const std::vector<ReportedFinding>& findings) {
  std::ostringstream out;
  PrintFindings(findings, out);
  return out.str();
}

TEST(FindingsReportTest, NamesRuleCellValueAndWhatToDo) {
  EXPECT_EQ(Print({Make("maximum", schema::v1::SEVERITY_ERROR, 3, "Beds are too many.")}),
            "ERROR Beds are too many.\n"
            "    RT3, adult-inpatient, Q1 2025/26, in f.csv row 3, column beds (C)\n"
            "      given 500000; expected at most 400000\n"
            "  -> Check the value.\n"
            "  rule: maximum, class INVALID\n");
}

TEST(FindingsReportTest, NamesAColumnWithoutHeadingByItsLetterOnce) {
  ReportedFinding reported = Make("ragged-row", schema::v1::SEVERITY_ERROR, 3, "It has no heading.");
  reported.about.clear();
  reported.finding.clear_given();
  reported.finding.clear_expected();
  reported.finding.set_column("C");
  EXPECT_THAT(Print({reported}), HasSubstr("    f.csv row 3, column C\n"));
}

TEST(FindingsReportTest, SaysHowFarAValueIsFromWhatItWasComparedWith) {
  ReportedFinding reported = Make("change", schema::v1::SEVERITY_QUERY, 3, "It moved.");
  v1::Finding& finding = reported.finding;
  finding.set_given("67.5");
  finding.clear_expected();
  finding.set_difference("-12.5");
  v1::Baseline& baseline = *finding.mutable_baseline();
  baseline.set_kind(v1::BASELINE_KIND_PREVIOUS_PERIOD);
  baseline.set_period("2024-25-Q3");
  baseline.set_value("80");
  EXPECT_THAT(Print({reported}), HasSubstr("      given 67.5; differs by -12.5; before: 80 in Q3 2024/25\n"));
  const struct {
    v1::BaselineKind kind;
    uint32_t points;
    const char* spread;
    const char* expected;
  } kCases[] = {
      {v1::BASELINE_KIND_YEAR_BEFORE, 0, "", "a year before: 80 in Q3 2024/25"},
      {v1::BASELINE_KIND_MONTHS_OF_QUARTER, 0, "", "its three months together: 80 in Q3 2024/25"},
      {v1::BASELINE_KIND_QUARTERLY_RETURN, 1, "", "the quarterly return: 80 in Q3 2024/25"},
      {v1::BASELINE_KIND_OWN_PAST, 8, "3.2", "earlier periods: 80, the median of 8 up to Q3 2024/25, spread 3.2"},
      {v1::BASELINE_KIND_NATIONAL, 41, "3.2", "other participants: 80, the median of 41 in Q3 2024/25, spread 3.2"},
      {v1::BASELINE_KIND_UNSPECIFIED, 0, "", "compared with: 80 in Q3 2024/25"},
  };
  for (const auto& c : kCases) {
    baseline.set_kind(c.kind);
    baseline.set_points(c.points);
    baseline.set_spread(c.spread);
    EXPECT_EQ(DescribeBaseline(finding), c.expected);
  }
  EXPECT_EQ(DescribeBaseline({}), "");
}

ReportedFinding MakeQuery(uint32_t row, v1::QueryState state, const std::string& text) {
  ReportedFinding reported = Make("change", schema::v1::SEVERITY_QUERY, row, "It moved.");
  reported.standing.emplace().set_state(state);
  reported.standing->mutable_explanation()->set_text(text);
  if (state == v1::QUERY_STATE_RETURNED) reported.standing->mutable_review()->set_text("Which ward?");
  return reported;
}

TEST(FindingsReportTest, SaysWhereQueriesStand) {
  const std::string text =
      Print({MakeQuery(2, v1::QUERY_STATE_OPEN, ""), MakeQuery(3, v1::QUERY_STATE_EXPLAINED, "A ward opened."),
             MakeQuery(4, v1::QUERY_STATE_RETURNED, "It is so."), MakeQuery(5, v1::QUERY_STATE_OPEN, "")});
  EXPECT_THAT(text, HasSubstr("row 3, column beds (C)\n"
                              "      given 500000; expected at most 400000\n"
                              "      explained: A ward opened.\n"));
  EXPECT_THAT(text, HasSubstr("      returned by the steward: Which ward? (it was explained: It is so.)\n"));
  EXPECT_THAT(text, HasSubstr("  -> 3 open: amend the values or explain them, with"));
  EXPECT_THAT(Print({MakeQuery(2, v1::QUERY_STATE_OPEN, "")}),
              HasSubstr("  -> open: amend the value or explain it, with"));
  EXPECT_THAT(Print({MakeQuery(2, v1::QUERY_STATE_ACCEPTED, "Yes.")}), Not(HasSubstr("--explain")));
}

TEST(FindingsReportTest, PrintsAListLineByLine) {
  ReportedFinding reported =
      Make("published-sheet", schema::v1::SEVERITY_ERROR, 3, "It is a sheet.\nRow 1 is a title.\nRow 3.");
  reported.about.clear();
  reported.finding.clear_given();
  reported.finding.clear_expected();
  reported.finding.set_file(std::string(60, 'f'));
  ReportedFinding other = reported;
  other.finding.set_message("It is a sheet.\nRow 2 is a title.");
  other.finding.set_row(4);
  EXPECT_EQ(Print({reported, other}), absl::StrCat("ERROR It is a sheet. (2 times)\n"
                                                   "    ",
                                                   reported.finding.file(),
                                                   " row 3, column beds (C)\n"
                                                   "      Row 1 is a title.\n"
                                                   "      Row 3.\n"
                                                   "    ",
                                                   reported.finding.file(),
                                                   " row 4, column beds (C)\n"
                                                   "      Row 2 is a title.\n"
                                                   "  -> Check the value.\n"
                                                   "  rule: published-sheet, class INVALID\n"));
}

TEST(FindingsReportTest, SplitsWhatATerminalCannotShow) {
  ReportedFinding reported = Make("maximum", schema::v1::SEVERITY_ERROR, 3, "");
  reported.finding.set_file("a-folder-of-the-data-team/returns-with-mistakes.csv");
  for (int i = 0; i < 30; ++i) {
    reported.finding.set_message(absl::StrCat(reported.finding.message(), i == 0 ? "" : " ", "word"));
  }
  reported.finding.set_hint(reported.finding.message());
  EXPECT_EQ(Print({reported}),
            "ERROR word word word word word word word word word word word word word word word word word word word\n"
            "      word word word word word word word word word word word\n"
            "    RT3, adult-inpatient, Q1 2025/26,\n"
            "      in a-folder-of-the-data-team/returns-with-mistakes.csv row 3, column beds (C)\n"
            "      given 500000; expected at most 400000\n"
            "  -> word word word word word word word word word word word word word word word word word word word\n"
            "     word word word word word word word word word word word\n"
            "  rule: maximum, class INVALID\n");
}

TEST(FindingsReportTest, ShowsTheValuesOfARuleOverSeveralFieldsByTheirGroup) {
  ReportedFinding reported = Make("adds-up", schema::v1::SEVERITY_ERROR, 3, "They do not add up.");
  reported.finding.clear_expected();
  reported.finding.set_given(
      "admissions = 12, staff_by_discipline.nursing = 5, staff_by_discipline.clinical_support = 3, "
      "staff_by_discipline.medical = 2.5, workforce.in_post_wte = 10");
  EXPECT_THAT(
      Print({reported}),
      HasSubstr("    RT3, adult-inpatient, Q1 2025/26, in f.csv row 3, column beds (C)\n"
                "      given admissions = 12, staff_by_discipline (nursing = 5, clinical_support = 3, medical = 2.5),\n"
                "        workforce.in_post_wte = 10\n"));
}

TEST(FindingsReportTest, ShowsAValueAsItWasGiven) {
  ReportedFinding reported = Make("pattern", schema::v1::SEVERITY_ERROR, 3, "It is no date.");
  reported.finding.clear_expected();
  reported.finding.set_given("a.b, a.c = 3");
  EXPECT_THAT(Print({reported}), HasSubstr("    RT3, adult-inpatient, Q1 2025/26, in f.csv row 3, column beds (C): "
                                           "given a.b, a.c = 3\n"));
}

TEST(FindingsReportTest, GroupsByRuleAndShowsTheFirstPlaces) {
  std::vector<ReportedFinding> findings;
  for (uint32_t row = 2; row < 14; ++row)
    findings.push_back(Make("maximum", schema::v1::SEVERITY_ERROR, row, "Too many."));
  const std::string text = Print(findings);
  EXPECT_THAT(text, HasSubstr("ERROR Too many. (12 times)\n"));
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
  EXPECT_THAT(text, HasSubstr("ERROR Field 0 is missing.\n"));
  EXPECT_THAT(text, HasSubstr("-> Ask the ward.\nERROR Field 1 is missing."));
  EXPECT_EQ(text.find("  rule: required, class INVALID\n"), text.rfind("  rule: "));  // Once, below all of them.
  EXPECT_EQ(text.find("-> Check the value."), text.rfind("-> Check the value."));     // Once for all that share it.
  EXPECT_THAT(text, HasSubstr("Field 11 is missing."));
  EXPECT_THAT(text, Not(HasSubstr("Field 12 is missing.")));
  EXPECT_THAT(text, HasSubstr("  and 3 more about other fields; --output csv lists them all\n"));
}

TEST(FindingsReportTest, ShowsMessagesThatDiffer) {
  const std::string text = Print({Make("type", schema::v1::SEVERITY_ERROR, 2, "\"x\" is no number."),
                                  Make("type", schema::v1::SEVERITY_ERROR, 3, "\"y\" is no number.")});
  EXPECT_THAT(text, HasSubstr("\"x\" is no number."));
  EXPECT_THAT(text, HasSubstr("\"y\" is no number."));
}

TEST(FindingsReportTest, ShowsHintsThatDifferBelowTheirPlaces) {
  std::vector<ReportedFinding> findings;
  for (uint32_t row = 2; row < 5; ++row) {
    findings.push_back(Make("unknown-participant", schema::v1::SEVERITY_ERROR, row, "No such participant."));
  }
  findings[0].finding.set_hint("Did you mean RT1?");
  findings[1].finding.set_hint("Did you mean RT2?");
  findings[2].finding.set_hint("Did you mean RT2?");
  const std::string text = Print(findings);
  const size_t first = text.find("-> Did you mean RT1?");
  const size_t second = text.find("-> Did you mean RT2?");
  EXPECT_LT(text.find("row 2,"), first);
  EXPECT_LT(first, text.find("row 3,"));
  EXPECT_LT(text.find("row 4,"), second);
  EXPECT_EQ(second, text.rfind("->"));
}

TEST(FindingsReportTest, PutsErrorsFirst) {
  const std::string text =
      Print({Make("note", schema::v1::SEVERITY_INFO, 2, "n"), Make("odd", schema::v1::SEVERITY_QUERY, 2, "q"),
             Make("maximum", schema::v1::SEVERITY_ERROR, 3, "e")});
  EXPECT_LT(text.find("ERROR"), text.find("QUERY"));
  EXPECT_LT(text.find("QUERY"), text.find("INFO"));
}

TEST(FindingsReportTest, KeepsOnlyWhatItPrints) {
  FindingsReport report;
  for (uint32_t i = 0; i < 10'000; ++i) {
    report.Add(Make("maximum", schema::v1::SEVERITY_ERROR, i, absl::StrCat("Value ", i, " is too large.")));
  }
  EXPECT_EQ(report.kept(), kMaxShownPlaces);
  for (uint32_t i = 0; i < 10'000; ++i) {
    ReportedFinding of_field = Make("minimum", schema::v1::SEVERITY_ERROR, i, "Too small.");
    of_field.finding.set_field(absl::StrCat("field", i));
    report.Add(std::move(of_field));
  }
  EXPECT_EQ(report.kept(), kMaxShownPlaces + kMaxShownFields);
  for (uint32_t i = 0; i < 10'000; ++i) {
    report.Add(Make(absl::StrCat("rule", i), schema::v1::SEVERITY_QUERY, i, "It is odd."));
  }
  EXPECT_EQ(report.kept(), kMaxShownPlaces + kMaxShownFields + kMaxShownRules - 2);
  std::ostringstream out;
  report.Print(out);
  EXPECT_THAT(out.str(), HasSubstr("(10000 times)"));
  EXPECT_THAT(out.str(), HasSubstr("and 9995 more; --output csv lists them all"));
  EXPECT_THAT(out.str(), HasSubstr("and 9988 more about other fields"));
  EXPECT_THAT(out.str(), HasSubstr("and 9802 more findings of other rules"));
}

TEST(FindingsReportTest, PutsInCsvFirstWhatPeopleRead) {
  std::vector<std::string> headings;
  for (const Column& column : FindingColumns()) headings.push_back(column.heading);
  EXPECT_EQ(absl::StrJoin(headings, ","),
            "severity,message,hint,file,sheet,row,column,column_letter,label,given,expected,difference,baseline,field,"
            "indicator,class,rule_id,query_state,explanation,exception");
  const ReportedFinding query = MakeQuery(3, v1::QUERY_STATE_EXPLAINED, "A ward opened.");
  EXPECT_EQ(absl::StrJoin(FindingCells(query.finding, &*query.standing), ","),
            "QUERY,It moved.,Check the value.,f.csv,,3,beds,C,,500000,at most 400000,,,beds,,INVALID,change,explained,"
            "A ward opened.,");
  EXPECT_EQ(FindingCells(query.finding).size(), headings.size());
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
