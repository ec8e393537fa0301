// What a national state answers, worked by hand.
#include "server/national/national_state.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/national/fixture.h"

namespace quartermaster::national {
namespace {

class NationalStateTest : public ::testing::Test {
 protected:
  void Put(const ServiceSchema& service, const std::string& participant, const std::string& period,
           const std::map<std::string, double>& values) {
    state_.Put(service, participant, At(period), Return(service, values), 1);
  }
  void Remove(const ServiceSchema& service, const std::string& participant, const std::string& period) {
    state_.Remove(service, participant, At(period));
  }
  v1::NationalStatistics Statistics(const ServiceSchema& service, const std::string& period,
                                    const std::string& indicator, const std::string& category = "") {
    return Row(state_.Statistics({&service}, At(period), {}), indicator, category);
  }
  v1::IndicatorPosition Position(const ServiceSchema& service, const std::string& participant,
                                 const std::string& period, const std::string& indicator) {
    return Row(PositionsOf(state_, {&service}, participant, At(period)), indicator);
  }

  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& ward_ = *schema_->FindService("ward");
  const ServiceSchema& clinic_ = *schema_->FindService("clinic");
  Register register_;
  NationalState state_{schema_, register_.Source(), NoMergers()};
};

TEST_F(NationalStateTest, NobodyReportedIsUnsetNotZero) {
  const auto statistics = state_.Statistics({&clinic_}, At("2025-04"), {});
  ASSERT_EQ(statistics.size(), 2U);
  EXPECT_EQ(statistics[0].DebugString(),
            "service: \"clinic\"\nindicator: \"contacts-per-session\"\ntitle: \"Contacts per session\"\n");
  EXPECT_TRUE(PositionsOf(state_, {&clinic_}, "RT1", At("2025-04")).empty());
}

TEST_F(NationalStateTest, RatioOfThreeParticipants) {
  Put(ward_, "RT1", "2025-26-Q1", {{"occupied", 90}, {"available", 100}});
  Put(ward_, "RT2", "2025-26-Q1", {{"occupied", 150}, {"available", 200}});
  Put(ward_, "RT3", "2025-26-Q1", {{"occupied", 10.5}, {"available", 10}});
  const v1::NationalStatistics row = Statistics(ward_, "2025-26-Q1", "occupancy");
  EXPECT_EQ(row.title(), "Bed occupancy");
  EXPECT_EQ(row.unit(), "%");
  EXPECT_EQ(row.decimals(), 1U);
  EXPECT_EQ(row.n(), 3U);
  EXPECT_EQ(row.mean(), 90);
  EXPECT_EQ(row.median(), 90);
  EXPECT_EQ(row.minimum(), 75);
  EXPECT_EQ(row.maximum(), 105);
  EXPECT_EQ(row.standard_deviation(), 15);
  EXPECT_EQ(row.pooled(), 80.806451613);  // 250.5 / 310 x 100

  const v1::IndicatorPosition position = Position(ward_, "RT2", "2025-26-Q1", "occupancy");
  EXPECT_EQ(position.value(), 75);
  EXPECT_EQ(position.rank(), 3U);
  EXPECT_EQ(position.percentile(), 0);
  EXPECT_EQ(position.quarter(), 1U);
  EXPECT_EQ(position.distance_from_mean(), -15);
  EXPECT_EQ(position.distance_from_median(), -15);
  EXPECT_EQ(position.national().DebugString(), row.DebugString());
}

TEST_F(NationalStateTest, OfManyTiesTheFirstAreNamed) {
  const int others = PositionOptions::kMostTiesNamed + 5;
  for (int i = 0; i <= others; ++i) {
    Put(ward_, absl::StrCat("RT", 100 + i), "2025-26-Q1", {{"occupied", 90}, {"available", 100}});
  }
  PositionOptions options;
  options.name_ties = true;
  google::protobuf::RepeatedPtrField<v1::IndicatorPosition> positions;
  state_.AddPosition({&ward_}, "RT101", At("2025-26-Q1"), options, &positions);
  const std::vector<v1::IndicatorPosition> rows(positions.begin(), positions.end());
  const v1::IndicatorPosition& position = Row(rows, "occupancy");
  EXPECT_EQ(position.tied(), others);
  ASSERT_EQ(position.tied_with_size(), PositionOptions::kMostTiesNamed);
  EXPECT_EQ(position.tied_with(0), "RT100");
  EXPECT_EQ(position.tied_with(1), "RT102");
}

TEST_F(NationalStateTest, ZeroDenominatorIsCountedNowhere) {
  Put(ward_, "RT1", "2025-26-Q1", {{"occupied", 90}, {"available", 100}});
  Put(ward_, "RT2", "2025-26-Q1", {{"occupied", 5}, {"available", 0}});
  Put(ward_, "RT3", "2025-26-Q1", {{"occupied", 5}});
  const v1::NationalStatistics row = Statistics(ward_, "2025-26-Q1", "occupancy");
  EXPECT_EQ(row.n(), 1U);
  EXPECT_EQ(row.mean(), 90);
  EXPECT_EQ(row.pooled(), 90);
  EXPECT_FALSE(row.has_standard_deviation());
  const v1::IndicatorPosition undefined = Position(ward_, "RT2", "2025-26-Q1", "occupancy");
  EXPECT_FALSE(undefined.has_value());
  EXPECT_FALSE(undefined.has_rank());
  EXPECT_FALSE(undefined.has_quarter());
  EXPECT_FALSE(undefined.has_distance_from_mean());
  EXPECT_EQ(undefined.national().n(), 1U);
}

TEST_F(NationalStateTest, NegativeDenominatorIsUndefined) {
  Put(clinic_, "RT1", "2025-04", {{"contacts", 90}, {"sessions", 4}, {"closed", 5}});
  EXPECT_EQ(Statistics(clinic_, "2025-04", "contacts-per-session").n(), 0U);
  Put(clinic_, "RT1", "2025-04", {{"contacts", 90}, {"sessions", 6}, {"closed", 5}});
  EXPECT_EQ(Statistics(clinic_, "2025-04", "contacts-per-session").mean(), 90);
}

TEST_F(NationalStateTest, SharesAndDistributions) {
  Put(ward_, "RT1", "2025-04", {{"accredited", 1}, {"team", 1}, {"ethnicity.white", 30}, {"ethnicity.other", 10}});
  Put(ward_, "RT2", "2025-04", {{"accredited", 0}, {"team", 1}, {"ethnicity.white", 10}, {"ethnicity.other", 10}});
  Put(ward_, "RT3", "2025-04", {{"accredited", 1}, {"team", 2}, {"ethnicity.white", 0}, {"ethnicity.other", 0}});
  Put(ward_, "RT4", "2025-04", {{"accredited", 1}});
  EXPECT_EQ(Statistics(ward_, "2025-04", "accredited").mean(), 75);
  EXPECT_FALSE(Statistics(ward_, "2025-04", "accredited").has_pooled());
  EXPECT_EQ(Statistics(ward_, "2025-04", "team", "crisis").mean(), 66.666666667);
  EXPECT_EQ(Statistics(ward_, "2025-04", "team", "general").n(), 3U);
  const v1::NationalStatistics white = Statistics(ward_, "2025-04", "ethnicity", "white");
  EXPECT_EQ(white.n(), 2U);
  EXPECT_EQ(white.mean(), 62.5);            // 75 and 50
  EXPECT_EQ(white.pooled(), 66.666666667);  // 40 / 60
  EXPECT_EQ(white.title(), "Ethnicity: White");
}

TEST_F(NationalStateTest, OnlyTheIndicatorsThatAreAskedFor) {
  const auto statistics = state_.Statistics({&ward_}, At("2025-04"), {"ethnicity", "waiting", "nonsense"});
  ASSERT_EQ(statistics.size(), 3U);
  EXPECT_EQ(statistics[0].indicator(), "waiting");
  EXPECT_EQ(statistics[1].category(), "white");
  EXPECT_EQ(statistics[2].category(), "other");
}

TEST_F(NationalStateTest, ReplacedAndWithdrawn) {
  Put(ward_, "RT1", "2025-04", {{"waiting", 10}});
  Put(ward_, "RT2", "2025-04", {{"waiting", 20}});
  Put(ward_, "RT1", "2025-04", {{"waiting", 40}});
  EXPECT_EQ(Statistics(ward_, "2025-04", "waiting").mean(), 30);
  Remove(ward_, "RT2", "2025-04");
  EXPECT_EQ(Statistics(ward_, "2025-04", "waiting").n(), 1U);
  EXPECT_EQ(Statistics(ward_, "2025-04", "waiting").mean(), 40);
  Remove(ward_, "RT2", "2025-04");
  Remove(ward_, "RT9", "2025-04");
  Remove(ward_, "RT1", "2025-05");
  Remove(ward_, "RT1", "2025-04");
  EXPECT_EQ(state_.Dump(), NationalState(schema_, register_.Source(), NoMergers()).Dump());
}

// Values that need 128 bits come and go without a trace.
TEST_F(NationalStateTest, LargestValues) {
  Put(ward_, "RT1", "2025-04", {{"cost", 1e12}});
  Put(ward_, "RT2", "2025-04", {{"cost", 999999999999.99}});
  EXPECT_EQ(Statistics(ward_, "2025-04", "cost").mean(), 999999999999.995);
  EXPECT_EQ(Statistics(ward_, "2025-04", "cost").minimum(), 999999999999.99);
  Remove(ward_, "RT1", "2025-04");
  Remove(ward_, "RT2", "2025-04");
  EXPECT_EQ(state_.Dump(), NationalState(schema_, register_.Source(), NoMergers()).Dump());
}

TEST_F(NationalStateTest, QuarterRollsUpFromItsThreeMonths) {
  Put(ward_, "RT1", "2025-04", {{"occupied", 10}, {"available", 20}, {"staff", 1}, {"waiting", 7}, {"team", 1}});
  Put(ward_, "RT1", "2025-06", {{"occupied", 30}, {"available", 40}, {"staff", 2}, {"waiting", 9}, {"team", 2}});
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "occupancy").n(), 0U) << "two months are no quarter";
  const v1::IndicatorPosition partial = Position(ward_, "RT1", "2025-26-Q1", "occupancy");
  EXPECT_TRUE(partial.partial());
  EXPECT_EQ(partial.months_present(), 2U);
  EXPECT_EQ(partial.months_expected(), 3U);
  EXPECT_EQ(partial.value(), 66.666666667) << "of what there is";  // (10 + 30) / (20 + 40) x 100
  EXPECT_FALSE(partial.has_rank()) << "it is not among the national figures";

