// The list of all rules of a service, and what ids are taken.
#include "validation/rule_list.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kListedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
message Pair { optional int64 one = 1 [(schema.v1.field) = { label: "One" }];
               optional int64 two = 2 [(schema.v1.field) = { label: "Two" }]; }
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "low <= high" message: "No." since: "2025-04" };
  option (schema.v1.rule) = { id: "adds-up" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT shadow: true
    sum: { total: "high" parts: "pair" } message: "No." };
  option (schema.v1.indicator) = { id: "stay" title: "Stay" value: "low" exceptional: { own: 3 national: 4 absolute: 1 } };
  option (schema.v1.indicator) = { id: "mix" title: "Mix" distribution: "pair"
    exceptional: { own: 3 absolute: 1 shadow: true } };
  option (schema.v1.indicator) = { id: "free" title: "Free" value: "high" };
  optional double low = 1 [(schema.v1.field) = { label: "Low" min: 0 required: true rollup: ROLLUP_SUM
    change: { percent: 1 shadow: true } change_in_year: { percent: 2 } }];
  optional double high = 2 [(schema.v1.field) = { label: "High"
    tightened: { since: "2025-04" max: 80 } tightened: { since: "2026-04" max: 70 } }];
  optional Pair pair = 3 [(schema.v1.field) = { label: "Pair" }];
  optional string note = 4 [(schema.v1.field) = { label: "Note" pattern: "[a-z]" }];
  optional double start = 5 [(schema.v1.field) = { label: "Start" continuous: true opening: { closing: "high" } }];
  optional bool open = 6 [(schema.v1.field) = { label: "Open" required: true required_since: "2025-04"
    rollup: ROLLUP_LAST }];
}
)schema";

std::vector<ListedRule> Listed(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  const auto schema = testing::CollectionFromText(absl::StrReplaceAll(kListedCollection, changes));
  return ListRules(*schema->FindService("ward"));
}

std::string Name(const ListedRule& rule) {
  return absl::StrCat(schema::v1::Severity_Name(rule.severity).substr(sizeof("SEVERITY")), " ", rule.rule_id,
                      rule.subject.empty() ? "" : " ", rule.subject, rule.shadow ? " (on trial)" : "");
}

std::vector<std::string> Names(const std::vector<ListedRule>& rules) {
  std::vector<std::string> names;
  for (const ListedRule& rule : rules) names.push_back(Name(rule));
  return names;
}

// The rules whose digest a change of the schema changes.
std::vector<std::string> Changed(const std::string& from, const std::string& to) {
  EXPECT_NE(absl::StrReplaceAll(kListedCollection, {{from, to}}), kListedCollection) << from;
  const std::vector<ListedRule> before = Listed();
  const std::vector<ListedRule> after = Listed({{from, to}});
  EXPECT_EQ(before.size(), after.size()) << to;
  std::vector<std::string> changed;
  for (size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    EXPECT_EQ(before[i].rule_id, after[i].rule_id);
    if (before[i].digest != after[i].digest) changed.push_back(absl::StrCat(before[i].rule_id, " ", before[i].subject));
  }
  return changed;
}

TEST(RuleList, NamesEachRuleInTheOrderOfJudging) {
  EXPECT_THAT(Names(Listed()),
              ElementsAre("ERROR required low", "ERROR minimum low", "ERROR maximum high", "ERROR length note",
                          "ERROR pattern note", "ERROR required open", "ERROR within", "QUERY adds-up (on trial)",
                          "QUERY change low (on trial)", "QUERY change-in-year low", "QUERY quarter-months low",
                          "QUERY vanished start", "QUERY opening start", "QUERY exceptional-own stay",
                          "QUERY exceptional-national stay", "QUERY exceptional-own mix/one (on trial)",
                          "QUERY exceptional-own mix/two (on trial)"));
}

TEST(RuleList, HasNoQuartersWhereThereAreNoMonths) {
  const std::vector<ListedRule> rules = Listed({{"[CADENCE_MONTH, CADENCE_QUARTER]", "CADENCE_QUARTER"}});
  for (const ListedRule& rule : rules) EXPECT_NE(rule.rule_id, kQuarterMonthsRule);
}

