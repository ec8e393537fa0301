// What submit and validate print, and how they end.
#include "client/verdict_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Verdict Verdict(const std::string& participant, bool accepted) {
  v1::Verdict verdict;
  verdict.set_participant(participant);
  verdict.set_service("adult-inpatient");
  verdict.set_period("2025-26-Q1");
  verdict.set_accepted(accepted);
  if (accepted) verdict.set_revision(1);
  return verdict;
}

v1::Verdict WithFinding(v1::Verdict verdict, schema::v1::Severity severity) {
  v1::Finding* finding = verdict.add_findings();
  finding->set_rule_id("rule");
  finding->set_severity(severity);
  finding->set_message("Look at this.");
  finding->set_file("f.csv");
  finding->set_row(3);
  return verdict;
}

struct Printed {
  std::ostringstream out;
  std::ostringstream error;
  Console console{out, error};
};

TEST(VerdictReportTest, PrintsOneJsonObjectALine) {
  Printed printed;
  VerdictReport report({OutputFormat::kJson, "accepted", false}, printed.console);
  report.Add(Verdict("RT1", true));
  report.Add(WithFinding(Verdict("RT2", false), schema::v1::SEVERITY_ERROR));
  EXPECT_EQ(
      printed.out.str(),
      "{\"participant\":\"RT1\",\"service\":\"adult-inpatient\",\"period\":\"2025-26-Q1\",\"accepted\":true,"
      "\"findings\":[],\"position\":[],\"queries\":[],\"revision\":1}\n"
      "{\"participant\":\"RT2\",\"service\":\"adult-inpatient\",\"period\":\"2025-26-Q1\",\"accepted\":false,"
      "\"findings\":[{\"ruleId\":\"rule\",\"class\":\"CLASS_UNSPECIFIED\",\"severity\":\"SEVERITY_ERROR\","
      "\"field\":\"\",\"label\":\"\",\"message\":\"Look at this.\",\"hint\":\"\",\"given\":\"\",\"expected\":\"\","
      "\"file\":\"f.csv\",\"sheet\":\"\",\"column\":\"\",\"columnLetter\":\"\",\"difference\":\"\",\"indicator\":\"\","
      "\"fingerprint\":\"\",\"row\":3}],\"position\":[],\"queries\":[]}\n");
  EXPECT_EQ(report.Finish(), ExitCode::kRejected);
}

TEST(VerdictReportTest, SaysInJsonWhyAReturnWasNotJudged) {
  Printed printed;
  VerdictReport report({OutputFormat::kJson, "accepted", false}, printed.console);
  report.AddFailure(Verdict("RT1", false), absl::AbortedError("another \"revision\" is there"));
  EXPECT_THAT(printed.out.str(), HasSubstr("\"accepted\":false,\"findings\":[],\"position\":[],\"queries\":[],"
                                           "\"error\":{\"code\":10,\"message\":\"another "
                                           "\\\"revision\\\" is there\",\"details\":[]}}\n"));
  EXPECT_EQ(report.Finish(), ExitCode::kConflict);
  EXPECT_EQ(printed.error.str(), "qm: another \"revision\" is there\n");
}

TEST(VerdictReportTest, PrintsALineAReturnAndWhatToDo) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  report.Add(WithFinding(Verdict("RT1", true), schema::v1::SEVERITY_QUERY));
  report.Add(WithFinding(Verdict("RT2", false), schema::v1::SEVERITY_ERROR));
  EXPECT_EQ(report.Finish(), ExitCode::kRejected);
  EXPECT_EQ(printed.out.str(),
            "PARTICIPANT  SERVICE          PERIOD      VERDICT   REVISION  FINDINGS\n"
            "RT1          adult-inpatient  Q1 2025/26  accepted         1  1 query\n"
            "RT2          adult-inpatient  Q1 2025/26  rejected         -  1 error\n"
            "\n"
            "ERROR Look at this.\n"
            "    RT2, adult-inpatient, Q1 2025/26, in f.csv row 3\n"
            "  rule: rule, class UNSPECIFIED\n"
            "QUERY Look at this.\n"
            "    RT1, adult-inpatient, Q1 2025/26, in f.csv row 3\n"
            "  rule: rule, class UNSPECIFIED\n"
            "\n"
            "2 returns: 1 accepted, 1 rejected\n");
}

