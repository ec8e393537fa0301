// Returns that meet their window in the server, and what stewards grant: with a clock that is set.
#include "server/window_control.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/errors.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kWindowedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
  window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 42 contact: "the test team" } };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  optional int64 available = 1 [(schema.v1.field) = { label: "Available" }];
}
)schema";

const char kId1[] = "123e4567-e89b-12d3-a456-426614174001";
const char kId2[] = "123e4567-e89b-12d3-a456-426614174002";

class WindowControlTest : public ServerFixture {
 protected:
  WindowControlTest() {
    Publish(kWindowedCollection);
    ImportParticipants({"RT1", "RT2"});
  }

  const absl::Time last_second_ = At("2025-08-11T22:59:59Z");
  const absl::Time closed_ = At("2025-08-11T23:00:00Z");

  v1::SubmitReturnRequest Request(const std::string& participant, const std::string& period, int64_t available,
                                  const std::string& request_id = "") {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    message->GetReflection()->SetInt64(message.get(), service->fields()[0].descriptors.back(), available);
    v1::SubmitReturnRequest request;
    request.set_request_id(request_id);
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  // The revision that a return became, or why it did not.
  std::string Sent(const v1::SubmitReturnRequest& request) {
    const absl::StatusOr<v1::Verdict> verdict = Submit(request);
    if (!verdict.ok()) return ReasonOf(verdict.status());
    if (!verdict->accepted()) return absl::StrCat("rejected: ", verdict->findings(0).rule_id());
    return absl::StrCat("revision ", verdict->revision());
  }

  std::string Withdrawn(const std::string& participant, const std::string& request_id,
                        const std::string& reason = "test") {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant(participant);
    request.set_period("2025-26-Q1");
    request.set_reason(reason);
    request.set_request_id(request_id);
    const auto withdrawn =
        Await<storage::StoredReturn>([&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
    return withdrawn.ok() ? "withdrawn" : ReasonOf(withdrawn.status());
  }

  static v1::GrantWindowRequest GrantRequest(const std::string& participant, const std::string& from, uint32_t days,
                                             const std::string& until = "") {
    v1::GrantWindowRequest request;
    request.set_collection("test");
    request.set_participant(participant);
    request.set_from(from);
    request.set_days(days);
    request.set_until(until);
    request.set_reason("Because.");
    return request;
  }

  absl::StatusOr<v1::WindowGrant> Grant(const v1::GrantWindowRequest& request) {
    return Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(request, "steward", std::move(done)); });
  }

  absl::StatusOr<v1::WindowGrant> End(uint64_t id, const std::string& steward = "steward",
                                      const std::string& reason = "Over.") {
    v1::EndWindowGrantRequest request;
    request.set_id(id);
    request.set_reason(reason);
    return Await<v1::WindowGrant>([&](auto done) { window_control_->End(request, steward, std::move(done)); });
  }

  // The ids of all pages.
  std::vector<uint64_t> Listed(bool all, uint32_t page_size = 0) {
    v1::ListWindowGrantsRequest request;
    request.set_collection("test");
    request.set_all(all);
    request.set_page_size(page_size);
    std::vector<uint64_t> ids;
    do {
      const v1::ListWindowGrantsResponse page = window_control_->List(request).value();
      EXPECT_LE(page.grants_size(), page_size == 0 ? 100 : static_cast<int>(page_size));
      for (const v1::WindowGrant& grant : page.grants()) ids.push_back(grant.id());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
};

TEST_F(WindowControlTest, ReturnsAreTakenToTheLastSecond) {
  now_ = At("2025-06-30T22:59:59Z");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "PERIOD_NOT_OPEN_YET");
  now_ = At("2025-06-30T23:00:00Z");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2)), "revision 1");
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 3)), "revision 2");
  now_ = closed_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 4)), "PERIOD_CLOSED");
  v1::SubmitReturnRequest dry_run = Request("RT1", "2025-26-Q1", 4);
  dry_run.set_validate_only(true);
  EXPECT_EQ(Sent(dry_run), "PERIOD_CLOSED");
  // What is no period of the collection is for the judge, and months have no window.
  EXPECT_EQ(Sent(Request("RT1", "FY2024-25", 4)), "rejected: period-kind");
  EXPECT_EQ(Sent(Request("RT1", "2019-20-Q1", 4)), "rejected: period-too-early");
  EXPECT_EQ(Sent(Request("RT1", "soon", 4)), "rejected: period");
  EXPECT_EQ(Sent(Request("RT1", "2020-06", 4)), "revision 1");
}

