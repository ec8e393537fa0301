// What a return is compared with: the country's figures of a period only once no return for it is taken any more.
#include "server/judging.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/bundles.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

// A quarter is open for 200 days, so that the next one begins meanwhile.
constexpr char kJudgedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_QUARTER first_period: "2020-04"
  window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 200 contact: "x" } };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.indicator) = { id: "waiting" title: "Waiting" value: "waiting" exceptional: { national: 4 absolute: 5 } };
  optional int64 waiting = 1 [(schema.v1.field) = { label: "Waiting" }];
}
)schema";

class JudgingTest : public ServerFixture {
 protected:
  JudgingTest() {
    Publish(kJudgedCollection);
    ImportParticipants({"RT0", "RT1", "RT2", "RT3", "RT4", "RT5", "RT6"});
    now_ = At("2025-07-02");
    for (int i = 1; i <= 6; ++i) {
      EXPECT_EQ(RulesOf(Submit(Request(absl::StrCat("RT", i), "2025-26-Q1", 10 + i))), "");
    }
  }

  static absl::Time At(const std::string& day) {
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", day, &time, nullptr));
    return time + absl::Hours(12);
  }

  v1::SubmitReturnRequest Request(const std::string& participant, const std::string& period, int64_t waiting) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    message->GetReflection()->SetInt64(message.get(), service->fields()[0].descriptors.back(), waiting);
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  // The rules that found something.
  static std::string RulesOf(const absl::StatusOr<v1::Verdict>& verdict) {
    if (!verdict.ok()) return std::string(verdict.status().message());
    std::string rules;
    for (const v1::Finding& finding : verdict->findings()) absl::StrAppend(&rules, finding.rule_id(), " ");
    return rules;
  }

  // The rules that find something about a return far from all others.
  std::string FoundInNextQuarter() {
    v1::SubmitReturnRequest request = Request("RT0", "2025-26-Q2", 5000);
    request.set_validate_only(true);
    return RulesOf(Submit(request));
  }

  // The periods of the country that a bundle gives away.
  std::string BaselinesOfBundle() {
    v1::DownloadBundleRequest request;
    request.set_collection("test");
    request.add_participants("RT0");
    std::string periods;
    const auto bundle = MakeBundle(request, *state_, *store_, *now_);
    EXPECT_TRUE(bundle.ok()) << bundle.status();
    for (const v1::DownloadBundleResponse& part : *bundle) {
      for (const auto& baseline : part.part().peer_baselines()) absl::StrAppend(&periods, baseline.period(), " ");
    }
    return periods;
  }
};

TEST_F(JudgingTest, TheCountryIsThatOfAPeriodThatHasClosed) {
  now_ = At("2026-01-16");  // The last day of the first quarter.
  EXPECT_EQ(FoundInNextQuarter(), "");
  EXPECT_EQ(BaselinesOfBundle(), "");
  now_ = At("2026-01-17");
  EXPECT_EQ(FoundInNextQuarter(), "exceptional-national ");
  EXPECT_EQ(BaselinesOfBundle(), "2025-26-Q1 ");
  v1::GrantWindowRequest reopening;
  reopening.set_collection("test");
  reopening.set_from("2025-26-Q1");
  reopening.set_days(1);
  reopening.set_reason("Because.");
  ASSERT_TRUE(
      Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(reopening, "test", std::move(done)); }).ok());
  EXPECT_EQ(FoundInNextQuarter(), "");
  EXPECT_EQ(BaselinesOfBundle(), "");
}

}  // namespace
}  // namespace quartermaster::server
