// The specification as a whole: how long it is, and one return with a mistake of every kind.
#include "tests/validation/specification.h"

#include <iostream>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace quartermaster::specification {
namespace {

TEST(Specification, HasARowForEveryCase) {
  const size_t rows = structure::Rows() + missing::Rows() + invalid::Rows() + inconsistent::Rows() +
                      historical::Rows() + exceptional::Rows();
  std::cout << "rows: structure " << structure::Rows() << ", missing " << missing::Rows() << ", invalid "
            << invalid::Rows() << ", inconsistent " << inconsistent::Rows() << ", historical " << historical::Rows()
            << ", exceptional " << exceptional::Rows() << ", together " << rows << std::endl;
  EXPECT_GE(rows, 150u);
}

Row TwelveMistakes() {
  return {.says = "Twelve mistakes over all classes give twelve findings in one pass.",
          .period = "2026-02",
          .fields =
              "available: 5001 occupied: 12.345 length: 1 width: 3 height: 3 cost: 4 pay: 1 drugs: 1 food: 1 "
              "admissions: 151 list_start: 11 days: 40 discharges: 2 incidents: 50",
          .findings = {"INVALID ERROR maximum available", "INVALID ERROR decimals occupied", "INVALID ERROR type beds",
                       "STRUCTURE ERROR duplicate-field caseload", "MISSING ERROR required manager",
                       "STRUCTURE ERROR unknown-field helicopters", "INCONSISTENT QUERY space-per-bed length",
                       "INCONSISTENT QUERY cost-of-parts cost", "HISTORICAL QUERY change admissions",
                       "HISTORICAL QUERY opening list_start", "EXCEPTIONAL QUERY exceptional-own stay",
                       "EXCEPTIONAL QUERY exceptional-national incidents"},
          .earlier = {{"2026-01", "admissions: 100 list_end: 10 discharges: 1 days: 10"},
                      {"2025-12", "discharges: 1 days: 11"},
                      {"2025-11", "discharges: 1 days: 12"}},
          .not_available = {"caseload", "caseload"},
          .unreadable = {"beds = many", "helicopters = 3"},
          .peers = {{"incidents", 10, 1, 57}}};
}

// The findings of that return but for what is written for people: message, hint and label. The fingerprints have a test
// of their own.
constexpr const char* kTwelveFindings[] = {
    R"pb(rule_id: "maximum"
         class: CLASS_INVALID
         severity: SEVERITY_ERROR
         field: "available"
         given: "5001"
         expected: "at most 5000"
         difference: "1")pb",
    R"pb(rule_id: "decimals"
         class: CLASS_INVALID
         severity: SEVERITY_ERROR
         field: "occupied"
         given: "12.345"
         expected: "a number with at most 2 decimal places")pb",
    R"pb(rule_id: "type"
         class: CLASS_INVALID
         severity: SEVERITY_ERROR
         field: "beds"
         given: "many"
         expected: "a number with at most 1 decimal place")pb",
    R"pb(rule_id: "duplicate-field" class: CLASS_STRUCTURE severity: SEVERITY_ERROR field: "caseload")pb",
    R"pb(rule_id: "required" class: CLASS_MISSING severity: SEVERITY_ERROR field: "manager" expected: "text")pb",
    R"pb(rule_id: "unknown-field" class: CLASS_STRUCTURE severity: SEVERITY_ERROR field: "helicopters" given: "3")pb",
    R"pb(rule_id: "space-per-bed"
         class: CLASS_INCONSISTENT
         severity: SEVERITY_QUERY
         field: "length"
         given: "length = 1, width = 3, height = 3"
         expected: "at least 10 instead of 9"
         difference: "-1")pb",
    R"pb(rule_id: "cost-of-parts"
         class: CLASS_INCONSISTENT
         severity: SEVERITY_QUERY
         field: "cost"
         given: "cost = 4, pay = 1, drugs = 1, food = 1"
         expected: "3, the sum of the parts, give or take 0.5, instead of 4"
         difference: "1")pb",
    R"pb(rule_id: "change"
         class: CLASS_HISTORICAL
         severity: SEVERITY_QUERY
         field: "admissions"
         given: "151"
         expected: "within 50 % or 10 of 100"
         difference: "51"
         baseline { kind: BASELINE_KIND_PREVIOUS_PERIOD period: "2026-01" value: "100" })pb",
    R"pb(rule_id: "opening"
         class: CLASS_HISTORICAL
         severity: SEVERITY_QUERY
         field: "list_start"
         given: "11"
         expected: "10"
         difference: "1"
         baseline { kind: BASELINE_KIND_PREVIOUS_PERIOD period: "2026-01" value: "10" })pb",
    R"pb(rule_id: "exceptional-own"
         class: CLASS_EXCEPTIONAL
         severity: SEVERITY_QUERY
         field: "days"
         indicator: "stay"
         given: "20.0"
         expected: "within 4.4 of 11.0"
         difference: "9.0"
         baseline { kind: BASELINE_KIND_OWN_PAST period: "2026-01" value: "11.0" spread: "1.5" points: 3 })pb",
    R"pb(rule_id: "exceptional-national"
         class: CLASS_EXCEPTIONAL
         severity: SEVERITY_QUERY
         field: "incidents"
         indicator: "incidents"
         given: "50"
         expected: "within 4 of 10"
         difference: "40"
         baseline { kind: BASELINE_KIND_NATIONAL period: "2026-01" value: "10" spread: "1" points: 57 })pb",
};