  Put(ward_, "RT1", "2025-05", {{"occupied", 20}, {"available", 20}, {"staff", 2}, {"accredited", 1}});
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "occupancy").mean(), 75);         // (10 + 20 + 30) / (20 + 20 + 40) x 100
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "staff").mean(), 1.666666667);    // (1 + 2 + 2) / 3
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "waiting").mean(), 9);            // of June; May has none
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "team", "general").mean(), 100);  // of June
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "accredited").n(), 0U) << "June has none";

  Put(ward_, "RT1", "2025-05", {{"occupied", 20}, {"available", 60}});
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "occupancy").mean(), 50);
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "staff").n(), 0U) << "May has none";
  Remove(ward_, "RT1", "2025-04");
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "occupancy").n(), 0U);
}

TEST_F(NationalStateTest, FieldWithoutRollupHasNoQuarter) {
  for (const char* month : {"2025-04", "2025-05", "2025-06"}) {
    Put(clinic_, "RT1", month, {{"rooms", 3}, {"contacts", 10}, {"sessions", 2}, {"closed", 0}});
  }
  EXPECT_EQ(Statistics(clinic_, "2025-26-Q1", "rooms").n(), 0U);
  EXPECT_EQ(Statistics(clinic_, "2025-26-Q1", "contacts-per-session").pooled(), 5);
}

