// How far a period is: each state, both sides of the due date, what a submitter sees, and the quality of the data.
#include "server/progress.h"

#include <gmock/gmock.h>

#include "google/protobuf/util/time_util.h"
#include "tests/server/progress_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kQuarter[] = "2025-26-Q1";  // Due on 28 July 2025, in summer time.

class ProgressTest : public ProgressFixture {
 protected:
  ProgressTest() {
    now_ = At("2025-07-10T12:00:00Z");
    ImportParticipants({"RT1", "RT2", "RT3", "RT4"});
  }

  v1::GetStatusResponse Status(const std::string& service = "", const std::string& participant = "",
                               const std::string& period = kQuarter) {
    return StatusFor(Everybody(), service, participant, period).value();
  }
  absl::StatusOr<v1::GetStatusResponse> StatusFor(const Principal& caller, const std::string& service,
                                                  const std::string& participant, const std::string& period) {
    v1::GetStatusRequest request;
    request.set_collection("test");
    request.set_period(period);
    request.set_service(service);
    request.set_participant(participant);
    return progress_->GetStatus(request, caller);
  }

  // "RT1 beds SUBMITTED r2 late", one for each line.
  static std::vector<std::string> Lines(const v1::GetStatusResponse& response) {
    std::vector<std::string> lines;
    for (const v1::ServiceStatus& status : response.services()) {
      std::string line = absl::StrCat(status.participant(), " ", status.service(), " ",
                                      v1::SubmissionState_Name(status.state()).substr(strlen("SUBMISSION_STATE_")));
      if (status.revision() > 0) absl::StrAppend(&line, " r", status.revision());
      if (status.months_present() > 0) absl::StrAppend(&line, " ", status.months_present(), " months");
      if (status.late()) absl::StrAppend(&line, " late");
      if (status.unexpected()) absl::StrAppend(&line, " unexpected");
      lines.push_back(line);
    }
    return lines;
  }

  static std::string SubmitTime(const v1::ServiceStatus& status) {
    return status.has_submit_time() ? google::protobuf::util::TimeUtil::ToString(status.submit_time()) : "";
  }
};

TEST_F(ProgressTest, EveryState) {
  MustEnrol("beds", {"RT1", "RT2", "RT3"});
  MustSubmit(Request("beds", "RT1", kQuarter, {{"available", 10}, {"occupied", 5}}));
  for (const char* month : {"2025-04", "2025-06"}) {
    MustSubmit(Request("beds", "RT2", month, {{"available", 10}, {"occupied", 5}}));
  }
  MustSubmit(Request("beds", "RT4", kQuarter, {{"available", 10}, {"occupied", 5}}));
  const v1::GetStatusResponse early = Status();
  EXPECT_THAT(Lines(early), ElementsAre("RT1 beds SUBMITTED r1", "RT2 beds PARTIAL 2 months", "RT3 beds EXPECTED",
                                        "RT4 beds SUBMITTED r1 unexpected"));
  EXPECT_EQ(early.services(0).name(), "Made up");
  EXPECT_EQ(early.window().due(), "2025-07-28");
  EXPECT_EQ(early.sequence(), store_->last_sequence());
  EXPECT_EQ(early.completeness().ShortDebugString(),
            "expected: 3 submitted: 1 partial: 1 on_time: 1 on_time_percent: 100");
  // A month has no due date here, so nothing of it is on time.
  EXPECT_EQ(Status("beds", "", "2025-04").completeness().ShortDebugString(), "expected: 3 submitted: 1");

  now_ = At("2025-07-28T23:00:00Z");  // The midnight at the end of the due date.
  const v1::GetStatusResponse after = Status();
  EXPECT_THAT(Lines(after), ElementsAre("RT1 beds SUBMITTED r1", "RT2 beds PARTIAL 2 months", "RT3 beds OVERDUE",
                                        "RT4 beds SUBMITTED r1 unexpected"));
  EXPECT_EQ(after.completeness().overdue(), 1u);
  EXPECT_DOUBLE_EQ(after.completeness().on_time_percent(), 100.0 / 3);
  EXPECT_THAT(Lines(Status("wards")), IsEmpty());
  EXPECT_FALSE(Status("wards").completeness().has_on_time_percent());
}

