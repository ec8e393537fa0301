// What those see of the country who are not report builders. A test plays the attacker: it looks at every view after
// every change, takes each figure for exact, and works out by linear algebra what it can.
#include "server/disclosure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/extract.h"
#include "server/national_figures.h"
#include "tests/server/equations.h"
#include "tests/server/server_fixture.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::server {
namespace {

constexpr char kDisclosedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
  live_view: VIEW };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.indicator) = { id: "occupancy" title: "Occupancy" unit: "%" decimals: 9
    numerator: "occupied" denominator: "DENOMINATOR" factor: 100 };
  option (schema.v1.indicator) = { id: "available" title: "Available beds" value: "available" decimals: 9
    polarity: POLARITY_HIGHER_IS_BETTER };
  optional double available = 1 [(schema.v1.field) = { label: "Available" decimals: 6 rollup: ROLLUP_SUM }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" decimals: 6 rollup: ROLLUP_SUM }];
}
)schema";

constexpr char kQuarter[] = "2025-26-Q1";

// The steps of the collection; what the attacker, RT1, sees; and what there was to see.
class DisclosureTest : public ServerFixture {
 protected:
  void Begin(const std::string& live_view, const std::string& denominator = "available") {
    Publish(absl::StrReplaceAll(kDisclosedCollection, {{"VIEW", live_view}, {"DENOMINATOR", denominator}}));
    for (int i = 1; i <= 14; ++i) codes_.push_back(absl::StrCat("RT", i));
    // A second site of the attacker's own organisation, and one of another.
    codes_.insert(codes_.end(), {"RT1-NORTH", "RT2-NORTH"});
    ImportParticipants(codes_);
    attacker_.name = "attacker";
    attacker_.roles = {v1::ROLE_SUBMITTER};
    attacker_.participants = {"RT1"};
  }

  v1::SubmitReturnRequest Return(const std::string& participant, const std::string& period, double available,
                                 double occupied) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    const auto set = [&](const char* field, double value) {
      message->GetReflection()->SetDouble(message.get(), service->FindField(field)->descriptors.back(), value);
    };
    set("available", available);
    set("occupied", occupied);
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  void Send(const std::string& participant, double available, double occupied) {
    const auto verdict = Submit(Return(participant, kQuarter, available, occupied));
    ASSERT_TRUE(verdict.ok() && verdict->accepted()) << verdict.status();
    current_[participant] = next_unknown_++;
    Remember();
  }
  void Send(const std::string& participant) {
    std::uniform_real_distribution<double> beds(10, 900);
    const double available = std::round(beds(random_) * 1e6) / 1e6;
    Send(participant, available, std::round(available * 0.8 * 1e6) / 1e6);
  }

  void ImportPopulation(const std::string& participant, int64_t registered) {
    v1::ImportPopulationsRequest request;
    request.add_populations()->set_participant(participant);
    request.mutable_populations(0)->set_age_band("18-64");
    request.mutable_populations(0)->set_registered(registered);
    const auto imported = Await<v1::ImportPopulationsResponse>(
        [&](auto done) { imports_->ImportPopulations(request, "steward", std::move(done)); });
    ASSERT_TRUE(imported.ok() && imported->findings().empty()) << imported.status();
  }

