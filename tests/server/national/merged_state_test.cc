// Bodies that came of a merger, worked out by hand: TAF and RRP became G6V2S in November 2024, in the middle of the
// third quarter and of the year 2024-25.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/national/national_state.h"
#include "tests/server/national/fixture.h"

namespace quartermaster::national {
namespace {

class MergedStateTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const Succession> Merged() {
    auto succession = std::make_shared<Succession>();
    for (const char* predecessor : {"TAF", "RRP"}) succession->Put(predecessor, "G6V2S", At("2024-11"));
    return succession;
  }

  void Put(const std::string& participant, const std::string& period, double occupied, double available) {
    state_.Put(ward_, participant, At(period), Return(ward_, {{"occupied", occupied}, {"available", available}}), 1);
  }

  v1::NationalStatistics Occupancy(const std::string& period) const {
    return Row(state_.Statistics({&ward_}, At(period), {"occupancy"}), "occupancy");
  }

  ParticipantValues Values(const std::string& participant, const std::string& period) const {
    return state_.Values(ward_, participant, At(period));
  }

  static std::string ValueText(const ParticipantValues& values) {
    return values.contributions.empty() || !values.contributions[0] ? "-" : values.contributions[0]->value.ToString();
  }

  std::vector<std::string> Present(const std::string& period) const {
    std::vector<std::string> present;
    state_.VisitValues({&ward_}, At(period), [&](const ServiceSchema&, const ParticipantValues& values) {
      present.push_back(values.participant + (values.counts ? "" : " apart"));
    });
    return present;
  }

