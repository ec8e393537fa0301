// What a later version of a collection may change, and what it may not, so that every stored return stays what it was.
#include "validation/schema_evolution.h"

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kBefore[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
enum Team { TEAM_UNSPECIFIED = 0; TEAM_CRISIS = 1; TEAM_GENERAL = 2; }
message Pair { optional int64 one = 1 [(schema.v1.field) = { label: "One" }]; }
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "r" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT expression: "b < 9" message: "No." };
  option (schema.v1.indicator) = { id: "share" title: "Share" numerator: "b" denominator: "a" factor: 100 };
  optional double a = 1 [(schema.v1.field) = { label: "A" decimals: 2 rollup: ROLLUP_SUM }];
  optional int64 b = 2 [(schema.v1.field) = { label: "B" min: 0 max: 10 allow_not_available: true }];
  optional Team team = 3 [(schema.v1.field) = { label: "Team" }];
  optional string note = 4 [(schema.v1.field) = { label: "Note" max_length: 50 pattern: "[a-z]*" }];
  optional Pair pair = 5 [(schema.v1.field) = { label: "Pair" }];
  optional double must = 6 [(schema.v1.field) = { label: "Must" required: true }];
  optional double since = 7 [(schema.v1.field) = { label: "Since" required: true required_since: "2024-04" }];
  optional double tight = 8 [(schema.v1.field) = { label: "Tight" max: 90 tightened: { since: "2024-04" max: 80 } }];
}
)schema";

struct Change {
  std::string from;
  std::string to;
};

std::vector<SchemaProblem> ProblemsOf(const Change& change) {
  const std::string after = absl::StrReplaceAll(kBefore, {{change.from, change.to}});
  EXPECT_NE(after, kBefore) << change.from;
  return EvolutionProblems(*testing::CollectionFromText(kBefore), *testing::CollectionFromText(after));
}

TEST(SchemaEvolution, TakesTheSameAgain) {
  const auto schema = testing::CollectionFromText(kBefore);
  EXPECT_THAT(EvolutionProblems(*schema, *schema), IsEmpty());
}

TEST(SchemaEvolution, TakesWhatStoredReturnsBear) {
  const std::vector<Change> changes = {
      // More is taken.
      {"cadence: [CADENCE_MONTH, CADENCE_QUARTER]", "cadence: [CADENCE_MONTH, CADENCE_QUARTER, CADENCE_YEAR]"},
      {"first_period: \"2020-04\"", "first_period: \"2019-04\""},
      {"TEAM_GENERAL = 2;", "TEAM_GENERAL = 2; TEAM_NEW = 3;"},
      {"min: 0", "min: -1"},
      {"min: 0", ""},
      {"max: 10", "max: 11"},
      {"max: 10", ""},
      {"max_length: 50", "max_length: 51"},
      {"label: \"A\" decimals", "label: \"A\" allow_not_available: true decimals"},
      {"max: 90 tightened: { since: \"2024-04\" max: 80 }", "max: 90"},
      // Less is asked for.
      {"label: \"Must\" required: true", "label: \"Must\""},
      {"required: true required_since: \"2024-04\"", ""},
      {"required_since: \"2024-04\"", "required_since: \"2025-04\""},
      // More is asked for from a month on.
      {"label: \"A\"", "label: \"A\" required: true required_since: \"2026-04\""},
      {"label: \"A\"", "label: \"A\" tightened: { since: \"2026-04\" max: 5 }"},
      {"max: 80 }", "max: 80 } tightened: { since: \"2026-04\" max: 70 }"},
      // Something new.
      {"message Ward {", "message Ward { optional double more = 9 [(schema.v1.field) = { label: \"More\" }];"},
      {"message Ward {",
       "message Ward { optional double more = 9 [(schema.v1.field) = { label: \"More\" required: true required_since: "
       "\"2026-04\" }];"},
      {"message Ward {",
       "message Bay { option (schema.v1.service) = { id: \"bay\" title: \"Bay\" }; optional bool x = 1; } message Ward "
       "{"},
      // What people read, and what is judged of several values.
      {"label: \"Pair\"", "label: \"Two\""},
      {"title: \"Ward\"", "title: \"Wards\""},
      {"b < 9", "b < 5"},
      {"label: \"A\"", "label: \"A\" change: { percent: 1 } continuous: true"},
      {"label: \"B\"", "label: \"B\" rollup: ROLLUP_SUM"},
      {" pattern: \"[a-z]*\"", ""},
      // An indicator may go, or be told in other words.
      {"option (schema.v1.indicator) = { id: \"share\" title: \"Share\" numerator: \"b\" denominator: \"a\" factor: "
       "100 };",
       ""},
      {"title: \"Share\"", "title: \"Share of all\" unit: \"%\""},
  };
  for (const Change& change : changes) {
    const std::vector<SchemaProblem> problems = ProblemsOf(change);
    EXPECT_THAT(problems, IsEmpty()) << change.to << ": " << problems[0].message;
  }
}