TEST_F(NationalStateTest, QuarterlyReturnComesBeforeMonths) {
  for (const char* month : {"2025-04", "2025-05", "2025-06"}) Put(ward_, "RT1", month, {{"waiting", 3}});
  Put(ward_, "RT1", "2025-26-Q1", {{"waiting", 50}});
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "waiting").mean(), 50);
  Put(ward_, "RT1", "2025-06", {{"waiting", 4}});
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "waiting").mean(), 50);
  EXPECT_EQ(Statistics(ward_, "2025-06", "waiting").mean(), 4);
  Remove(ward_, "RT1", "2025-26-Q1");
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "waiting").mean(), 4);
}

// Three quarters as returns and one from its months; then the return of the year itself.
TEST_F(NationalStateTest, YearRollsUpFromItsQuarters) {
  for (const char* quarter : {"2025-26-Q1", "2025-26-Q2", "2025-26-Q4"}) {
    Put(ward_, "RT1", quarter, {{"occupied", 100}, {"available", 200}, {"staff", 4}, {"waiting", 1}});
  }
  for (const char* month : {"2025-10", "2025-11"}) {
    Put(ward_, "RT1", month, {{"occupied", 50}, {"available", 50}, {"staff", 7}, {"waiting", 2}});
  }
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "occupancy").n(), 0U);
  Put(ward_, "RT1", "2025-12", {{"occupied", 50}, {"available", 100}, {"staff", 8}, {"waiting", 3}});
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "occupancy").mean(), 56.25);    // 450 / 800
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "staff").mean(), 4.833333333);  // (4 + 4 + 7.333333333 + 4) / 4
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "waiting").mean(), 1);          // of the fourth quarter
  EXPECT_EQ(Position(ward_, "RT1", "FY2025-26", "occupancy").rank(), 1U);
  Put(ward_, "RT1", "FY2025-26", {{"occupied", 9}, {"available", 10}});
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "occupancy").mean(), 90);
}

