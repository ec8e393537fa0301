// What those see of the country who are not report builders.
#include "server/disclosure.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/server/disclosure_fixture.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(DisclosureTest, AttackerWhoSeesEveryViewWorksOutNoValue) {
  Begin("LIVE_VIEW_STEPPED");
  Live(400);
  EXPECT_GT(views_.size(), 20U) << "it must have something to work with";
  EXPECT_TRUE(equations_.Solved().empty());
}

TEST_F(DisclosureTest, TheSameAttackOnExactFiguresWorksOutMany) {
  Begin("LIVE_VIEW_EXACT");
  for (const std::string& code : codes_) {
    Send(code);
    const auto listed = List(attacker_);
    for (const v1::NationalStatistics& each : listed.statistics()) {
      if (each.indicator() == "available" && each.has_mean()) equations_.Add(moments_.at({each.n(), each.mean()}));
    }
  }
  EXPECT_GE(equations_.Solved().size(), codes_.size() - 2);
}

TEST_F(DisclosureTest, NothingBelowTheMinimumThenStepsOfThree) {
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4"}) Send(code, 10, 5);
  EXPECT_EQ(Available(attacker_).withheld(), v1::WITHHELD_TOO_FEW_CHANGES);
  EXPECT_FALSE(Available(attacker_).has_mean());
  EXPECT_EQ(Available(Everybody()).mean(), 10);
  Send("RT5", 20, 10);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  EXPECT_EQ(Available(attacker_).mean(), 12);
  Send("RT6", 100, 10);
  Send("RT7", 100, 10);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  EXPECT_EQ(Available(Everybody()).n(), 7U);
  Send("RT8", 100, 10);
  EXPECT_EQ(Available(attacker_).n(), 8U);
  EXPECT_EQ(Available(attacker_).mean(), 45);
}

TEST_F(DisclosureTest, LookThatFindsNothingNewStoresNothing) {
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send(code, 10, 5);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  const uint64_t after_step = store_->last_sequence();
  EXPECT_EQ(Available(attacker_).n(), 5U);
  Look();
  EXPECT_EQ(store_->last_sequence(), after_step);
}

TEST_F(DisclosureTest, ReturnsThatCameFirstAfterAStepAreNewAfterAStartToo) {
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send(code, 10, 5);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  for (const char* code : {"RT6", "RT7", "RT5"}) Send(code, 100, 10);
  Close();
  Open();
  EXPECT_EQ(Available(attacker_).n(), 5U) << "RT5 may have sent again what it had";
  Send("RT8", 100, 10);
  EXPECT_EQ(Available(attacker_).n(), 8U);
}

TEST_F(DisclosureTest, PopulationThatWasImportedBeforeAStartTellsNothingAfterIt) {
  Begin("LIVE_VIEW_STEPPED", "population(\\\"18-64\\\")");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) {
    ImportPopulation(code, 1000);
    Send(code, 10, 5);
  }
  EXPECT_EQ(List(attacker_).statistics(0).mean(), 0.5);
  ImportPopulation("RT3", 100);
  EXPECT_EQ(List(attacker_).statistics(0).mean(), 0.5);
  Close();
  Open();
  EXPECT_EQ(List(attacker_).statistics(0).mean(), 0.5) << "the mean would tell RT3's population";
  for (const char* code : {"RT1", "RT2"}) Send(code, 20, 10);
  EXPECT_EQ(List(attacker_).statistics(0).mean(), 0.5);
  Send("RT4", 20, 10);
  EXPECT_NE(List(attacker_).statistics(0).mean(), 0.5);
}

TEST_F(DisclosureTest, LookOnAFullDiskShowsWhatWasShown) {
  const auto files = std::make_shared<storage::FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> faulty = rocksdb::NewCompositeEnv(files);
  Close();
  env_ = faulty.get();
  Open();
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send(code, 10, 5);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  for (const char* code : {"RT6", "RT7", "RT8"}) Send(code, 100, 10);
  files->FailCall(storage::FaultyFileSystem::Call::kSync, 1, storage::FaultyFileSystem::After::kDiskIsFull);
  EXPECT_EQ(Available(attacker_).n(), 5U);
  files->MakeRoom();
  storage::WaitForWrites(*store_);
  EXPECT_EQ(Available(attacker_).n(), 8U);
  Close();
  env_ = nullptr;
}