void ExpectFields(v1::Finding found, const std::string& text) {
  v1::Finding expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected)) << text;
  for (std::string* words : {found.mutable_message(), found.mutable_hint(), found.mutable_label()}) words->clear();
  found.clear_fingerprint();
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected, found)) << expected.rule_id() << ":\n" << differences;
}

TEST(Specification, FindsTwelveMistakesInOnePass) {
  const Row row = TwelveMistakes();
  ExpectRows({row});
  const std::vector<v1::Finding> findings = JudgeRow(row).findings;
  ASSERT_EQ(findings.size(), std::size(kTwelveFindings));
  for (size_t i = 0; i < findings.size(); ++i) ExpectFields(findings[i], kTwelveFindings[i]);
}

// The rules that are not among the twelve and compare with something.
TEST(Specification, NamesWhatItComparesWith) {
  const struct {
    Row row;
    const char* finding;
  } rows[] = {
      {{.period = "2025-04", .fields = "score: 80.5", .service = "values"},
       R"pb(rule_id: "maximum"
            class: CLASS_INVALID
            severity: SEVERITY_ERROR
            field: "score"
            given: "80.5"
            expected: "at most 80 from Apr 2025"
            difference: "0.5")pb"},
      {{.period = "2024-06", .fields = "score: -0.5", .service = "values"},
       R"pb(rule_id: "minimum"
            class: CLASS_INVALID
            severity: SEVERITY_ERROR
            field: "score"
            given: "-0.5"
            expected: "at least 0"
            difference: "-0.5")pb"},
      {{.period = "2025-04", .fields = "contacts: 79", .earlier = {{"2024-04", "contacts: 100"}}},
       R"pb(rule_id: "change-in-year"
            class: CLASS_HISTORICAL
            severity: SEVERITY_QUERY
            field: "contacts"
            given: "79"
            expected: "within 20 % or 5 of 100"
            difference: "-21"
            baseline { kind: BASELINE_KIND_YEAR_BEFORE period: "2024-04" value: "100" })pb"},
      {{.period = "2025-04", .earlier = {{"2025-03", "waiting: 5"}}},
       R"pb(rule_id: "vanished"
            class: CLASS_HISTORICAL
            severity: SEVERITY_QUERY
            field: "waiting"
            given: "absent"
            expected: "a value"
            baseline { kind: BASELINE_KIND_PREVIOUS_PERIOD period: "2025-03" value: "5" })pb"},
      {{.period = "2025-26-Q1",
        .fields = "admissions: 59",
        .earlier = {{"2025-04", "admissions: 10"}, {"2025-05", "admissions: 20"}, {"2025-06", "admissions: 30"}}},
       R"pb(rule_id: "quarter-months"
            class: CLASS_HISTORICAL
            severity: SEVERITY_QUERY
            field: "admissions"
            given: "59"
            expected: "60"
            difference: "-1"
            baseline { kind: BASELINE_KIND_MONTHS_OF_QUARTER period: "2025-26-Q1" value: "60" })pb"},
      {{.period = "2025-06", .fields = "admissions: 31", .earlier = {{"2025-26-Q1", "admissions: 60"}}},
       R"pb(rule_id: "part-of-returned-period"
            class: CLASS_STRUCTURE
            severity: SEVERITY_ERROR
            field: "period"
            given: "2025-06")pb"},
      {{.period = "2025-04", .fields = "open: false occupied: 1", .exceptions = {"closed-is-empty occupied"}},
       R"pb(rule_id: "closed-is-empty"
            class: CLASS_INCONSISTENT
            severity: SEVERITY_INFO
            field: "occupied"
            given: "occupied = 1, open = no"
            exception { id: 7 severity: SEVERITY_ERROR until: "2026-12-31" reason: "It is being rebuilt." })pb"},
  };
  for (const auto& row : rows) {
    const std::vector<v1::Finding> findings = JudgeRow(row.row).findings;
    ASSERT_FALSE(findings.empty()) << row.finding;
    ExpectFields(findings.back(), row.finding);
  }
}

std::string Json(const v1::Finding& finding) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(finding, &json).ok());
  return json;
}

// People read findings with programs, so their JSON keeps its names and its order.
TEST(Specification, WritesTheSameJsonEachTime) {
  const Row row = TwelveMistakes();
  const std::vector<v1::Finding> findings = JudgeRow(row).findings;
  const std::vector<v1::Finding> again = JudgeRow(row).findings;
  ASSERT_EQ(findings.size(), again.size());
  for (size_t i = 0; i < findings.size(); ++i) EXPECT_EQ(Json(findings[i]), Json(again[i]));
  EXPECT_EQ(Json(findings[8]),
            R"({"ruleId":"change","class":"CLASS_HISTORICAL","severity":"SEVERITY_QUERY","field":"admissions",)"
            R"("label":"Admissions","message":"Admissions: 151 after 100 in Jan 2026, up by 51.",)"
            R"("hint":"Check both periods. If the value is right, say why it moved so much.",)"
            R"("given":"151","expected":"within 50 % or 10 of 100","difference":"51",)"
            R"("baseline":{"kind":"BASELINE_KIND_PREVIOUS_PERIOD","period":"2026-01","value":"100"},)"
            R"("fingerprint":"411548a23b609bc7"})");
}

}  // namespace
}  // namespace quartermaster::specification