TEST_F(WindowControlTest, ARetryGetsItsReceiptAfterTheWindowClosed) {
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1, kId1)), "revision 1");
  now_ = closed_ + absl::Hours(100);
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1, kId1)), "revision 1");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2, kId1)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1, kId2)), "PERIOD_CLOSED");
}

TEST_F(WindowControlTest, ARefusalSaysThatTheReturnIsStored) {
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2)), "revision 2");
  now_ = closed_;
  const auto refusal = [this](const v1::SubmitReturnRequest& request) {
    return std::string(Submit(request).status().message());
  };
  v1::SubmitReturnRequest same = Request("RT1", "2025-26-Q1", 2);
  EXPECT_THAT(refusal(same), ::testing::EndsWith("But this return is stored, as it was sent now."));
  same.mutable_content()->add_unreadable()->set_field("available");
  for (const auto& other : {same, Request("RT1", "2025-26-Q1", 1), Request("RT2", "2025-26-Q1", 1)}) {
    EXPECT_THAT(refusal(other), ::testing::EndsWith("for an extension, then send it again."));
  }
}

TEST_F(WindowControlTest, AWithdrawalNeedsAnOpenWindow) {
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
  EXPECT_EQ(Sent(Request("RT2", "2025-26-Q1", 1)), "revision 1");
  EXPECT_EQ(Withdrawn("RT1", kId1), "withdrawn");
  now_ = closed_;
  EXPECT_EQ(Withdrawn("RT2", kId2), "PERIOD_CLOSED");
  EXPECT_EQ(Withdrawn("RT1", kId1), "withdrawn");  // A retry.
  EXPECT_EQ(Withdrawn("RT1", kId2), "RETURN_WITHDRAWN");
  ASSERT_TRUE(Grant(GrantRequest("RT2", "2025-26-Q1", 1)).ok());
  EXPECT_EQ(Withdrawn("RT2", kId2), "withdrawn");
}

TEST_F(WindowControlTest, ARetriedWithdrawalIsAnsweredWhateverWasSentSince) {
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
  EXPECT_EQ(Withdrawn("RT1", kId1), "withdrawn");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2)), "revision 2");
  now_ = closed_;
  EXPECT_EQ(Withdrawn("RT1", kId1), "withdrawn");  // A retry.
  EXPECT_EQ(Withdrawn("RT1", kId1, "another"), "REQUEST_ID_REUSED");
  EXPECT_EQ(Withdrawn("RT2", kId1), "REQUEST_ID_REUSED");
  EXPECT_EQ(Withdrawn("RT1", kId2), "PERIOD_CLOSED");
}

TEST_F(WindowControlTest, AReasonHasAsManyCharactersAsIsSaid) {
  now_ = last_second_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
  std::string longest;  // Of the longest characters.
  for (int i = 0; i < 500; ++i) longest += "\xF0\x9F\x9B\x8F";
  for (const std::string& reason :
       {std::string(), std::string(" "), std::string("a\x01z"), std::string(501, 'x'), longest + "x"}) {
    EXPECT_EQ(Withdrawn("RT1", "", reason), "INVALID_FIELD") << reason;
  }
  EXPECT_EQ(Withdrawn("RT1", "", longest), "withdrawn");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2)), "revision 2");
  EXPECT_EQ(Withdrawn("RT1", "", std::string(500, 'x')), "withdrawn");
  v1::GrantWindowRequest grant = GrantRequest("", "2025-26-Q1", 20);
  grant.set_reason(longest);
  EXPECT_TRUE(Grant(grant).ok());
}

