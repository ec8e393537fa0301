// A collection whose figures submitters see in steps, and an attacker, RT1, who looks at every view after every change,
// takes each figure for exact, and works out by linear algebra what it can.
#ifndef QUARTERMASTER_TESTS_SERVER_DISCLOSURE_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_DISCLOSURE_FIXTURE_H_

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/disclosure.h"
#include "server/extract.h"
#include "server/national_figures.h"
#include "tests/server/equations.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {

inline constexpr char kDisclosedCollection[] = R"schema(syntax = "proto3";
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

// The steps of the collection; what the attacker, RT1, sees; and what there was to see.
class DisclosureTest : public ServerFixture {
 protected:
  static constexpr char kQuarter[] = "2025-26-Q1";

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

  // The services whose figures it leaves to submitters as they were.
  std::vector<std::string> Release(const std::string& period = kQuarter, absl::optional<int> embargo_days = {}) {
    v1::PublishReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    if (embargo_days) {
      const absl::CivilDay until = absl::ToCivilDay(now_.value_or(absl::Now()), absl::UTCTimeZone()) + *embargo_days;
      request.set_embargoed_until(absl::FormatCivilTime(until));
    }
    const auto published = releases_->Publish(request, "steward");
    EXPECT_TRUE(published.ok()) << published.status();
    const auto& undisclosed = published->undisclosed_services();
    return {undisclosed.begin(), undisclosed.end()};
  }

  // What the attacker sees of a release, the newest without a number. Empty where there is none.
  std::vector<v1::NationalStatistics> Released(absl::optional<uint32_t> number = {}) {
    v1::GetReleaseRequest request;
    request.set_collection("test");
    request.set_period(kQuarter);
    if (number) request.set_number(*number);
    const auto release = releases_->Get(request, attacker_);
    if (!release.ok()) return {};
    return {release->statistics().begin(), release->statistics().end()};
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
        const absl::Status extracted =
            MakeExtract(request, attacker_, *state_, *store_, disclosure_.get(), now_.value_or(absl::Now()),
                        [&](v1::ExtractResponse* part) {
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
    const uint32_t releases = static_cast<uint32_t>(state_->releases()->all().size());
    for (uint32_t number = 1; number <= releases; ++number) {
      for (const v1::NationalStatistics& each : Released(number)) seen.push_back(each);
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

  // A year of a busy quarter: returns, corrections, withdrawals, starts of the server and releases, some of them under
  // embargoes that last for about as many changes as there are between two.
  void Live(int changes) {
    now_ = absl::FromCivil(absl::CivilDay(2025, 7, 1), absl::UTCTimeZone());
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
      now_ += absl::Hours(4);
      if (change > changes / 2 && random_() % 10 == 0) {
        const int embargo_days = static_cast<int>(random_() % 4) - 1;
        Release(kQuarter, embargo_days < 0 ? absl::nullopt : absl::make_optional(embargo_days));
      }
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

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_DISCLOSURE_FIXTURE_H_