TEST_F(ProgressTest, AReturnIsLateFromTheMidnightOn) {
  MustEnrol("wards", {"RT1", "RT2", "RT3"});
  now_ = At("2025-07-28T22:59:59Z");
  MustSubmit(Wards("RT1", kQuarter));
  now_ = At("2025-07-28T23:00:00Z");
  MustSubmit(Wards("RT2", kQuarter));
  MustSubmit(Wards("RT1", kQuarter, 6));  // Amended: it came on time.
  MustSubmit(Wards("RT3", "2025-04"));
  EXPECT_THAT(Lines(Status()),
              ElementsAre("RT1 wards SUBMITTED r2", "RT2 wards SUBMITTED r1 late", "RT3 wards PARTIAL 1 months"));
  EXPECT_EQ(SubmitTime(Status().services(0)), "2025-07-28T22:59:59Z");
  EXPECT_EQ(SubmitTime(Status().services(2)), "");
  EXPECT_EQ(Status().completeness().on_time(), 1u);
  EXPECT_EQ(Status().completeness().submitted(), 2u);
  // A withdrawal and a new return make no difference to when it came.
  MustWithdraw("wards", "RT1", kQuarter);
  EXPECT_EQ(Lines(Status())[0], "RT1 wards OVERDUE");
  MustSubmit(Wards("RT1", kQuarter));
  EXPECT_EQ(Lines(Status())[0], "RT1 wards SUBMITTED r3");
}

TEST_F(ProgressTest, MonthsMakeAQuarterCompleteWithTheLastOfThem) {
  now_ = At("2025-05-02T08:00:00Z");
  MustSubmit(Wards("RT1", "2025-04"));
  now_ = At("2025-07-20T08:00:00Z");
  MustSubmit(Wards("RT1", "2025-06"));
  now_ = At("2025-07-21T08:00:00Z");
  MustSubmit(Wards("RT1", "2025-05"));
  now_ = At("2025-08-05T08:00:00Z");
  MustSubmit(Wards("RT1", "2025-04", 7));
  EXPECT_THAT(Lines(Status()), ElementsAre("RT1 wards SUBMITTED 3 months"));
  EXPECT_EQ(SubmitTime(Status().services(0)), "2025-07-21T08:00:00Z");
  // The quarterly return that comes after is what is used, and did not make it complete.
  MustSubmit(Wards("RT1", kQuarter));
  EXPECT_THAT(Lines(Status()), ElementsAre("RT1 wards SUBMITTED r1"));
  EXPECT_EQ(SubmitTime(Status().services(0)), "2025-07-21T08:00:00Z");
  EXPECT_THAT(Lines(Status("", "", "2025-05")), ElementsAre("RT1 wards SUBMITTED r1"));
  EXPECT_EQ(Status("", "", "2025-05").window().due(), "");
}

TEST_F(ProgressTest, ABodyThatMergedIsReportedByItsSuccessor) {
  v1::ImportParticipantsRequest merger;
  v1::Participant* participant = merger.add_participants();
  participant->set_code("RT1");
  participant->set_name("One");
  participant->set_successor("RT2");
  participant->set_succeeded_from("2025-06");
  ASSERT_TRUE(Await<v1::ImportParticipantsResponse>(
                  [&](auto done) { imports_->ImportParticipants(merger, "test", std::move(done)); })
                  ->findings()
                  .empty());
  MustSubmit(Wards("RT1", "2025-04"));
  MustSubmit(Wards("RT1", "2025-05"));
  EXPECT_THAT(Lines(Status()), ElementsAre("RT2 wards PARTIAL 2 months"));
  now_ = At("2025-07-15T08:00:00Z");
  MustSubmit(Wards("RT2", "2025-06"));
  EXPECT_THAT(Lines(Status()), ElementsAre("RT2 wards SUBMITTED 3 months"));
  EXPECT_EQ(SubmitTime(Status().services(0)), "2025-07-15T08:00:00Z");
  EXPECT_EQ(Status().completeness().expected(), 1u);
}

TEST_F(ProgressTest, SubmittersSeeTheirOwn) {
  MustEnrol("wards", {"RT1", "RT2"});
  MustSubmit(Wards("RT2", kQuarter));
  Principal submitter;
  submitter.name = "one";
  submitter.roles = {v1::ROLE_SUBMITTER};
  submitter.participants = {"RT1"};
  const auto own = StatusFor(submitter, "", "", kQuarter);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_THAT(Lines(*own), ElementsAre("RT1 wards EXPECTED"));
  EXPECT_EQ(own->completeness().ShortDebugString(), "expected: 1");
  for (const char* other : {"RT2", "RT9"}) {  // Whether there is such a participant is not told.
    EXPECT_TRUE(absl::IsPermissionDenied(StatusFor(submitter, "", other, kQuarter).status())) << other;
  }
}