TEST_F(WindowControlTest, OfTwoWhoEndOneAtOnceTheSecondIsTold) {
  now_ = closed_;
  v1::EndWindowGrantRequest request;
  request.set_id(Grant(GrantRequest("", "2025-26-Q1", 20)).value().id());
  request.set_reason("Over.");
  const auto ending = [&](const std::string& steward) {
    return [this, &request, steward](auto done) { window_control_->End(request, steward, done); };
  };
  const auto [first, second] = AtOnce<v1::WindowGrant>(ending("one"), ending("another"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(second.status()), "GRANT_ENDED");
}

TEST_F(WindowControlTest, GrantsHoldForTheirsUntilTheyEnd) {
  now_ = closed_;
  const v1::WindowGrant extension = Grant(GrantRequest("RT1", "Q1 2025/26", 14)).value();
  EXPECT_EQ(extension.until(), "2025-08-26");  // The day has begun in London.
  EXPECT_EQ(extension.from(), "2025-26-Q1");
  EXPECT_EQ(extension.to(), "2025-26-Q1");
  EXPECT_EQ(extension.granted_by(), "steward");
  EXPECT_GT(extension.id(), 0U);
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
  EXPECT_EQ(Sent(Request("RT2", "2025-26-Q1", 1)), "PERIOD_CLOSED");
  now_ = At("2025-08-26T22:59:59Z");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 2)), "revision 2");
  now_ = At("2025-08-26T23:00:00Z");
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 3)), "PERIOD_CLOSED");

  const v1::WindowGrant reopening = Grant(GrantRequest("", "2025-26-Q1", 2)).value();
  Close();
  Open();  // It is on disk.
  EXPECT_EQ(Sent(Request("RT2", "2025-26-Q1", 1)), "revision 1");
  const v1::WindowGrant ended = End(reopening.id()).value();
  EXPECT_EQ(ended.ended_by(), "steward");
  EXPECT_EQ(ended.end_reason(), "Over.");
  EXPECT_EQ(Sent(Request("RT2", "2025-26-Q1", 2)), "PERIOD_CLOSED");
  EXPECT_TRUE(End(reopening.id()).ok());  // A retry.
  EXPECT_EQ(ReasonOf(End(reopening.id(), "another").status()), "GRANT_ENDED");
  EXPECT_EQ(ReasonOf(End(extension.id()).status()), "GRANT_ENDED");  // Of itself.
  EXPECT_EQ(ReasonOf(End(9999).status()), "GRANT_NOT_FOUND");
  EXPECT_EQ(FieldOf(End(reopening.id(), "steward", "").status()), "reason");
  Close();
  Open();
  EXPECT_EQ(Sent(Request("RT2", "2025-26-Q1", 2)), "PERIOD_CLOSED");
}

TEST_F(WindowControlTest, AGrantThatCannotBeIsRefused) {
  now_ = At("2025-08-31T23:30:00Z");  // Half past midnight of 1 September in London.
  struct Row {
    std::string says;
    v1::GrantWindowRequest request;
    std::string field;
  };
  v1::GrantWindowRequest to_before = GrantRequest("", "2025-26-Q1", 1);
  to_before.set_to("2024-25-Q4");
  v1::GrantWindowRequest to_month = GrantRequest("", "2024-25-Q1", 1);
  to_month.set_to("2025-06");
  v1::GrantWindowRequest to_year = GrantRequest("", "2024-25-Q1", 1);
  to_year.set_to("FY2025-26");
  v1::GrantWindowRequest no_reason = GrantRequest("", "2025-26-Q1", 1);
  no_reason.set_reason(" ");
  v1::GrantWindowRequest long_reason = GrantRequest("", "2025-26-Q1", 1);
  long_reason.set_reason(std::string(501, 'x'));
  for (const Row& row : std::vector<Row>{
           {"No period.", GrantRequest("", "soon", 1), "from"},
           {"No kind that is taken.", GrantRequest("", "FY2024-25", 1), "from"},
           {"No window.", GrantRequest("", "2025-06", 1), "from"},
           {"Before the collection.", GrantRequest("", "2019-20-Q4", 1), "from"},
           {"Backwards.", to_before, "to"},
           {"Of another kind.", to_month, "to"},
           {"Of a kind that is not taken.", to_year, "to"},
           {"No end.", GrantRequest("", "2025-26-Q1", 0), "until"},
           {"Two ends.", GrantRequest("", "2025-26-Q1", 1, "2025-09-30"), "until"},
           {"Too many days.", GrantRequest("", "2025-26-Q1", 731), "days"},
           {"No day.", GrantRequest("", "2025-26-Q1", 0, "2025-9-30"), "until"},
           {"Yesterday, though today in UTC.", GrantRequest("", "2025-26-Q1", 0, "2025-08-31"), "until"},
           {"A day more than two years.", GrantRequest("", "2025-26-Q1", 0, "2027-09-02"), "until"},
           {"Open anyway.", GrantRequest("", "2025-26-Q2", 71), "days"},
           {"Open anyway, by its date.", GrantRequest("RT1", "2025-26-Q2", 0, "2025-11-11"), "until"},
           {"No reason.", no_reason, "reason"},
           {"Too long a reason.", long_reason, "reason"},
       }) {
    const auto granted = Grant(row.request);
    EXPECT_EQ(granted.status().code(), absl::StatusCode::kInvalidArgument) << row.says << granted.status();
    EXPECT_EQ(FieldOf(granted.status()), row.field) << row.says << granted.status();
  }
  EXPECT_EQ(ReasonOf(Grant(GrantRequest("RT7", "2025-26-Q1", 1)).status()), "PARTICIPANT_NOT_FOUND");
  v1::GrantWindowRequest elsewhere = GrantRequest("", "2025-26-Q1", 1);
  elsewhere.set_collection("nowhere");
  EXPECT_EQ(ReasonOf(Grant(elsewhere).status()), "COLLECTION_NOT_FOUND");
  EXPECT_THAT(Listed(true), SizeIs(0));

  // And just what can.
  v1::GrantWindowRequest longest = GrantRequest("", "2020-21-Q1", 730);
  longest.set_to("2025-26-Q1");
  longest.set_reason(std::string(500, 'x'));
  for (const v1::GrantWindowRequest& request :
       {longest, GrantRequest("RT1", "2025-26-Q1", 0, "2025-09-01"), GrantRequest("", "2025-26-Q1", 0, "2027-09-01"),
        GrantRequest("", "2025-26-Q2", 72)}) {
    EXPECT_TRUE(Grant(request).ok()) << request.DebugString();
  }
}

