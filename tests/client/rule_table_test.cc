// What qm collection show says of rules, ranges and comparisons.
#include "client/rule_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/collection_table.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kCollection[] = R"schema(
  syntax = "proto3";
  package quartermaster.test.v1;
  import "quartermaster/schema/v1/annotations.proto";
  option (schema.v1.collection) = {id: "c" title: "C" cadence: [CADENCE_MONTH] first_period: "2020-04"};
  message Gender {
    optional int64 female = 1 [(schema.v1.field) = {label: "Female" rollup: ROLLUP_SUM}];
    optional int64 male = 2 [(schema.v1.field) = {label: "Male" rollup: ROLLUP_SUM}];
  }
  message S {
    option (schema.v1.service) = {id: "s" title: "S"};
    option (schema.v1.rule) = {
      id: "gender-adds-up" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: "They do not add up."
      sum: {total: "admissions" parts: ["gender"] tolerance: 1} hint: "Count all."
    };
    option (schema.v1.rule) = {
      id: "some-add-up" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT message: "Nor these."
      sum: {total: "admissions" parts: ["gender.male", "at_start"]}
    };
    option (schema.v1.rule) = {
      id: "on-trial" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT message: "Too many." shadow: true since: "2025-04"
      expression: "admissions <= 5"
    };
    option (schema.v1.indicator) = {
      id: "share" title: "Share" unit: "%" decimals: 1 numerator: "admissions" denominator: "at_start" factor: 100
      exceptional: {own: 4 national: 5 absolute: 8 shadow: true}
    };
    optional int64 at_start = 1 [(schema.v1.field) = {
      label: "At the start" unit: "patients" min: 0 max: 500 rollup: ROLLUP_LAST opening: {closing: "at_end" tolerance: 2}
    }];
    optional int64 at_end = 2 [(schema.v1.field) = {
      label: "At the end" min: 0 max: 1000000 rollup: ROLLUP_LAST
      tightened: {since: "2024-01" max: 400} tightened: {since: "2025-04" min: 1}
    }];
    optional int64 admissions = 3 [(schema.v1.field) = {
      label: "Admissions" unit: "patients" rollup: ROLLUP_SUM continuous: true required: true required_since: "2023-04"
      change: {percent: 40 absolute: 50} change_in_year: {percent: 60 absolute: 10 least_base: 5 shadow: true}
    }];
    Gender gender = 4;
  }
)schema";

class RuleTableTest : public ::testing::Test {
 protected:
  std::shared_ptr<const CollectionSchema> schema_ = testing::CollectionFromText(kCollection);
  const ServiceSchema& service_ = *schema_->services().front();
};

TEST_F(RuleTableTest, ShowsTheRangeThatHoldsNowFirst) {
  EXPECT_EQ(RangeOf(*service_.FindField("at_start")), "0 to 500");
  EXPECT_EQ(RangeOf(*service_.FindField("at_end")),
            "from 2025-04: 1 to 400, from 2024-01: 0 to 400, before: 0 to 1000000");
  EXPECT_EQ(RangeOf(*service_.FindField("admissions")), "");
  std::ostringstream printed;
  PrintService(service_, printed);
  EXPECT_THAT(printed.str(), HasSubstr("from 2025-04: 1 to 400"));
  EXPECT_THAT(printed.str(), HasSubstr("from 2023-04"));
}

TEST_F(RuleTableTest, ShowsPartsTolerancesAndSince) {
  EXPECT_THAT(
      RulesForPeople(service_).rows,
      ElementsAre(ElementsAre("gender-adds-up", "ERROR", "They do not add up. [gender.* = admissions, within 1]"),
                  ElementsAre("some-add-up", "QUERY", "Nor these. [at_start + gender.male = admissions]"),
                  ElementsAre("on-trial", "QUERY", "Too many. [from 2025-04; on trial: stewards only]")));
}

TEST_F(RuleTableTest, ShowsWhatIsComparedWithOtherPeriodsAndParticipants) {
  EXPECT_THAT(
      ComparisonsForPeople(service_).rows,
      ElementsAre(
          ElementsAre("at_start", "opening", "is over 2 patients from at_end of the period before"),
          ElementsAre("admissions", "change", "moves by over 40 % and over 50 patients since the period before"),
          ElementsAre("admissions", "change-in-year",
                      "moves by over 60 % and over 10 patients since the period a year before, if it was 5 or more [on "
                      "trial: stewards only]"),
          ElementsAre("admissions", "vanished", "has no value, and had one the period before"),
          ElementsAre("share", "exceptional-own",
                      "is over 4 spreads and over 8 % from the median of its own past [on trial: stewards only]"),
          ElementsAre("share", "exceptional-national",
                      "is over 5 spreads and over 8 % from the median of the others [on trial: stewards only]")));
}

TEST_F(RuleTableTest, GivesProgramsAllOfIt) {
  const Table table = RuleTable(*schema_, "");
  ASSERT_THAT(table.rows, SizeIs(9));
  EXPECT_THAT(table.rows[0],
              ElementsAre("s", "gender-adds-up", "", "ERROR", "INCONSISTENT", "", "no", "They do not add up.",
                          "Count all.", "admissions", "gender.female; gender.male", "1"));
  EXPECT_THAT(table.rows[2],
              ElementsAre("s", "on-trial", "", "QUERY", "INCONSISTENT", "2025-04", "yes", "Too many.", "", "", "", ""));
  EXPECT_THAT(table.rows[7],
              ElementsAre("s", "exceptional-own", "share", "QUERY", "EXCEPTIONAL", "", "yes",
                          "Is over 4 spreads and over 8 % from the median of its own past.", "", "", "", ""));
  EXPECT_THAT(RuleTable(*schema_, "other").rows, SizeIs(0));
  EXPECT_EQ(FieldTable(*schema_, "").rows.at(1).at(9),
            "from 2025-04: 1 to 400, from 2024-01: 0 to 400, before: 0 to 1000000");
}

}  // namespace
}  // namespace quartermaster::client