TEST_F(DisclosureTest, FigureThatIsWithheldAgainIsOneThatWasShownAfterAStartToo) {
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send(code, 10, 5);
  EXPECT_EQ(List(attacker_).statistics(0).n(), 5U);
  // Without beds there is no occupancy: RT5 has none of it any more, and three have other values.
  Send("RT5", 0, 0);
  for (const char* code : {"RT1", "RT2", "RT3"}) Send(code, 20, 5);
  EXPECT_EQ(Available(attacker_).mean(), 14);
  EXPECT_EQ(List(attacker_).statistics(0).withheld(), v1::WITHHELD_BELOW_MINIMUM_N);
  Close();
  Open();
  Send("RT5", 10, 5);
  EXPECT_EQ(List(attacker_).statistics(0).withheld(), v1::WITHHELD_BELOW_MINIMUM_N)
      << "five have a value again, of which one is new since a figure was shown";
}

TEST_F(DisclosureTest, PositionIsMadeOfWhatIsDisclosed) {
  Begin("LIVE_VIEW_STEPPED");
  for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send(code, 10, 5);
  EXPECT_EQ(Available(attacker_).mean(), 10);
  Send("RT1", 16, 8);
  const auto verdict = SubmitAndWait(*submissions_, Return("RT1", kQuarter, 10.3, 8), attacker_);
  ASSERT_EQ(verdict->position_size(), 2);
  const v1::IndicatorPosition& position = verdict->position(1);
  EXPECT_EQ(position.value(), 10.3);
  EXPECT_EQ(position.national().mean(), 10) << "its own new value alone does not move it";
  EXPECT_EQ(position.distance_from_mean(), 0.3) << "of doubles the difference is 0.3000000000000007";
  EXPECT_EQ(position.compared_with_mean(), v1::COMPARISON_BETTER);
  EXPECT_FALSE(position.has_rank());
}

TEST_F(DisclosureTest, ReleaseShowsMedianAndQuartilesAndACorrectionOfOneDoesNot) {
  Begin("LIVE_VIEW_NONE");
  for (int i = 1; i <= 8; ++i) Send(absl::StrCat("RT", i), 10 * i, 5);
  EXPECT_EQ(Available(attacker_).withheld(), v1::WITHHELD_EMBARGOED);
  Release();
  EXPECT_EQ(Available(attacker_).mean(), 45);
  EXPECT_EQ(Available(attacker_).median(), 45);
  EXPECT_FALSE(Available(attacker_).has_minimum());
  Send("RT8", 880, 5);
  Release();
  EXPECT_EQ(Available(attacker_).mean(), 45) << "the second release would tell what RT8 has corrected";
  EXPECT_EQ(Available(Everybody()).mean(), 145);
  Close();
  Open();
  EXPECT_EQ(Available(attacker_).mean(), 45);
}

// Whether the server starts anew between what happens must make no difference.
class EmbargoTest : public DisclosureTest, public ::testing::WithParamInterface<bool> {
 protected:
  void MayStartAnew() {
    if (!GetParam()) return;
    Close();
    Open();
  }
  double ReleasedMean(absl::optional<uint32_t> number = {}) {
    MayStartAnew();
    const auto released = Released(number);
    return released.empty() ? 0 : released[1].mean();
  }
};

INSTANTIATE_TEST_SUITE_P(StartsAnew, EmbargoTest, ::testing::Bool());

TEST_P(EmbargoTest, ACorrectionUnderEmbargoIsWhatEverybodySeesAfterIt) {
  now_ = absl::FromCivil(absl::CivilDay(2025, 8, 1), absl::UTCTimeZone());
  Begin("LIVE_VIEW_NONE");
  for (int i = 1; i <= 8; ++i) Send(absl::StrCat("RT", i), 10 * i, 5);
  EXPECT_THAT(Release(kQuarter, 3), IsEmpty());
  MayStartAnew();
  Send("RT8", 880, 5);
  EXPECT_THAT(Release(kQuarter, 2), IsEmpty()) << "nobody has seen the one before";
  EXPECT_EQ(ReleasedMean(), 0);
  now_ += absl::Hours(4 * 24);
  EXPECT_EQ(ReleasedMean(), 145);
  EXPECT_EQ(ReleasedMean(1), 0) << "the difference would be what RT8 has corrected";
  EXPECT_EQ(ReleasedMean(2), 145);

  // From now on it is what a correction is compared with, whatever became of that one's embargo.
  Send("RT8", 80, 5);
  EXPECT_THAT(Release(kQuarter, 1), ElementsAre("beds"));
  EXPECT_EQ(ReleasedMean(), 145);
  now_ += absl::Hours(2 * 24);
  EXPECT_EQ(ReleasedMean(3), 145);
  Send("RT7", 71, 5);
  EXPECT_THAT(Release(), ElementsAre("beds"));
  EXPECT_EQ(ReleasedMean(), 145);
}