TEST_F(WindowControlTest, GrantsAreListedNewestFirstInPages) {
  now_ = closed_;
  std::vector<uint64_t> ids;
  for (const uint32_t days : {1, 20, 2, 30}) ids.push_back(Grant(GrantRequest("", "2025-26-Q1", days)).value().id());
  EXPECT_THAT(Listed(false, 1), ElementsAre(ids[3], ids[2], ids[1], ids[0]));
  ASSERT_TRUE(End(ids[3]).ok());
  now_ = closed_ + absl::Hours(24 * 10);
  EXPECT_THAT(Listed(false, 1), ElementsAre(ids[1]));
  EXPECT_THAT(Listed(true, 3), ElementsAre(ids[3], ids[2], ids[1], ids[0]));
  v1::ListWindowGrantsRequest request;
  request.set_page_token("x");
  EXPECT_EQ(FieldOf(window_control_->List(request).status()), "page_token");
}

TEST_F(WindowControlTest, ACallerSeesReopeningsAndItsOwnExtensions) {
  now_ = closed_;
  for (const char* participant : {"RT2", "RT1", ""}) {
    ASSERT_TRUE(Grant(GrantRequest(participant, "2025-26-Q1", 5)).ok());
  }
  v1::GetWindowRequest request;
  request.set_collection("test");
  request.set_period("Q1 2025/26");
  const auto seen = [&](const Principal& caller) {
    std::vector<std::string> participants;
    const v1::GetWindowResponse response = window_control_->Get(request, caller).value();
    EXPECT_EQ(response.window().closes(), "2025-08-11");
    EXPECT_EQ(response.window().state(), v1::WINDOW_STATE_LATE);
    for (const v1::WindowGrant& grant : response.grants()) participants.push_back(grant.participant());
    return participants;
  };
  EXPECT_THAT(seen(Everybody()), ElementsAre("", "RT1", "RT2"));
  Principal submitter;
  submitter.name = "RT1's team";
  submitter.roles = {v1::ROLE_SUBMITTER};
  submitter.participants = {"RT1"};
  EXPECT_THAT(seen(submitter), ElementsAre("", "RT1"));
  request.set_period("2025Q2");
  EXPECT_EQ(FieldOf(window_control_->Get(request, submitter).status()), "period");
}

TEST_F(WindowControlTest, ALaterVersionMayMoveItsWindows) {
  now_ = closed_;
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "PERIOD_CLOSED");
  std::string later = kWindowedCollection;
  later.replace(later.find("closes_days: 42"), 15, "closes_days: 43");
  Publish(later);
  EXPECT_EQ(Sent(Request("RT1", "2025-26-Q1", 1)), "revision 1");
}

TEST_F(WindowControlTest, ACollectionWithAnUnknownTimeZoneIsNotPublished) {
  std::string unknown = kWindowedCollection;
  unknown.replace(unknown.find("contact:"), 8, "time_zone: \"Europe/Atlantis\" contact:");
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = testing::DescriptorSetFromText(unknown);
  request.set_file_name(testing::kCollectionFile);
  const auto published = Await<v1::PublishCollectionResponse>(
      [&](auto done) { imports_->PublishCollection(request, "test", std::move(done)); });
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_THAT(published->problems(), SizeIs(1));
  EXPECT_THAT(published->problems(0).message(), HasSubstr("\"Europe/Atlantis\""));
  EXPECT_FALSE(published->published());
  EXPECT_EQ(state_->FindCollection("test").value()->record.version(), 1U);
}

}  // namespace
}  // namespace quartermaster::server