TEST(RuleList, TellsRulesThatDemandAnother) {
  EXPECT_THAT(Changed("min: 0", "min: 1"), ElementsAre("minimum low"));
  EXPECT_THAT(Changed("max: 80", "max: 81"), ElementsAre("maximum high"));
  EXPECT_THAT(Changed("since: \"2026-04\" max", "since: \"2026-05\" max"), ElementsAre("maximum high"));
  EXPECT_THAT(Changed("[a-z]", "[a-y]"), ElementsAre("pattern note"));
  EXPECT_THAT(Changed("pattern: \"", "max_length: 9 pattern: \""), ElementsAre("length note"));
  EXPECT_THAT(Changed("required_since: \"2025-04\"", "required_since: \"2025-05\""), ElementsAre("required open"));
  EXPECT_THAT(Changed("low <= high", "low < high"), ElementsAre("within "));
  EXPECT_THAT(Changed("message: \"No.\" since: \"2025-04\"", "message: \"No.\" since: \"2025-05\""),
              ElementsAre("within "));
  EXPECT_THAT(Changed("severity: SEVERITY_ERROR", "severity: SEVERITY_QUERY"), ElementsAre("within "));
  EXPECT_THAT(Changed("parts: \"pair\"", "parts: \"pair\" tolerance: 1"), ElementsAre("adds-up "));
  EXPECT_THAT(Changed("percent: 1 ", "percent: 3 "), ElementsAre("change low"));
  EXPECT_THAT(Changed("percent: 2", "percent: 2 least_base: 1"), ElementsAre("change-in-year low"));
  EXPECT_THAT(Changed("ROLLUP_SUM", "ROLLUP_MEAN"), ElementsAre("quarter-months low"));
  EXPECT_THAT(Changed("closing: \"high\"", "closing: \"low\""), ElementsAre("opening start"));
  EXPECT_THAT(Changed("own: 3 national", "own: 2 national"), ElementsAre("exceptional-own stay"));
  EXPECT_THAT(Changed("national: 4", "national: 5"), ElementsAre("exceptional-national stay"));
  EXPECT_THAT(Changed("absolute: 1 shadow", "absolute: 2 shadow"),
              ElementsAre("exceptional-own mix/one", "exceptional-own mix/two"));
}

// What most values do together is told by the limits of each.
TEST(RuleList, ManyChangesDemandWhatTheLimitsOfAllDo) {
  const auto digest = [](const char* percent_of_the_last) {
    std::string fields;
    for (int i = 1; i <= 5; ++i) {
      absl::StrAppend(&fields, "optional double f", i, " = ", 20 + i, " [(schema.v1.field) = { label: \"F", i,
                      "\" change: { percent: ", i == 5 ? percent_of_the_last : "10", " absolute: 1 } }];\n");
    }
    for (const ListedRule& rule :
         Listed({{"rollup: ROLLUP_LAST }];\n}", "rollup: ROLLUP_LAST }];\n" + fields + "}"}})) {
      if (rule.rule_id == kManyChangesRule) return absl::make_optional(rule.digest);
    }
    return absl::optional<uint64_t>();
  };
  ASSERT_TRUE(digest("10").has_value());
  EXPECT_EQ(digest("10"), digest("10"));
  EXPECT_NE(digest("10"), digest("20"));
}

TEST(RuleList, TellsWordsAndTrialsFromDemands) {
  EXPECT_THAT(Changed("message: \"No.\" since", "message: \"Never.\" hint: \"Mend it.\" since"), IsEmpty());
  EXPECT_THAT(Changed("class: CLASS_INCONSISTENT shadow: true", "class: CLASS_INCONSISTENT"), IsEmpty());
  EXPECT_THAT(Changed("percent: 1 shadow: true", "percent: 1"), IsEmpty());
  EXPECT_THAT(Changed("absolute: 1 shadow: true", "absolute: 1"), IsEmpty());
  EXPECT_THAT(Changed("label: \"Low\"", "label: \"Least\""), IsEmpty());
  EXPECT_THAT(Changed("title: \"Stay\"", "title: \"Length of stay\" unit: \"days\" decimals: 1"), IsEmpty());
}

TEST(RuleList, KnowsTheIdsThatAreTaken) {
  for (const char* id : {"required",
                         "type",
                         "decimals",
                         "binary-noise",
                         "too-large",
                         "minimum",
                         "maximum",
                         "choice",
                         "length",
                         "pattern",
                         "not-available",
                         "value-and-not-available",
                         "reason-length",
                         "change",
                         "many-changes",
                         "change-in-year",
                         "vanished",
                         "opening",
                         "quarter-months",
                         "exceptional-own",
                         "exceptional-national",
                         "unknown-field",
                         "duplicate-field",
                         "unknown-service",
                         "period",
                         "period-kind",
                         "period-too-early",
                         "period-not-begun",
                         "participant-code",
                         "unknown-participant",
                         "wrong-message",
                         "unreadable-data",
                         "succeeded",
                         "part-of-returned-period",
                         "supersedes-parts"}) {
    EXPECT_TRUE(IsBuiltInRule(id)) << id;
  }
  for (const char* id : {"", "within", "changes", "Change", "exceptional"}) EXPECT_FALSE(IsBuiltInRule(id)) << id;
}

TEST(RuleList, KnowsWhatMayBeExcepted) {
  const auto schema = testing::CollectionFromText(kListedCollection);
  const ServiceSchema& ward = *schema->FindService("ward");
  for (const char* id : {"within", "adds-up", "change", "change-in-year", "vanished", "opening", "quarter-months",
                         "exceptional-own", "exceptional-national"}) {
    EXPECT_TRUE(MayBeExcepted(ward, id)) << id;
  }
  for (const char* id : {"required", "type", "minimum", "pattern", "unknown-field", "period", "other", ""}) {
    EXPECT_FALSE(MayBeExcepted(ward, id)) << id;
  }
}

}  // namespace
}  // namespace quartermaster
