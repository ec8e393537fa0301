// What --explain takes, and which explanations met a query.
#include "client/explanations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Verdict Raising(const std::string& rule, const std::string& field, const std::string& indicator = "",
                    schema::v1::Severity severity = schema::v1::SEVERITY_QUERY) {
  v1::Verdict verdict;
  v1::Finding* finding = verdict.add_findings();
  finding->set_rule_id(rule);
  finding->set_field(field);
  finding->set_indicator(indicator);
  finding->set_severity(severity);
  return verdict;
}

TEST(ExplanationsTest, ReadsRuleSubjectAndText) {
  const auto explanations = Explanations::Parse(
      {"change= A ward: 5 = 3 + 2. ", "change:staff.nursing=Two left.", "outlier:bed-occupancy=Refurbished."});
  ASSERT_TRUE(explanations.ok()) << explanations.status();
  ASSERT_EQ(explanations->messages().size(), 3);
  EXPECT_EQ(explanations->messages()[0].rule_id(), "change");
  EXPECT_EQ(explanations->messages()[0].subject(), "");
  EXPECT_EQ(explanations->messages()[0].text(), "A ward: 5 = 3 + 2.");
  EXPECT_EQ(explanations->messages()[1].subject(), "staff.nursing");
  EXPECT_EQ(explanations->messages()[2].subject(), "bed-occupancy");
  // One category of a distribution.
  EXPECT_EQ(Explanations::Parse({"exceptional-own:caseload-by-gender/female=A clinic."})->messages()[0].subject(),
            "caseload-by-gender/female");
  EXPECT_TRUE(Explanations::Parse({}).ok());
  EXPECT_TRUE(Explanations::Parse({absl::StrCat("change=", std::string(kMaxExplanationCharacters, 'x'))}).ok());
}

TEST(ExplanationsTest, RefusesWhatItCannotRead) {
  std::vector<std::string> too_many;
  for (size_t i = 0; i <= kMaxExplanations; ++i) too_many.push_back(absl::StrCat("change:beds", i, "=text"));
  const struct {
    std::vector<std::string> options;
    const char* text;
  } kCases[] = {
      {{"change"}, "\"change\" is not RULE=TEXT"},
      {{""}, "is not RULE=TEXT"},
      {{"=text"}, "is not RULE=TEXT"},
      {{"a rule=text"}, "is not RULE=TEXT"},
      {{"change:=text"}, "is not RULE=TEXT"},
      {{"change=\xFF"}, "is not RULE=TEXT"},
      {{"change="}, "has no text"},
      {{"change=  "}, "has no text"},
      {{absl::StrCat("change=", std::string(kMaxExplanationCharacters + 1, 'x'))}, "longer than 1000 characters"},
      {{"change=a", "change:beds=b", "change=c"}, "rule change is explained twice"},
      {too_many, "201 times, and a return takes at most 200"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = Explanations::Parse(c.options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--explain: "));
  }
}

TEST(ExplanationsTest, GivesAllOfThemTheReason) {
  const auto explanations = Explanations::Parse({"change=a", "outlier=b"}, "service-change");
  ASSERT_TRUE(explanations.ok()) << explanations.status();
  for (const v1::QueryExplanation& explanation : explanations->messages()) {
    EXPECT_EQ(explanation.reason(), v1::EXPLANATION_REASON_SERVICE_CHANGE);
  }
  EXPECT_EQ(Explanations::Parse({"change=a"})->messages()[0].reason(), v1::EXPLANATION_REASON_UNSPECIFIED);
  const absl::Status unknown = Explanations::Parse({"change=a"}, "weather").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("--reason: \"weather\" is none of: service-change, demand"));
  const absl::Status of_nothing = Explanations::Parse({}, "demand").status();
  EXPECT_EQ(of_nothing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(of_nothing.message()), HasSubstr("no --explain"));
}

TEST(ExplanationsTest, TellsWhichWereNotNeeded) {
  auto explanations =
      Explanations::Parse({"change=a", "change:beds=b", "change:staff=c", "outlier:bed-occupancy=d", "chang=e"});
  ASSERT_TRUE(explanations.ok()) << explanations.status();
  explanations->NoteUse(Raising("change", "beds"));
  explanations->NoteUse(Raising("outlier", "beds", "bed-occupancy"));
  // An error or a note is no query.
  explanations->NoteUse(Raising("change", "staff", "", schema::v1::SEVERITY_ERROR));
  explanations->NoteUse(Raising("change", "staff", "", schema::v1::SEVERITY_INFO));
  EXPECT_THAT(explanations->DescribeUnused(),
              ElementsAre("the explanation of rule change for staff was not needed: no return raised it.",
                          "the explanation of rule chang was not needed: no return raised it. Did you mean change?"));
  EXPECT_THAT(Explanations::Parse({})->DescribeUnused(), IsEmpty());
}

TEST(ExplanationsTest, TellsWhichCameTooLate) {
  auto explanations = Explanations::Parse({"change=a", "change:beds=b"});
  ASSERT_TRUE(explanations.ok()) << explanations.status();
  v1::Verdict again = Raising("change", "beds");
  again.set_answered_before(true);
  v1::QueryStanding* standing = again.add_queries();
  standing->set_state(v1::QUERY_STATE_EXPLAINED);
  explanations->NoteUse(again);
  EXPECT_THAT(explanations->DescribeUnused(), IsEmpty());
  standing->set_state(v1::QUERY_STATE_OPEN);
  explanations->NoteUse(again);
  EXPECT_THAT(explanations->DescribeUnused(),
              ElementsAre(HasSubstr("explanations of 1 query were not stored, since this run had sent the return")));
}

TEST(ExplanationsTest, NamesAQueryOfAnIndicatorByTheIndicatorAlone) {
  auto explanations = Explanations::Parse({"exceptional-own:beds=a", "exceptional-own:bed-occupancy=b"});
  ASSERT_TRUE(explanations.ok()) << explanations.status();
  explanations->NoteUse(Raising("exceptional-own", "beds", "bed-occupancy"));
  EXPECT_THAT(explanations->DescribeUnused(),
              ElementsAre(HasSubstr("the explanation of rule exceptional-own for beds was not needed")));
}

}  // namespace
}  // namespace quartermaster::client