TEST(VerdictReportTest, ShowsTheNewNationalFiguresOfAFewReturnsOnly) {
  v1::Verdict verdict = Verdict("RT1", true);
  for (int i = 0; i < 10; ++i) {
    v1::IndicatorPosition* position = verdict.add_position();
    position->set_value(90.06);
    position->set_rank(3);
    position->mutable_national()->set_title(absl::StrCat("Indicator ", i));
    position->mutable_national()->set_mean(86.51);
    position->mutable_national()->set_n(42);
    position->mutable_national()->set_decimals(1);
  }
  verdict.mutable_position(0)->clear_value();  // Undefined, as 0 / 0.
  const auto print = [&verdict](int returns) {
    Printed printed;
    VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
    for (int i = 0; i < returns; ++i) report.Add(verdict);
    report.Finish();
    return printed.out.str();
  };
  const std::string one = print(1);
  EXPECT_THAT(one, Not(HasSubstr("Indicator 0")));
  EXPECT_THAT(one, HasSubstr("Indicator 1  90.1  86.5       -  42     3"));
  EXPECT_THAT(one, HasSubstr("Indicator 8"));
  EXPECT_THAT(one, Not(HasSubstr("Indicator 9")));
  EXPECT_THAT(one, HasSubstr("and 1 more; 'qm position' has them all"));
  EXPECT_THAT(print(3), HasSubstr("Indicator 1"));
  EXPECT_THAT(print(4), Not(HasSubstr("Indicator 1")));
}

TEST(VerdictReportTest, EndsAsTheContractSays) {
  const auto finish = [](bool fail_on_query, const auto& add) {
    Printed printed;
    VerdictReport report({OutputFormat::kCsv, "accepted", fail_on_query}, printed.console);
    add(report);
    return report.Finish();
  };
  const v1::Verdict query = WithFinding(Verdict("RT1", true), schema::v1::SEVERITY_QUERY);
  EXPECT_EQ(finish(false, [](VerdictReport&) {}), ExitCode::kOk);
  EXPECT_EQ(finish(false, [&](VerdictReport& report) { report.Add(query); }), ExitCode::kOk);
  EXPECT_EQ(finish(true, [&](VerdictReport& report) { report.Add(query); }), ExitCode::kRejected);
  v1::Verdict answered = query;
  answered.add_queries()->set_state(v1::QUERY_STATE_RETURNED);
  EXPECT_EQ(finish(true, [&](VerdictReport& report) { report.Add(answered); }), ExitCode::kRejected);
  for (const v1::QueryState state : {v1::QUERY_STATE_EXPLAINED, v1::QUERY_STATE_ACCEPTED}) {
    answered.mutable_queries(0)->set_state(state);
    EXPECT_EQ(finish(true, [&](VerdictReport& report) { report.Add(answered); }), ExitCode::kOk);
  }
  v1::Verdict past = query;  // Nobody can explain what has been replaced.
  past.set_replaced_by_revision(2);
  EXPECT_EQ(finish(true, [&](VerdictReport& report) { report.Add(past); }), ExitCode::kOk);
  EXPECT_EQ(finish(true, [&](VerdictReport& report) { report.Add(Verdict("RT1", true)); }), ExitCode::kOk);
  EXPECT_EQ(finish(false, [&](VerdictReport& report) { report.AddFileProblems({}); }), ExitCode::kOk);
  EXPECT_EQ(finish(false, [&](VerdictReport& report) { report.AddFileProblems({v1::Finding()}); }),
            ExitCode::kRejected);
  EXPECT_EQ(finish(false,
                   [&](VerdictReport& report) {
                     report.Add(Verdict("RT1", false));
                     report.AddFailure(Verdict("RT2", false), absl::UnavailableError("away"));
                     report.AddFailure(Verdict("RT3", false), absl::InternalError("odd"));
                   }),
            ExitCode::kUnreachable);
}

TEST(VerdictReportTest, SaysWhatBecameOfAReturnThatWasAnsweredBefore) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  v1::Verdict again = Verdict("RT1", true);
  again.set_answered_before(true);
  report.Add(again);
  again.set_replaced_by_revision(3);
  again.set_withdrawn_since(true);
  report.Add(WithFinding(again, schema::v1::SEVERITY_INFO));
  report.Finish();
  EXPECT_THAT(printed.out.str(), HasSubstr("  answered before\n"));
  EXPECT_THAT(printed.out.str(), HasSubstr("1 note, answered before, replaced by revision 3 since, withdrawn since\n"));
}

TEST(VerdictReportTest, DoesNotRepeatOneFailureForEachReturn) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  for (int i = 0; i < 50; ++i) report.AddFailure(Verdict("RT1", false), absl::UnavailableError("the server is away."));
  report.Finish();
  EXPECT_EQ(printed.error.str(), "qm: 50 returns not judged: the server is away.\n");
}

