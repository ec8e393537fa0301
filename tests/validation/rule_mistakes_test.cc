// One mistake gives one finding, and two mistakes give two: rules over the same fields of one return.
#include "validation/rule_mistakes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/validate.h"

namespace quartermaster {
namespace {

constexpr char kMistakenCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
message Age { optional int64 young = 1 [(schema.v1.field) = { label: "Young" }];
              optional int64 old = 2 [(schema.v1.field) = { label: "Old" }]; }
message Gender { optional int64 female = 1 [(schema.v1.field) = { label: "Female" }];
                 optional int64 male = 2 [(schema.v1.field) = { label: "Male" }]; }
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "by-age" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    sum: { total: "patients" parts: "age" tolerance: 1 } message: "Ages do not add up." };
  option (schema.v1.rule) = { id: "by-gender" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    sum: { total: "patients" parts: "gender" tolerance: 1 } message: "Genders do not add up." };
  option (schema.v1.rule) = { id: "detained-within" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "detained <= admissions" message: "More were detained." };
  option (schema.v1.rule) = { id: "readmitted-within" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "readmitted <= admissions" message: "More were readmitted." };
  option (schema.v1.rule) = { id: "few-admissions" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "admissions <= 100" message: "So many admissions." };
  option (schema.v1.rule) = { id: "admissions-within-contacts" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "admissions <= contacts" message: "More admissions than contacts." };
  option (schema.v1.rule) = { id: "open-has-contacts" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "!open || contacts > 0" message: "Open, without contacts." };
  option (schema.v1.rule) = { id: "trial" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT shadow: true
    expression: "detained * 2 <= admissions" message: "Half were detained." };
  optional int64 patients = 1 [(schema.v1.field) = { label: "Patients" }];
  optional Age age = 2 [(schema.v1.field) = { label: "Age" }];
  optional Gender gender = 3 [(schema.v1.field) = { label: "Gender" }];
  optional int64 admissions = 4 [(schema.v1.field) = { label: "Admissions" }];
  optional int64 detained = 5 [(schema.v1.field) = { label: "Detained" }];
  optional int64 readmitted = 6 [(schema.v1.field) = { label: "Readmitted" }];
  optional int64 contacts = 7 [(schema.v1.field) = { label: "Contacts" }];
  optional bool open = 8 [(schema.v1.field) = { label: "Open" }];
}
)schema";

struct Found {
  std::vector<std::string> rules;
  std::vector<std::string> on_trial;
};

Found Judged(const std::string& fields, const std::string& excepted_rule = "") {
  static const auto& schema = *new auto(testing::CollectionFromText(kMistakenCollection));
  const ServiceSchema& ward = *schema->FindService("ward");
  const auto message = ward.NewMessage();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, message.get())) << fields;
  v1::ReturnContent content;
  content.set_collection("test");
  content.set_service("ward");
  content.set_participant("RT1");
  content.set_period("2025-04");
  content.mutable_data()->PackFrom(*message);
  ReferenceData reference;
  reference.exception = [&](const ServiceSchema&, const std::string&, absl::string_view rule, absl::string_view) {
    return rule == excepted_rule ? absl::optional<v1::ExceptionUse>(v1::ExceptionUse()) : absl::nullopt;
  };
  const Judgement judgement = Judge(*schema, content, reference);
  Found found;
  for (const v1::Finding& finding : judgement.findings) {
    found.rules.push_back(absl::StrCat(finding.rule_id(), finding.has_exception() ? " (excepted)" : ""));
  }
  for (const v1::Finding& finding : judgement.shadow_findings) found.on_trial.push_back(finding.rule_id());
  return found;
}

TEST(RuleMistakes, OneForEachMistake) {
  const struct {
    const char* says;
    const char* fields;
    std::vector<std::string> rules;
  } rows[] = {
      {"A wrong total breaks each of its sums by the same amount.",
       "patients: 15 age { young: 4 old: 6 } gender { female: 5 male: 5 }",
       {"by-age"}},
      {"Give or take the tolerances of both.",
       "patients: 15 age { young: 4 old: 6 } gender { female: 5 male: 7 }",
       {"by-age"}},
      {"Other amounts are other mistakes.",
       "patients: 15 age { young: 4 old: 6 } gender { female: 5 male: 8 }",
       {"by-age", "by-gender"}},
      {"So are amounts to either side.",
       "patients: 15 age { young: 4 old: 6 } gender { female: 9 male: 11 }",
       {"by-age", "by-gender"}},
      {"A whole that is too small breaks each rule over it.",
       "admissions: 5 detained: 50 readmitted: 40",
       {"detained-within"}},
      {"A number cannot be too small and too large at once.",
       "admissions: 50 detained: 60 contacts: 40",
       {"detained-within", "admissions-within-contacts"}},
      {"Rules over other fields have nothing to do with each other.",
       "patients: 15 age { young: 4 old: 6 } admissions: 5 detained: 50",
       {"by-age", "detained-within"}},
      {"Of a rule that is more than a comparison nobody knows the way.",
       "open: true contacts: 0 admissions: 50",
       {"admissions-within-contacts"}},
      {"An error is not lost behind a query that comes before it.",
       "admissions: 150 contacts: 120",
       {"admissions-within-contacts"}},
  };
  for (const auto& row : rows)
    EXPECT_THAT(Judged(row.fields).rules, ::testing::ElementsAreArray(row.rules)) << row.says;
}

TEST(RuleMistakes, AnErrorIsNotLostBehindAnException) {
  const std::string fields = "admissions: 5 detained: 50 readmitted: 40";
  EXPECT_THAT(Judged(fields).rules, ::testing::ElementsAre("detained-within"));
  EXPECT_THAT(Judged(fields, "detained-within").rules,
              ::testing::ElementsAre("detained-within (excepted)", "readmitted-within"));
}

TEST(RuleMistakes, RulesOnTrialAreAllSeenAndHideNothing) {
  const Found found = Judged("admissions: 5 detained: 50");
  EXPECT_THAT(found.rules, ::testing::ElementsAre("detained-within"));
  EXPECT_THAT(found.on_trial, ::testing::ElementsAre("trial"));
  EXPECT_THAT(Judged("admissions: 60 detained: 50").on_trial, ::testing::ElementsAre("trial"));
}

}  // namespace
}  // namespace quartermaster