// The months have the sum 4, and a third as their mean. Two of the quarters are rounded up to 0.666666667.
TEST_F(NationalStateTest, MeanOfAYearIsThatOfItsRoundedQuarters) {
  for (const Period& quarter : At("FY2025-26").Parts()) {
    const bool busy = quarter == At("2025-26-Q1") || quarter == At("2025-26-Q2");
    for (const Period& month : quarter.Parts()) Put(ward_, "RT1", month.ToString(), {{"staff", busy ? 1 : 0}});
    Put(ward_, "RT1", quarter.Parts().back().ToString(), {{"staff", 0}});
  }
  EXPECT_EQ(Statistics(ward_, "2025-26-Q1", "staff").mean(), 0.666666667);
  EXPECT_EQ(Statistics(ward_, "FY2025-26", "staff").mean(), 0.333333334);
}

TEST_F(NationalStateTest, PopulationsAreThoseOfTheLastChange) {
  register_.populations = {{"RT1", 1000}};
  Put(ward_, "RT1", "2025-04", {{"occupied", 10}});
  Put(ward_, "RT2", "2025-04", {{"occupied", 10}});
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").n(), 1U);
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").mean(), 1000);

  // The source changes first, and the figures all at once when the state is told.
  register_.populations = {{"RT1", 2000}, {"RT2", 500}};
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").mean(), 1000);
  EXPECT_EQ(Position(ward_, "RT1", "2025-04", "occupied-per-population").value(), 1000);
  state_.PopulationsChanged();
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").n(), 2U);
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").mean(), 1250);
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").pooled(), 800);

  // A withdrawal between the two takes out what was put in, not what the source says by then.
  register_.populations.clear();
  Remove(ward_, "RT1", "2025-04");
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").mean(), 2000);
  state_.PopulationsChanged();
  EXPECT_EQ(Statistics(ward_, "2025-04", "occupied-per-population").n(), 0U);
}

TEST_F(NationalStateTest, ForetellMovesNothing) {
  register_.populations = {{"RT1", 1000}, {"RT3", 100}};
  Put(ward_, "RT1", "2025-04", {{"waiting", 10}, {"occupied", 5}});
  Put(ward_, "RT2", "2025-04", {{"waiting", 20}});
  const std::string before = state_.Dump();
  for (const char* participant : {"RT1", "RT3"}) {
    const ReturnValues values = Return(ward_, {{"waiting", 30}, {"occupied", 7}, {"available", 9}});
    const auto foretold = Foretold(state_, ward_, participant, At("2025-04"), values);
    EXPECT_EQ(state_.Dump(), before);
    NationalState other(schema_, register_.Source(), NoMergers());
    other.Put(ward_, "RT1", At("2025-04"), Return(ward_, {{"waiting", 10}, {"occupied", 5}}), 1);
    other.Put(ward_, "RT2", At("2025-04"), Return(ward_, {{"waiting", 20}}), 1);
    other.Put(ward_, participant, At("2025-04"), values, 1);
    EXPECT_EQ(Text(foretold), Text(PositionsOf(other, {&ward_}, participant, At("2025-04"))));
    EXPECT_EQ(Row(foretold, "waiting").rank(), 1U);
  }
}

TEST_F(NationalStateTest, SeveralServicesInTheOrderAskedFor) {
  Put(ward_, "RT1", "2025-04", {{"waiting", 10}});
  Put(clinic_, "RT1", "2025-04", {{"rooms", 3}});
  Put(clinic_, "RT2", "2025-04", {{"rooms", 5}});

  const auto statistics = state_.Statistics({&clinic_, &ward_}, At("2025-04"), {"waiting", "rooms"});
  ASSERT_EQ(statistics.size(), 2U);
  EXPECT_EQ(statistics[0].service(), "clinic");
  EXPECT_EQ(statistics[0].mean(), 4);
  EXPECT_EQ(statistics[1].service(), "ward");
  EXPECT_EQ(statistics[1].mean(), 10);

  const auto both = PositionsOf(state_, {&clinic_, &ward_}, "RT1", At("2025-04"));
  ASSERT_EQ(both.size(), clinic_.indicators().size() + ward_.indicators().size());
  EXPECT_EQ(both.front().service(), "clinic");
  EXPECT_EQ(both.back().service(), "ward");
  EXPECT_EQ(Text(PositionsOf(state_, {&ward_, &clinic_}, "RT2", At("2025-04"))),
            Text(PositionsOf(state_, {&clinic_}, "RT2", At("2025-04"))))
      << "RT2 has no return for the ward";
}

}  // namespace
}  // namespace quartermaster::national