TEST(VerdictReportTest, PrintsCsvAsItComes) {
  Printed printed;
  VerdictReport report({OutputFormat::kCsv, "accepted", false}, printed.console);
  report.Add(Verdict("RT1", true));
  const std::string headings =
      "participant,service,period,verdict,revision,severity,message,hint,file,sheet,row,column,column_letter,label,"
      "given,"
      "expected,difference,baseline,field,indicator,class,rule_id,query_state,explanation,exception\n";
  const std::string first = "RT1,adult-inpatient,2025-26-Q1,accepted,1,,,,,,,,,,,,,,,,,,,,\n";
  EXPECT_EQ(printed.out.str(), headings + first);
  v1::Verdict queried = WithFinding(Verdict("RT2", true), schema::v1::SEVERITY_QUERY);
  v1::QueryStanding* standing = queried.add_queries();
  standing->set_state(v1::QUERY_STATE_EXPLAINED);
  standing->mutable_explanation()->set_text("It is so.");
  report.Add(queried);
  const std::string second =
      "RT2,adult-inpatient,2025-26-Q1,accepted,1,QUERY,Look at this.,,f.csv,,3,,,,,,,,,,UNSPECIFIED,rule,explained,It "
      "is "
      "so.,\n";
  EXPECT_EQ(printed.out.str(), headings + first + second);
  report.Finish();
  EXPECT_EQ(printed.out.str(), headings + first + second);
}

TEST(VerdictReportTest, PrintsTheHeadingsOfCsvWithoutReturns) {
  Printed printed;
  VerdictReport({OutputFormat::kCsv, "accepted", false}, printed.console).Finish();
  EXPECT_THAT(printed.out.str(), ::testing::MatchesRegex("participant,.*,exception\n"));
}

TEST(VerdictReportTest, SaysWhereQueriesStand) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  v1::Verdict verdict =
      WithFinding(WithFinding(Verdict("RT1", true), schema::v1::SEVERITY_INFO), schema::v1::SEVERITY_QUERY);
  verdict.add_queries()->set_finding_index(1);
  verdict.mutable_queries(0)->set_state(v1::QUERY_STATE_OPEN);
  report.Add(verdict);
  report.Finish();
  EXPECT_THAT(printed.out.str(), HasSubstr("  -> open: amend the value or explain it, with"));
}

TEST(VerdictReportTest, SaysThatTheFileIsWrongWhereAReturnIsNot) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  v1::Verdict held_back = Verdict("RT1", false);
  held_back.set_held_back(true);
  report.Add(held_back);
  report.Add(WithFinding(held_back, schema::v1::SEVERITY_QUERY));
  report.Finish();
  EXPECT_THAT(printed.out.str(), HasSubstr("held back         -  see the file's errors\n"));
  EXPECT_THAT(printed.out.str(), HasSubstr("held back         -  1 query, see the file's errors\n"));
  EXPECT_THAT(printed.out.str(), HasSubstr("2 returns: 0 accepted, 2 held back\n"));
}

TEST(VerdictReportTest, NamesOfManyReturnsThoseThatWereNotAccepted) {
  const auto print = [](int returns, int rejected) {
    Printed printed;
    VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
    for (int i = 0; i < returns; ++i) {
      const std::string code = absl::StrCat("RT", i);
      report.Add(i < rejected ? WithFinding(Verdict(code, false), schema::v1::SEVERITY_ERROR) : Verdict(code, true));
    }
    report.Finish();
    return printed.out.str();
  };
  EXPECT_THAT(print(100, 1), HasSubstr("RT99 "));
  const std::string few = print(101, 2);
  EXPECT_THAT(few, HasSubstr("RT1 "));
  EXPECT_THAT(few, Not(HasSubstr("RT2 ")));
  EXPECT_THAT(few, HasSubstr("\n\n101 returns: 99 accepted, 2 rejected\n"));
  const std::string many = print(10'000, 5'000);
  EXPECT_THAT(many, HasSubstr("RT49 "));
  EXPECT_THAT(many, Not(HasSubstr("RT50 ")));
  EXPECT_THAT(many, HasSubstr("and 4950 more not accepted; --output csv lists them all\n"));
  EXPECT_THAT(many, HasSubstr("ERROR Look at this. (5000 times)\n"));
  EXPECT_EQ(print(101, 0), "101 returns: 101 accepted\n");
}

TEST(VerdictReportTest, CountsFailuresOfManyKinds) {
  Printed printed;
  VerdictReport report({OutputFormat::kTable, "accepted", false}, printed.console);
  for (int i = 0; i < 50; ++i)
    report.AddFailure(Verdict("RT1", false), absl::AbortedError(absl::StrCat("revision ", i, ".")));
  EXPECT_EQ(report.Finish(), ExitCode::kConflict);
  EXPECT_EQ(printed.error.str(),
            "qm: 1 return not judged: revision 0.\nqm: 1 return not judged: revision 1.\nqm: 1 return not judged: "
            "revision 2.\n"
            "qm: 47 returns not judged for other reasons; --output json names each.\n");
}

}  // namespace
}  // namespace quartermaster::client
