// What is said at publication of a rule, or of what a field asks of other periods, that cannot be judged.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/schema.h"

namespace quartermaster {
namespace {

// What is refused stands on line 13.
constexpr int kLine = 13;
constexpr char kRuledHead[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
enum Team { TEAM_UNSPECIFIED = 0; TEAM_CRISIS = 1; }
message Pair { optional int64 one = 1 [(schema.v1.field) = { label: "One" }];
               optional int64 two = 2 [(schema.v1.field) = { label: "Two" }]; }
message Mixed { optional int64 one = 1 [(schema.v1.field) = { label: "One" }]; optional string text = 2; }
message Ward { option (schema.v1.service) = { id: "ward" title: "Ward" };
  optional int64 total = 1 [(schema.v1.field) = { label: "Total" }]; optional Pair pair = 2; optional Mixed mixed = 3;
  optional double a = 4 [(schema.v1.field) = { label: "A" }]; optional double b = 5 [(schema.v1.field) = { label: "B" }];
  optional string note = 6; optional bool open = 7; optional Team team = 8;
)schema";

struct Refusal {
  std::string text;
  std::string problem;
};

void ExpectRefused(const std::vector<Refusal>& rows) {
  for (const Refusal& row : rows) {
    const SchemaResult result = testing::CompileCollection(absl::StrCat(kRuledHead, row.text, "\n}\n"));
    EXPECT_EQ(result.schema, nullptr) << row.text;
    ASSERT_THAT(result.problems, ::testing::SizeIs(1)) << row.text;
    EXPECT_EQ(result.problems[0].message, row.problem) << row.text;
    EXPECT_EQ(result.problems[0].line, kLine) << row.text;
    EXPECT_GT(result.problems[0].column, 0) << row.text;
    EXPECT_THAT(result.problems[0].element, ::testing::StartsWith("Ward")) << row.text;
  }
}

void ExpectTaken(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const SchemaResult result = testing::CompileCollection(absl::StrCat(kRuledHead, text, "\n}\n"));
    EXPECT_NE(result.schema, nullptr) << text << ": " << (result.problems.empty() ? "" : result.problems[0].message);
  }
}

std::string Rule(const std::string& condition, const std::string& id = "r") {
  return absl::StrCat("option (schema.v1.rule) = { id: \"", id,
                      "\" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT message: \"It is wrong.\" ", condition,
                      " };");
}

std::string Field(const std::string& options, const std::string& type = "double") {
  return absl::StrCat("optional ", type, " x = 9 [(schema.v1.field) = { label: \"X\" ", options, " }];");
}

std::string Indicator(const std::string& options) {
  return absl::StrCat("option (schema.v1.indicator) = { id: \"i\" title: \"I\" ", options, " };");
}

TEST(SchemaRules, TakesSums) {
  ExpectTaken({
      Rule("sum: { total: \"total\" parts: \"pair\" }"),
      Rule("sum: { total: \"total\" parts: [\"pair.one\", \"pair.two\"] tolerance: 0.5 }"),
      Rule("sum: { total: \"a\" parts: [\"b\", \"pair\"] }"),
      Rule("sum: { total: \"pair.one\" parts: [\"pair.two\", \"total\"] } shadow: true since: \"2026-04\""),
  });
}

TEST(SchemaRules, RefusesSums) {
  const std::string two = "sum.parts needs at least two numbers, each once.";
  const auto no_part = [](const std::string& path) {
    return absl::StrCat("sum.parts needs numbers, or nested messages of numbers, other than the total; \"", path,
                        "\" is none.");
  };
  ExpectRefused({
      {Rule("sum: { total: \"totl\" parts: \"pair\" }"),
       "sum.total needs a number; \"totl\" is none. Did you mean total?"},
      {Rule("sum: { total: \"helicopters\" parts: \"pair\" }"), "sum.total needs a number; \"helicopters\" is none."},
      {Rule("sum: { parts: \"pair\" }"), "sum.total needs a number; \"\" is none."},
      {Rule("sum: { total: \"note\" parts: \"pair\" }"), "sum.total needs a number; \"note\" is none."},
      {Rule("sum: { total: \"pair\" parts: [\"a\", \"b\"] }"), "sum.total needs a number; \"pair\" is none."},
      {Rule("sum: { total: \"total\" parts: [\"a\", \"helicopters\"] }"), no_part("helicopters")},
      {Rule("sum: { total: \"total\" parts: [\"a\", \"note\"] }"), no_part("note")},
      {Rule("sum: { total: \"total\" parts: [\"a\", \"mixed\"] }"), no_part("mixed")},
      {Rule("sum: { total: \"total\" parts: [\"a\", \"total\"] }"), no_part("total")},
      {Rule("sum: { total: \"pair.one\" parts: [\"a\", \"pair\"] }"), no_part("pair")},
      {Rule("sum: { total: \"total\" }"), two},
      {Rule("sum: { total: \"total\" parts: \"a\" }"), two},
      {Rule("sum: { total: \"total\" parts: [\"a\", \"a\"] }"), two},
      {Rule("sum: { total: \"total\" parts: [\"pair\", \"pair.one\"] }"), two},
      {Rule("sum: { total: \"total\" parts: \"pair\" tolerance: -0.1 }"),
       "sum.tolerance must be a number of 0 or more with at most 9 decimal places."},
      {Rule("sum: { total: \"total\" parts: \"pair\" tolerance: nan }"),
       "sum.tolerance must be a number of 0 or more with at most 9 decimal places."},
  });
}

TEST(SchemaRules, RefusesRules) {
  ExpectRefused({
      {Rule(""), "The rule needs either an expression or a sum."},
      {Rule("expression: \"a > 1\" sum: { total: \"total\" parts: \"pair\" }"),
       "The rule needs either an expression or a sum."},
      {Rule("expression: \"1 < 2\""), "The rule names no field, so nobody could mend what it finds."},
      {Rule("expression: \"population('18-64') > 0\""), "The rule names no field, so nobody could mend what it finds."},
      {Rule("expression: \"a > 1\" since: \"2026\""), "since must be a month, written like \"2023-04\"."},
      {Rule("expression: \"a > 1\" since: \"2026-27-Q1\""), "since must be a month, written like \"2023-04\"."},
      {Rule("expression: \"a + 1\""),
       "expression \"a + 1\" gives no yes or no. Compare it with something, such as `<= 100`."},
      {Rule("expression: \"aa > 1\""), "expression \"aa > 1\", 1:1: there is no field \"aa\""},
  });
  for (const char* id :
       {"change", "change-in-year", "vanished", "opening", "quarter-months", "exceptional-own", "exceptional-national",
        "required", "type", "minimum", "value-and-not-available", "unknown-field", "period", "duplicate-field"}) {
    ExpectRefused({{Rule("expression: \"a > 1\"", id),
                    absl::StrCat("Quartermaster itself has a rule \"", id, "\". Choose another id.")}});
  }
  ExpectTaken({Rule("expression: \"has(a)\" since: \"2026-04\"", "changes")});
}

TEST(SchemaRules, RefusesHistory) {
  const auto change = [](const std::string& name) {
    return absl::StrCat(name, " needs a percent above 0, an absolute of 0 or more, and a least_base of 0 or more.");
  };
  const auto closing = [](const std::string& path) {
    return absl::StrCat("opening.closing needs a number of the same service; \"", path,
                        "\" is none. Write the path of the field that holds the level at the end.");
  };
  ExpectRefused({
      {Field("change: { absolute: 1 }"), change("change")},
      {Field("change: { percent: -1 absolute: 1 }"), change("change")},
      {Field("change: { percent: 1 absolute: -1 }"), change("change")},
      {Field("change: { percent: 1 least_base: -1 }"), change("change")},
      {Field("change_in_year: { percent: 0 }"), change("change_in_year")},
      {Field("change: { percent: 0.0001 }"),
       "change.percent must be a number of at most 3 decimal places and of a magnitude of at most 1,000,000,000,000."},
      {Field("change_in_year: { percent: 1 absolute: inf }"),
       "change_in_year.absolute must be a number of at most 9 decimal places and of a magnitude of at most "
       "1,000,000,000,000."},
      {Field("opening: { closing: \"helicopters\" }"), closing("helicopters")},
      {Field("opening: { }"), closing("")},
      {Field("opening: { closing: \"note\" }"), closing("note")},
      {Field("opening: { closing: \"pair\" }"), closing("pair")},
      {Field("opening: { closing: \"a\" tolerance: -1 }"), "opening.tolerance must be 0 or more."},
  });
  ExpectTaken({
      Field("change: { percent: 0.001 } change_in_year: { percent: 1000 absolute: 0.5 least_base: 10 shadow: true }"),
      Field("opening: { closing: \"a\" tolerance: 0.25 } continuous: true", "int64"),
      // The closing field may stand further down.
      Field("opening: { closing: \"y\" }") + "optional double y = 10 [(schema.v1.field) = { label: \"Y\" }];",
  });
}

TEST(SchemaRules, RefusesHistoryOfWhatIsNoNumber) {
  const std::string numbers = "change, change_in_year, continuous, opening and tightened are for numbers.";
  for (const char* type : {"string", "bool", "Team"}) {
    ExpectRefused({
        {Field("change: { percent: 1 }", type), numbers},
        {Field("change_in_year: { percent: 1 }", type), numbers},
        {Field("continuous: true", type), numbers},
        {Field("opening: { closing: \"a\" }", type), numbers},
        {Field("tightened: { since: \"2026-04\" min: 1 }", type), numbers},
    });
  }
}

TEST(SchemaRules, RefusesRangesThatDoNotTighten) {
  const std::string wider =
      "Each of tightened must start later than the one before and leave no more room: what is wider belongs into min "
      "and max.";
  ExpectRefused({
      {Field("tightened: { min: 1 }"), "tightened needs since: the first month to which the narrower range applies."},
      {Field("tightened: { since: \"2026\" min: 1 }"), "tightened.since must be a month, written like \"2023-04\"."},
      {Field("tightened: { since: \"2026-04\" }"),
       "tightened needs min, max or both: the range that applies since 2026-04."},
      {Field("min: 0 tightened: { since: \"2026-04\" min: -1 }"), wider},
      {Field("max: 9 tightened: { since: \"2026-04\" max: 10 }"), wider},
      {Field("tightened: { since: \"2026-04\" min: 2 max: 1 }"), wider},
      {Field("max: 9 tightened: { since: \"2026-04\" min: 10 }"), wider},
      {Field("tightened: { since: \"2026-04\" min: 1 } tightened: { since: \"2025-04\" min: 2 }"), wider},
      {Field("tightened: { since: \"2026-04\" min: 1 } tightened: { since: \"2026-04\" min: 2 }"), wider},
      {Field("tightened: { since: \"2026-04\" min: 2 } tightened: { since: \"2027-04\" min: 1 }"), wider},
      {Field("decimals: 1 tightened: { since: \"2026-04\" max: 0.25 }"),
       "tightened.max must be a number of at most 1 decimal place and of a magnitude of at most 1,000,000,000,000."},
      {Field("tightened: { since: \"2026-04\" min: 0.5 }", "int64"),
       "tightened.min must be a whole number and of a magnitude of at most 1,000,000,000,000."},
  });
  ExpectTaken({
      Field("min: 0 max: 9 tightened: { since: \"2026-04\" min: 0 max: 9 }"),
      Field("tightened: { since: \"2026-04\" min: 1 max: 9 } tightened: { since: \"2026-05\" max: 8 }"),
  });
}

TEST(SchemaRules, RefusesLimitsOfIndicators) {
  const auto above = [](const std::string& name) {
    return absl::StrCat(name, " must be a number above 0 with at most 9 decimal places.");
  };
  const std::string no_spread = "A yes or no, or a choice, has no spread to be exceptional against.";
  ExpectRefused({
      {Indicator("value: \"a\" exceptional: { absolute: 1 }"), "exceptional needs own, national or both."},
      {Indicator("value: \"a\" exceptional: { own: 3 }"), above("exceptional.absolute")},
      {Indicator("value: \"a\" exceptional: { own: 3 absolute: 0 }"), above("exceptional.absolute")},
      {Indicator("value: \"a\" exceptional: { own: 3 absolute: -1 }"), above("exceptional.absolute")},
      {Indicator("value: \"a\" exceptional: { own: 0 absolute: 1 }"), above("exceptional.own")},
      {Indicator("value: \"a\" exceptional: { national: -3 absolute: 1 }"), above("exceptional.national")},
      {Indicator("value: \"a\" exceptional: { national: inf absolute: 1 }"), above("exceptional.national")},
      {Indicator("share_of_yes: \"open\" exceptional: { own: 3 absolute: 1 }"), no_spread},
      {Indicator("distribution: \"team\" exceptional: { own: 3 absolute: 1 }"), no_spread},
  });
  ExpectTaken({
      Indicator("value: \"a\" exceptional: { own: 3 absolute: 0.001 }"),
      Indicator("numerator: \"a\" denominator: \"b\" exceptional: { national: 3.5 absolute: 1 shadow: true }"),
      Indicator("distribution: \"pair\" exceptional: { own: 3 national: 3 absolute: 1 }"),
  });
}

}  // namespace
}  // namespace quartermaster