  using Codes = std::vector<std::string>;
  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& ward_ = *schema_->FindService("ward");
  Register register_;
  NationalState state_{schema_, register_.Source(), Merged()};
};

TEST_F(MergedStateTest, QuarterOfTheMergerCountsTheSuccessorOnceWithWhatCameBefore) {
  Put("TAF", "2024-10", 10, 20);
  Put("RRP", "2024-10", 30, 40);
  Put("G6V2S", "2024-11", 40, 60);
  EXPECT_EQ(Occupancy("2024-25-Q3").n(), 0U) << "December is missing";
  Put("G6V2S", "2024-12", 50, 80);
  EXPECT_EQ(Occupancy("2024-25-Q3").n(), 1U);
  EXPECT_EQ(Occupancy("2024-25-Q3").mean(), 65);  // (10 + 30 + 40 + 50) / (20 + 40 + 60 + 80) x 100
  EXPECT_EQ(Occupancy("2024-10").n(), 2U) << "before the merger each counts for itself";
  EXPECT_EQ(Occupancy("2024-11").n(), 1U);
  EXPECT_EQ(Present("2024-25-Q3"), Codes({"G6V2S"}));
  EXPECT_EQ(Present("2024-10"), Codes({"RRP", "TAF"}));

  const ParticipantValues values = Values("G6V2S", "2024-25-Q3");
  EXPECT_TRUE(values.from_predecessors);
  EXPECT_TRUE(values.counts);
  const std::vector<UsedReturn> used = {
      {"G6V2S", At("2024-11"), 1}, {"G6V2S", At("2024-12"), 1}, {"RRP", At("2024-10"), 1}, {"TAF", At("2024-10"), 1}};
  EXPECT_EQ(values.returns, used);

  Put("TAF", "2024-10", 20, 40);  // A correction of a body that is no more moves the quarter of its successor.
  EXPECT_EQ(Occupancy("2024-25-Q3").mean(), 63.636363636);  // 140 / 220
}

TEST_F(MergedStateTest, OneOfTwoPredecessorsMissingLeavesTheMonthOut) {
  Put("TAF", "2024-09", 1, 2);
  Put("RRP", "2024-09", 1, 2);
  Put("TAF", "2024-10", 10, 20);
  Put("G6V2S", "2024-11", 40, 60);
  Put("G6V2S", "2024-12", 50, 80);
  EXPECT_EQ(Occupancy("2024-25-Q3").n(), 0U);
  const ParticipantValues values = Values("G6V2S", "2024-25-Q3");
  EXPECT_EQ(values.months_present, 2);
  EXPECT_TRUE(values.partial());
  EXPECT_FALSE(values.counts);
  EXPECT_EQ(ValueText(values), "64.285714286");  // (40 + 50) / (60 + 80)
}

TEST_F(MergedStateTest, PredecessorThatNeverReportedTheServiceIsNotWaitedFor) {
  Put("TAF", "2024-10", 10, 20);
  Put("G6V2S", "2024-11", 40, 60);
  Put("G6V2S", "2024-12", 50, 80);
  EXPECT_EQ(Occupancy("2024-25-Q3").mean(), 62.5);  // 100 / 160
}

TEST_F(MergedStateTest, YearTakesQuartersAndMonthsOfBoth) {
  for (const char* quarter : {"2024-25-Q1", "2024-25-Q2"}) {
    Put("TAF", quarter, 30, 100);
    Put("RRP", quarter, 60, 100);
  }
  for (const char* code : {"TAF", "RRP"}) Put(code, "2024-10", 10, 20);
  Put("G6V2S", "2024-11", 30, 40);
  Put("G6V2S", "2024-12", 30, 40);
  Put("G6V2S", "2024-25-Q4", 90, 120);
  EXPECT_EQ(Occupancy("FY2024-25").n(), 1U);
  EXPECT_EQ(Occupancy("FY2024-25").mean(), 54.6875);  // (180 + 20 + 60 + 90) / (400 + 40 + 80 + 120) = 350 / 640
  EXPECT_EQ(Occupancy("2024-25-Q2").n(), 2U);
}

TEST_F(MergedStateTest, SeriesFollowsTheLinkBackAndIsNotCountedThere) {
  Put("TAF", "2024-08", 10, 20);
  Put("RRP", "2024-08", 30, 80);
  const ParticipantValues values = Values("G6V2S", "2024-08");
  EXPECT_TRUE(values.from_predecessors);
  EXPECT_FALSE(values.counts);
  EXPECT_EQ(ValueText(values), "40");
  EXPECT_EQ(Occupancy("2024-08").n(), 2U);
  EXPECT_TRUE(PositionsOf(state_, {&ward_}, "G6V2S", At("2024-08")).empty());
  const auto fields = state_.ReturnFields(ward_, "G6V2S", At("2024-08"));
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ((*fields)[0].number.ToString(), "40") << "what the next return is compared with";
  EXPECT_FALSE(state_.ReturnFields(ward_, "G6V2S", At("2024-11")).has_value());
}

TEST_F(MergedStateTest, PredecessorHasNothingFromTheMergerOn) {
  Put("TAF", "2024-11", 10, 20);
  Put("TAF", "2024-25-Q3", 10, 20);
  EXPECT_EQ(Occupancy("2024-11").n(), 0U);
  EXPECT_EQ(Occupancy("2024-25-Q3").n(), 0U);
  EXPECT_TRUE(PositionsOf(state_, {&ward_}, "TAF", At("2024-11")).empty());
}

TEST_F(MergedStateTest, BodyThatWasThereAlreadyIsPartOfTheSum) {
  auto succession = std::make_shared<Succession>();
  succession->Put("TAF", "RRP", At("2024-11"));
  state_.SuccessionChanged(succession);
  Put("RRP", "2024-10", 10, 40);
  Put("RRP", "2024-11", 20, 40);
  Put("RRP", "2024-12", 20, 40);
  Put("TAF", "2024-10", 30, 40);
  Put("TAF", "2024-09", 30, 40);
  EXPECT_EQ(Occupancy("2024-25-Q3").mean(), 50);  // 80 / 160
  EXPECT_EQ(Values("RRP", "2024-10").contributions[0]->value.ToString(), "25") << "its own past stays its own";
  state_.Remove(ward_, "TAF", At("2024-10"));
  EXPECT_EQ(Occupancy("2024-25-Q3").n(), 0U);
}

TEST_F(MergedStateTest, MergerThatIsRegisteredLaterMovesWhatWasCounted) {
  NationalState late(schema_, register_.Source(), NoMergers());
  for (NationalState* state : {&state_, &late}) {
    for (const char* code : {"TAF", "RRP"}) {
      for (const char* month : {"2024-10", "2024-11", "2024-12"}) {
        state->Put(ward_, code, At(month), Return(ward_, {{"occupied", 1}, {"available", 2}}), 1);
      }
    }
  }
  EXPECT_EQ(Row(late.Statistics({&ward_}, At("2024-25-Q3"), {}), "occupancy").n(), 2U);
  late.SuccessionChanged(Merged());
  EXPECT_EQ(late.Dump(), state_.Dump());
  EXPECT_EQ(Row(late.Statistics({&ward_}, At("2024-25-Q3"), {}), "occupancy").n(), 0U) << "the successor sent nothing";
}

}  // namespace
}  // namespace quartermaster::national