TEST_P(EmbargoTest, ACorrectionUnderEmbargoMustNotTellWhatALookDidNot) {
  now_ = absl::FromCivil(absl::CivilDay(2025, 7, 1), absl::UTCTimeZone());
  Begin("LIVE_VIEW_STEPPED");
  for (int i = 1; i <= 5; ++i) Send(absl::StrCat("RT", i), 10 * i, 5);
  EXPECT_EQ(Available(attacker_).mean(), 30);
  for (int i = 6; i <= 8; ++i) Send(absl::StrCat("RT", i), 10 * i, 5);
  EXPECT_THAT(Release(kQuarter, 3), IsEmpty());
  MayStartAnew();
  Withdraw("RT7");
  Withdraw("RT8");
  EXPECT_THAT(Release(), ElementsAre("beds")) << "beside the look it would tell what RT6 sent";
  now_ += absl::Hours(4 * 24);
  EXPECT_EQ(ReleasedMean(), 30);
  EXPECT_EQ(ReleasedMean(1), 0);
}

TEST_F(DisclosureTest, AReleaseThatCouldNotBeStoredLeavesTheEmbargoOfTheOneBeforeAsItWas) {
  now_ = absl::FromCivil(absl::CivilDay(2025, 8, 1), absl::UTCTimeZone());
  Begin("LIVE_VIEW_NONE");
  for (int i = 1; i <= 8; ++i) Send(absl::StrCat("RT", i), 10 * i, 5);
  EXPECT_THAT(Release(kQuarter, 3), IsEmpty());
  const auto collection = state_->FindCollection("test").value();
  const ServiceSchema& beds = *collection->schema->FindService("beds");
  const Period quarter = Period::Parse(kQuarter).value();
  const auto may_follow = [&](bool replaces_unseen) {
    return collection->national->MayStep(beds, quarter, 1, replaces_unseen);
  };
  Send("RT8", 880, 5);
  for (const national::ReleaseEmbargo embargo : {national::ReleaseEmbargo{true, true}, {true, true}}) {
    const national::NationalState::ReleaseStep step{[](const auto&, const auto&) {}, embargo};
    auto steps = collection->national->Step({&beds}, quarter, 1, &step);
    EXPECT_TRUE(steps.front().has_value());
    Send("RT7", 10 * static_cast<double>(next_unknown_), 5);
    const TakenSteps abandoned(collection, {&beds}, quarter, std::move(steps), embargo);
  }
  EXPECT_TRUE(may_follow(/*replaces_unseen=*/true));
  EXPECT_FALSE(may_follow(/*replaces_unseen=*/false)) << "two have something new since the release";
  Send("RT6", 1, 1);
  EXPECT_TRUE(may_follow(/*replaces_unseen=*/false));
}

TEST_F(DisclosureTest, PeerGroupsAndShorterPeriodsAreNotForSubmitters) {
  Begin("LIVE_VIEW_STEPPED");
  for (const std::string& code : codes_) Send(code);
  EXPECT_TRUE(Available(attacker_).has_mean());
  EXPECT_EQ(List(attacker_, "FY2025-26").statistics(1).withheld(), v1::WITHHELD_OF_ANOTHER_KIND);
}

// A quarter and a month of it tell together what the one sent in the other months who has none for that month.
TEST_F(DisclosureTest, AReleasedMonthIsNotForSubmittersOfQuarters) {
  Begin("LIVE_VIEW_STEPPED");
  for (const std::string& code : codes_) ASSERT_TRUE(Submit(Return(code, "2025-04", 10, 5))->accepted());
  Release("2025-04");
  v1::GetReleaseRequest release;
  release.set_collection("test");
  release.set_period("2025-04");
  EXPECT_TRUE(releases_->Get(release, Everybody())->statistics(1).has_mean());
  EXPECT_EQ(releases_->Get(release, attacker_)->statistics(1).withheld(), v1::WITHHELD_OF_ANOTHER_KIND);
  EXPECT_EQ(List(attacker_, "2025-04").statistics(1).withheld(), v1::WITHHELD_OF_ANOTHER_KIND);
}

}  // namespace
}  // namespace quartermaster::server
