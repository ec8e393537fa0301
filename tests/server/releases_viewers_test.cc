// Who sees which releases, from when on, and what of them.
#include "gmock/gmock.h"
#include "server/errors.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ReleasesTest, AnEmbargoIsADayInTheZoneOfTheWindow) {
  for (const Beds& beds : Returns()) Send(beds);
  now_ = At("2025-07-31T23:30:00Z");  // Half past midnight of 1 August in London.
  const auto refused = [&](const std::string& until) {
    v1::PublishReleaseRequest request = PublishRequest();
    request.set_embargoed_until(until);
    return FieldOf(releases_->Publish(request, "steward").status());
  };
  EXPECT_EQ(refused("2025-07-31"), "embargoed_until");
  EXPECT_EQ(refused("2025-8-10"), "embargoed_until");
  EXPECT_EQ(refused("soon"), "embargoed_until");
  EXPECT_EQ(refused("2026-08-02"), "embargoed_until");
  EXPECT_THAT(Listed(Everybody()), IsEmpty());
  v1::PublishReleaseRequest request = PublishRequest();
  request.set_embargoed_until("2025-08-01");
  EXPECT_EQ(Published(request).release().embargoed_until(), "2025-08-01");

  now_ = At("2025-08-01T22:59:59Z");
  EXPECT_THAT(Listed(Submitter()), IsEmpty());
  EXPECT_THAT(Listed(Everybody()), ElementsAre(1));
  const absl::Status hidden = Get(Submitter()).status();
  EXPECT_EQ(ReasonOf(hidden), "RELEASE_NOT_FOUND");
  EXPECT_EQ(Get(Submitter(), 1).status().message(),
            "there is no release \"test Q1 2025/26 number 1\". None of the period is published.");
  EXPECT_THAT(Get(Everybody())->statistics(), SizeIs(3));
  now_ = At("2025-08-01T23:00:00Z");
  EXPECT_THAT(Listed(Submitter()), ElementsAre(1));
  EXPECT_EQ(Get(Submitter())->release().number(), 1U);

  // The newest that a submitter sees is the one before an embargoed one.
  Send({"RT1", kQuarter, 900, 900});
  request.set_embargoed_until("2026-08-02");
  EXPECT_EQ(Published(request).release().number(), 2U);
  EXPECT_EQ(Get(Submitter())->release().number(), 1U);
  EXPECT_EQ(Get(Submitter(), 2).status().message(),
            "there is no release \"test Q1 2025/26 number 2\". There are the numbers 1.");
  EXPECT_EQ(Get(Everybody())->release().number(), 2U);
  EXPECT_THAT(Listed(Submitter()), ElementsAre(1));
  EXPECT_THAT(Listed(Everybody()), ElementsAre(2, 1));

  // A correction does not end an embargo: it may disclose again what is under it.
  Send({"RT1", kQuarter, 800, 800});
  EXPECT_EQ(Published().release().embargoed_until(), "2026-08-02");
  EXPECT_THAT(Listed(Submitter()), ElementsAre(1));
  now_ = At("2026-08-02T23:00:00Z");
  EXPECT_THAT(Listed(Submitter()), ElementsAre(3, 1)) << "the second was replaced before anybody saw it";
  EXPECT_EQ(ReasonOf(Get(Submitter(), 2).status()), "RELEASE_NOT_FOUND");
  EXPECT_THAT(Listed(Everybody()), ElementsAre(3, 2, 1));
  Send({"RT1", kQuarter, 900, 900});
  EXPECT_EQ(Published().release().embargoed_until(), "");
}

// The mean of occupancy as a viewer sees it in the newest release, with what goes with it.
std::string Occupancy(const absl::StatusOr<v1::GetReleaseResponse>& response) {
  for (const v1::NationalStatistics& one : response->statistics()) {
    if (one.indicator() != "occupancy") continue;
    return absl::StrCat(one.n(), " ", one.mean(), one.has_median() ? " median" : "",
                        one.has_minimum() ? " minimum" : "");
  }
  return "none";
}