  void Withdraw(const std::string& participant) {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant(participant);
    request.set_period(kQuarter);
    request.set_reason("Sent by mistake.");
    const auto withdrawn =
        Await<storage::StoredReturn>([&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
    ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
    current_.erase(participant);
    Remember();
  }

  void Release(const std::string& period = kQuarter) {
    v1::PublishReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    ASSERT_TRUE(releases_->Publish(request, "steward").ok());
  }

  // Which values, and which sums of them, there were at this moment. The sums tell moments apart.
  void Remember() {
    const auto collection = state_->FindCollection("test").value();
    for (const auto& each : collection->national->Statistics({collection->schema->FindService("beds")},
                                                             Period::Parse(kQuarter).value(), {"available"})) {
      std::set<int> unknowns;
      for (const auto& [code, unknown] : current_) {
        if (code.substr(0, code.find('-')) != "RT1") unknowns.insert(unknown);
      }
      if (each.n() > 0) moments_[{each.n(), each.mean()}] = unknowns;
    }
  }

  v1::ListNationalStatisticsResponse List(const Principal& viewer, const std::string& period = kQuarter) {
    v1::ListNationalStatisticsRequest request;
    request.set_collection("test");
    request.set_period(period);
    const NationalFigures figures(state_.get(), disclosure_.get());
    return Await<v1::ListNationalStatisticsResponse>([&](auto done) { figures.List(request, viewer, done); }).value();
  }

  v1::NationalStatistics Available(const Principal& viewer) { return List(viewer).statistics(1); }

  // Of months, quarters and years, as they are and as released.
  void AddExtract(std::vector<v1::NationalStatistics>* seen) {
    v1::ExtractRequest request;
    request.set_collection("test");
    request.set_view(v1::EXTRACT_VIEW_OWN);
    for (const char* period : {kQuarter, "2025-04", "FY2025-26"}) {
      request.set_from(period);
      request.set_to(period);
      for (const bool released : {false, true}) {
        request.set_released(released);
        const absl::Status extracted = MakeExtract(
            request, attacker_, *state_, *store_, disclosure_.get(), absl::Now(), [&](v1::ExtractResponse* part) {
              for (const v1::ExtractRow& row : part->rows()) {
                EXPECT_TRUE(!row.has_value() || row.value().participant() == "RT1" ||
                            row.value().participant() == "RT1-NORTH");
                if (row.has_statistics()) seen->push_back(row.statistics());
              }
              return absl::OkStatus();
            });
        EXPECT_TRUE(extracted.ok()) << extracted;
      }
    }
  }

  // Every view that a submitter has.
  std::vector<v1::NationalStatistics> Look() {
    std::vector<v1::NationalStatistics> seen;
    const auto listed = List(attacker_);
    seen.insert(seen.end(), listed.statistics().begin(), listed.statistics().end());
    const NationalFigures figures(state_.get(), disclosure_.get());
    v1::GetPositionRequest position;
    position.set_participant("RT1");
    position.set_collection("test");
    for (const char* period : {kQuarter, "2025-04", "FY2025-26"}) {
      position.set_period(period);
      const auto stands =
          Await<v1::GetPositionResponse>([&](auto done) { figures.Position(position, attacker_, std::move(done)); });
      for (const v1::IndicatorPosition& one : stands->position()) {
        EXPECT_FALSE(one.has_rank() || one.has_percentile() || one.tied() > 0 || one.tied_with_size() > 0);
        seen.push_back(one.national());
      }
    }
    v1::GetTrendRequest trend;
    trend.set_participant("RT1");
    trend.set_collection("test");
    trend.set_indicator("available");
    for (const auto cadence : {schema::v1::CADENCE_MONTH, schema::v1::CADENCE_QUARTER, schema::v1::CADENCE_YEAR}) {
      trend.set_cadence(cadence);
      trend.set_from(cadence == schema::v1::CADENCE_MONTH     ? "2025-04"
                     : cadence == schema::v1::CADENCE_QUARTER ? kQuarter
                                                              : "FY2025-26");
      const auto series =
          Await<v1::GetTrendResponse>([&](auto done) { figures.Trend(trend, attacker_, std::move(done)); });
      EXPECT_TRUE(series.ok()) << series.status();
      for (const v1::TrendPoint& point : series->points()) seen.push_back(point.national());
    }
    auto dry_run = Return("RT1", kQuarter, 5, 4);
    dry_run.set_validate_only(true);
    const auto verdict = SubmitAndWait(*submissions_, dry_run, attacker_);
    for (const v1::IndicatorPosition& one : verdict->position()) seen.push_back(one.national());
    AddExtract(&seen);
    v1::GetReleaseRequest release;
    release.set_collection("test");
    release.set_period(kQuarter);
    if (const auto got = releases_->Get(release, attacker_); got.ok()) {
      seen.insert(seen.end(), got->statistics().begin(), got->statistics().end());
    }
    return seen;
  }

  // Adds what the attacker learns from its views now.
  void Attack() {
    for (const v1::NationalStatistics& each : Look()) {
      EXPECT_FALSE(each.has_minimum() || each.has_maximum() || each.has_standard_deviation() ||
                   each.has_percentile_10() || each.has_percentile_90());
      if (each.indicator() != "available" || !each.has_mean()) continue;
      const auto moment = moments_.find({each.n(), each.mean()});
      ASSERT_NE(moment, moments_.end()) << "a figure that never was: " << each.DebugString();
      equations_.Add(moment->second);
      views_.insert(moment->first);
    }
  }

  // A year of a busy quarter: returns, corrections, withdrawals, starts of the server and releases.
  void Live(int changes) {
    for (int change = 0; change < changes; ++change) {
      const std::string& code = codes_[random_() % codes_.size()];
      if (current_.count(code) > 0 && random_() % 6 == 0) {
        Withdraw(code);
      } else {
        Send(code);
      }
      if (random_() % 25 == 0) {
        Close();
        Open();
      }
      if (change > changes / 2 && random_() % 20 == 0) Release();
      Attack();
      if (HasFatalFailure()) return;
    }
  }

  std::mt19937 random_{20251125};
  std::vector<std::string> codes_;
  Principal attacker_;
  std::map<std::string, int> current_;  // which unknown a participant has now
  int next_unknown_ = 0;
  std::map<std::pair<uint32_t, double>, std::set<int>> moments_;  // by n and mean
  std::set<std::pair<uint32_t, double>> views_;
  Equations equations_;
};

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