TEST(SchemaEvolution, RefusesWhatTheyDoNot) {
  const std::string since =
      "A field that becomes required needs required_since: the month from which people could know it.";
  const std::string gone = "The field is gone or renamed. Keep it; it need not be required any more.";
  const struct {
    Change change;
    std::string element;
    std::string problem;
  } rows[] = {
      {{"CADENCE_MONTH, ", ""}, "test", "Returns for a month must still be taken."},
      {{", CADENCE_QUARTER", ""}, "test", "Returns for a financial quarter must still be taken."},
      {{"2020-04", "2021-04"}, "test", "first_period must stay 2020-04 or go back."},
      {{"first_period", "include_partial_periods: true first_period"},
       "test",
       "include_partial_periods must stay: figures of all years would change with it."},
      {{"ROLLUP_SUM", "ROLLUP_LAST"},
       "ward a",
       "rollup must stay: figures of quarters and years would change with it."},
      {{"id: \"ward\"", "id: \"bay\""}, "ward", "The service is gone. Returns were taken for it: keep it."},
      {{"message Ward", "message Bay"},
       "ward",
       "The message must keep the name quartermaster.collections.test.v1.Ward."},
      {{"string note", "string remark"}, "ward note", gone},
      {{"Pair pair", "Pair couple"}, "ward pair.one", gone},
      {{"int64 one", "int64 uno"}, "ward pair.one", gone},
      {{"note = 4", "note = 14"}, "ward note", "The field number must stay 4."},
      {{"pair = 5", "pair = 15"}, "ward pair.one", "The field number must stay 5."},
      {{"one = 1", "one = 11"}, "ward pair.one", "The field number must stay 1."},
      {{"int64 one", "int32 one"}, "ward pair.one", "The type must stay int64."},
      {{"[a-z]*", "[a-z]+"},
       "ward note",
       "pattern must stay or go: whether another one accepts all that was accepted cannot be told."},
      {{"factor: 100", "factor: 1"},
       "ward indicator share",
       "The formula must stay, or all figures of all years would change under the same name. Give the new formula an "
       "id of "
       "its own."},
      {{"denominator: \"a\"", "denominator: \"a + 1.0\""},
       "ward indicator share",
       "The formula must stay, or all figures of all years would change under the same name. Give the new formula an "
       "id of "
       "its own."},
      {{"decimals: 2", "decimals: 1"}, "ward a", "decimals must stay 2."},
      {{"decimals: 2", "decimals: 3"}, "ward a", "decimals must stay 2."},
      {{"label: \"A\"", "label: \"A\" required: true"}, "ward a", since},
      {{" required_since: \"2024-04\"", ""}, "ward since", since},
      {{"message Ward {",
        "message Ward { optional double more = 9 [(schema.v1.field) = { label: \"More\" required: true }];"},
       "ward more",
       since},
      {{"min: 0", "min: 1"},
       "ward b",
       "min must stay 0 or go down. To ask for more, add tightened with the month since which it applies."},
      {{"label: \"A\"", "label: \"A\" min: 0"},
       "ward a",
       "min must stay unset or go down. To ask for more, add tightened with the month since which it applies."},
      {{"max: 10", "max: 9"},
       "ward b",
       "max must stay 10 or go up. To ask for less, add tightened with the month since which it applies."},
      {{"label: \"A\"", "label: \"A\" max: 9"},
       "ward a",
       "max must stay unset or go up. To ask for less, add tightened with the month since which it applies."},
      {{"max_length: 50", "max_length: 49"}, "ward note", "max_length must stay 50 or go up."},
      {{" allow_not_available: true", ""},
       "ward b",
       "allow_not_available must stay: returns were accepted without the value."},
      {{"TEAM_GENERAL = 2;", ""}, "ward team", "The choice TEAM_GENERAL = 2 must stay."},
      {{"TEAM_GENERAL = 2;", "TEAM_GENERAL = 3;"}, "ward team", "The choice TEAM_GENERAL = 2 must stay."},
      {{"TEAM_GENERAL = 2;", "TEAM_OTHER = 2;"}, "ward team", "The choice TEAM_GENERAL = 2 must stay."},
  };
  for (const auto& row : rows) {
    const std::vector<SchemaProblem> problems = ProblemsOf(row.change);
    ASSERT_THAT(problems, SizeIs(1)) << row.change.to;
    EXPECT_EQ(problems[0].message, row.problem) << row.change.to;
    EXPECT_EQ(problems[0].element, row.element) << row.change.to;
    EXPECT_EQ(problems[0].file, testing::kCollectionFile);
  }
}

TEST(SchemaEvolution, NamesEveryProblem) {
  const std::string after =
      absl::StrReplaceAll(kBefore, {{"decimals: 2", "decimals: 3"}, {"note = 4", "note = 14"}, {"2020-04", "2021-04"}});
  EXPECT_THAT(EvolutionProblems(*testing::CollectionFromText(kBefore), *testing::CollectionFromText(after)), SizeIs(3));
}

}  // namespace
}  // namespace quartermaster