TEST_F(ReleasesTest, SubmittersSeeFiguresThatMoveInSteps) {
  for (const Beds& beds : Returns()) Send(beds);
  EXPECT_THAT(Preview().undisclosed_services(), IsEmpty());
  EXPECT_THAT(Published().undisclosed_services(), IsEmpty());
  EXPECT_EQ(Occupancy(Get(Everybody())), "3 64.2157 median minimum");
  EXPECT_EQ(Occupancy(Get(Submitter())), "3 64.2 median");
  ASSERT_THAT(Get(Submitter())->statistics(), SizeIs(3));
  EXPECT_EQ(Get(Submitter())->statistics(0).withheld(), v1::WITHHELD_TOO_FEW_CHANGES);  // Of wards nobody sent any.

  Send({"RT1", kQuarter, 900, 900});
  EXPECT_THAT(Preview().undisclosed_services(), ElementsAre("beds"));
  EXPECT_THAT(Published().undisclosed_services(), ElementsAre("beds"));
  EXPECT_THAT(Get(Submitter())->undisclosed_services(), ElementsAre("beds"));
  EXPECT_EQ(Occupancy(Get(Everybody())), "3 67.5305 median minimum");
  EXPECT_EQ(Occupancy(Get(Submitter())), "3 64.2 median");  // The difference would be RT1's.
  Send({"RT2", "2025-05", 310, 310});
  Send({"RT4", kQuarter, 90, 45});
  // What publishes nothing takes no step.
  v1::PublishReleaseRequest unexpected = PublishRequest();
  unexpected.set_expected_sha256(Sha256Hex(""));
  EXPECT_TRUE(absl::IsAborted(releases_->Publish(unexpected, "steward").status()));
  EXPECT_FALSE(Published().unchanged());
  EXPECT_TRUE(Published().unchanged());
  EXPECT_THAT(Get(Submitter())->undisclosed_services(), IsEmpty());
  const std::string seen = "3 76.4 median";
  EXPECT_EQ(Occupancy(Get(Submitter())), seen);
  Close();
  Open();
  EXPECT_EQ(Occupancy(Get(Submitter())), seen);
  Send({"RT5", kQuarter, 10, 10});
  Published();
  EXPECT_EQ(Occupancy(Get(Submitter())), seen);
}

TEST_F(ReleasesTest, OfAPeriodWithoutAWindowDaysAreThoseOfUtc) {
  Send({"RT1", "2025-06", 1, 1});
  now_ = At("2025-07-31T23:30:00Z");
  v1::PublishReleaseRequest request = PublishRequest("2025-06");
  request.set_embargoed_until("2025-07-31");
  EXPECT_EQ(Published(request).release().period(), "2025-06");
  EXPECT_THAT(Listed(Submitter()), IsEmpty());
  now_ = At("2025-08-01T00:00:00Z");
  EXPECT_THAT(Listed(Submitter()), ElementsAre(1));
}

TEST_F(ReleasesTest, AreListedNewestFirstInPages) {
  for (int i = 1; i <= 3; ++i) {
    Send({"RT1", "2025-04", 100, static_cast<double>(i)});
    EXPECT_EQ(Published(PublishRequest("2025-04")).release().number(), static_cast<uint32_t>(i));
    if (i == 3) break;
    Send({"RT2", kQuarter, 100, static_cast<double>(i)});
    Published();
  }
  EXPECT_THAT(Listed(Everybody()), ElementsAre(3, 2, 2, 1, 1));
  EXPECT_THAT(Listed(Everybody(), 1), ElementsAre(3, 2, 2, 1, 1));
  EXPECT_THAT(Listed(Everybody(), 2, "Apr 2025"), ElementsAre(3, 2, 1));
  Close();
  Open();
  EXPECT_THAT(Listed(Everybody(), 4), ElementsAre(3, 2, 2, 1, 1));
  v1::ListReleasesRequest request;
  request.set_page_token("x");
  EXPECT_EQ(FieldOf(releases_->List(request, Everybody()).status()), "page_token");
  request.set_page_token("");
  request.set_collection("tset");
  EXPECT_EQ(ReasonOf(releases_->List(request, Everybody()).status()), "COLLECTION_NOT_FOUND");
}

}  // namespace
}  // namespace quartermaster::server
