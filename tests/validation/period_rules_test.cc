// Returns of bodies that merged into others, judged by themselves and as what later ones are compared with.
#include "validation/period_rules.h"

#include <map>

#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/merged_return.h"

namespace quartermaster {
namespace {

Period At(const std::string& text) { return Period::Parse(text).value(); }

std::vector<v1::Finding> Succeeded(const std::string& code, const std::string& period) {
  ReferenceData reference;
  reference.successor = [](const std::string& asked) -> absl::optional<Succession::Successor> {
    if (asked != "TAF") return absl::nullopt;
    return Succession::Successor{"G6V2S", At("2024-11").first_month()};
  };
  std::vector<v1::Finding> findings;
  JudgeSuccession(code, At(period), reference, &findings);
  return findings;
}

TEST(PeriodRulesTest, SuccessorStandsForPeriodsFromItsFirstMonthOn) {
  EXPECT_TRUE(Succeeded("TAF", "2024-10").empty());
  EXPECT_TRUE(Succeeded("TAF", "2024-25-Q2").empty());
  EXPECT_TRUE(Succeeded("G6V2S", "2024-11").empty());
  for (const char* period : {"2024-11", "2025-01", "2024-25-Q3", "FY2024-25"}) {
    const std::vector<v1::Finding> findings = Succeeded("TAF", period);
    ASSERT_EQ(findings.size(), 1U) << period;
    EXPECT_EQ(findings[0].severity(), schema::v1::SEVERITY_ERROR);
    EXPECT_EQ(findings[0].expected(), "G6V2S");
    EXPECT_NE(findings[0].hint().find("Send the return as G6V2S"), std::string::npos);
    EXPECT_NE(findings[0].message().find("Nov 2024"), std::string::npos) << findings[0].message();
  }
}

class MergedReturnTest : public ::testing::Test {
 protected:
  absl::optional<FieldRow> Find(const std::string& code, const std::string& period) const {
    const auto fields = [this](const std::string& participant, const Period& each) -> absl::optional<FieldRow> {
      const auto found = returns_.find({participant, each});
      if (found == returns_.end()) return absl::nullopt;
      FieldRow row(2);
      row[0] = {Presence::kPresent, Decimal::FromInteger(found->second), {}};
      row[1] = {Presence::kPresent, Decimal::FromInteger(50), {}};
      return row;
    };
    const auto reports = [this](const std::string& participant) {
      const auto next = returns_.lower_bound({participant, Period::Month(1900, 1)});
      return next != returns_.end() && next->first.first == participant;
    };
    return ReturnOrPredecessors(*service_, succession_, code, At(period), {fields, reports});
  }

  const std::shared_ptr<const CollectionSchema> schema_ = testing::CollectionFromText(R"schema(
    syntax = "proto3";
    package quartermaster.collections.test.v1;
    import "quartermaster/schema/v1/annotations.proto";
    option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
    message Beds {
      option (schema.v1.service) = { id: "beds" title: "Beds" };
      optional double beds = 1 [(schema.v1.field) = { label: "Beds" }];
      optional double share = 2 [(schema.v1.field) = { label: "Share" unit: "%" }];
    })schema");
  const ServiceSchema* const service_ = schema_->FindService("beds");
  Succession succession_;
  std::map<std::pair<std::string, Period>, int> returns_;
};

TEST_F(MergedReturnTest, PastOfAMergedBodyIsThatOfItsPredecessorsTogether) {
  succession_.Put("TAF", "G6V2S", At("2024-11"));
  succession_.Put("RRP", "G6V2S", At("2024-11"));
  returns_[{"TAF", At("2024-10")}] = 3;
  EXPECT_EQ(Find("G6V2S", "2024-10")->at(0).number.ToString(), "3") << "RRP never reported";
  returns_[{"RRP", At("2024-09")}] = 7;
  EXPECT_FALSE(Find("G6V2S", "2024-10").has_value()) << "RRP reports, but not for this month";
  returns_[{"RRP", At("2024-10")}] = 4;
  EXPECT_EQ(Find("G6V2S", "2024-10")->at(0).number.ToString(), "7");
  EXPECT_EQ(Find("G6V2S", "2024-10")->at(1).presence, Presence::kAbsent) << "two percentages have no sum";
  EXPECT_FALSE(Find("G6V2S", "2024-11").has_value()) << "from the merger on it has its own";
  returns_[{"G6V2S", At("2024-10")}] = 1;
  EXPECT_EQ(Find("G6V2S", "2024-10")->at(0).number.ToString(), "1") << "its own comes first";
}

TEST_F(MergedReturnTest, ChainOfMergersIsFollowed) {
  succession_.Put("RT1", "RT2", At("2022-04"));
  succession_.Put("RT2", "RT3", At("2023-04"));
  returns_[{"RT1", At("2021-04")}] = 5;
  returns_[{"RT2", At("2022-06")}] = 6;
  EXPECT_EQ(Find("RT3", "2022-06")->at(0).number.ToString(), "6");
  EXPECT_EQ(Find("RT3", "2021-04")->at(0).number.ToString(), "5");
}

}  // namespace
}  // namespace quartermaster