TEST_F(ProgressTest, WhatIsNotThereIsSaid) {
  EXPECT_THAT(StatusFor(Everybody(), "bed", "", kQuarter).status().message(), HasSubstr("There are: beds, wards."));
  EXPECT_TRUE(absl::IsNotFound(StatusFor(Everybody(), "", "RT9", kQuarter).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(StatusFor(Everybody(), "", "", "2025Q2").status()));
}

TEST_F(ProgressTest, AnExtensionIsShown) {
  MustEnrol("wards", {"RT1", "RT2"});
  v1::GrantWindowRequest grant;
  grant.set_collection("test");
  grant.set_participant("RT2");
  grant.set_from(kQuarter);
  grant.set_until("2025-09-01");
  grant.set_reason("A reason.");
  ASSERT_TRUE(Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(grant, "test", std::move(done)); }).ok());
  grant.set_until("2025-08-20");
  ASSERT_TRUE(Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(grant, "test", std::move(done)); }).ok());
  EXPECT_EQ(Status().services(0).extended_until(), "");
  EXPECT_EQ(Status().services(1).extended_until(), "2025-09-01");
  now_ = At("2025-08-30T08:00:00Z");
  MustSubmit(Wards("RT2", kQuarter));
  EXPECT_THAT(Lines(Status()), ElementsAre("RT1 wards OVERDUE", "RT2 wards SUBMITTED r1 late"));
}

TEST_F(ProgressTest, QualityIsCoverageTimesValidity) {
  // Two are required, one of which is not available; an optional one is given; one is not required yet.
  v1::SubmitReturnRequest request = Request("beds", "RT1", kQuarter, {{"occupied", 5}, {"closed", 1}});
  request.mutable_content()->add_not_available()->set_field("available");
  MustSubmit(request);
  const v1::DataQuality covered = Status("beds").services(0).quality();
  EXPECT_EQ(covered.asked(), 3u);
  EXPECT_EQ(covered.given(), 2u);
  EXPECT_DOUBLE_EQ(covered.coverage(), 200.0 / 3);
  EXPECT_DOUBLE_EQ(covered.validity(), 100);
  EXPECT_DOUBLE_EQ(covered.score(), 200.0 / 3);

  // A query of a rule is about both of its fields.
  MustSubmit(Request("beds", "RT1", kQuarter, {{"available", 10}, {"occupied", 15}, {"closed", 1}}));
  const v1::ServiceStatus queried = Status("beds").services(0);
  EXPECT_EQ(queried.open_queries(), 1u);
  EXPECT_EQ(Status().completeness().open_queries(), 1u);
  EXPECT_EQ(queried.quality().asked(), 3u);
  EXPECT_EQ(queried.quality().given(), 3u);
  EXPECT_EQ(queried.quality().queried(), 2u);
  EXPECT_DOUBLE_EQ(queried.quality().coverage(), 100);
  EXPECT_DOUBLE_EQ(queried.quality().validity(), 100.0 / 3);
  EXPECT_DOUBLE_EQ(queried.quality().score(), 100.0 / 3);

  const auto say = [&](v1::QueryEvent::Kind kind) {
    const auto said = Say(kind, "a text", "RT1", kQuarter);
    ASSERT_TRUE(said.ok()) << said.status();
  };
  say(v1::QueryEvent::KIND_EXPLAINED);
  EXPECT_EQ(Status("beds").services(0).open_queries(), 0u);
  EXPECT_EQ(Status("beds").services(0).explained_queries(), 1u);
  EXPECT_DOUBLE_EQ(Status("beds").services(0).quality().score(), 100);
  say(v1::QueryEvent::KIND_RETURNED);  // It waits for the participant again.
  EXPECT_EQ(Status("beds").services(0).open_queries(), 1u);
  EXPECT_EQ(Status("beds").services(0).explained_queries(), 0u);
  EXPECT_EQ(Status("beds").services(0).quality().queried(), 2u);
  say(v1::QueryEvent::KIND_EXPLAINED);
  say(v1::QueryEvent::KIND_ACCEPTED);
  EXPECT_EQ(Status("beds").services(0).open_queries() + Status("beds").services(0).explained_queries(), 0u);
}

TEST_F(ProgressTest, QualityOfAQuarterIsThatOfItsMonths) {
  for (const char* month : {"2025-04", "2025-05"}) {
    MustSubmit(Request("beds", "RT1", month, {{"available", 10}, {"occupied", 5}}));
  }
  MustSubmit(Request("beds", "RT1", "2025-06", {{"available", 10}, {"occupied", 15}}));
  const v1::ServiceStatus status = Status("beds").services(0);
  EXPECT_EQ(status.open_queries(), 1u);
  EXPECT_EQ(status.quality().asked(), 6u);
  EXPECT_EQ(status.quality().queried(), 2u);
  EXPECT_DOUBLE_EQ(status.quality().validity(), 400.0 / 6);
}

}  // namespace
}  // namespace quartermaster::server
