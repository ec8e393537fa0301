// A kept reply is served to whom it is for, and never past the next commit.
#include "server/national_replies.h"

#include "gmock/gmock.h"
#include "tests/server/figures_fixture.h"

namespace quartermaster::server {
namespace {

class NationalRepliesTest : public FiguresFixture {
 protected:
  using Reply = NationalReplies::Reply;

  NationalRepliesTest() : figures_(state_.get(), disclosure_.get()), replies_(state_.get(), &figures_) {
    ImportParticipants({"RT1", "RT2"});
    own_.name = "jo@rt1";
    own_.roles = {v1::ROLE_SUBMITTER};
    own_.participants = {"RT1"};
    table_.set_collection("test");
    table_.set_period("2025-26-Q1");
    position_.set_collection("test");
    position_.set_period("2025-26-Q1");
    position_.set_participant("RT2");
  }

  void PutCaseload(const std::string& participant, double caseload) {
    Put("team", participant, "2025-26-Q1", {{"caseload", caseload}});
  }

  absl::StatusOr<Reply> List(const Principal& viewer) {
    return Await<Reply>([&](auto done) { replies_.List(table_, viewer, std::move(done)); });
  }
  absl::StatusOr<Reply> Position(const Principal& viewer) {
    return Await<Reply>([&](auto done) { replies_.Position(position_, viewer, std::move(done)); });
  }

  NationalFigures figures_;
  NationalReplies replies_;
  Principal own_;
  v1::ListNationalStatisticsRequest table_;
  v1::GetPositionRequest position_;
};

TEST_F(NationalRepliesTest, AReplyServesUntilTheNextCommit) {
  PutCaseload("RT1", 10);
  const Reply first = List(Everybody()).value();
  EXPECT_EQ(List(Everybody()).value(), first) << "the same bytes";
  const auto made = Await<v1::ListNationalStatisticsResponse>(
      [&](auto done) { figures_.List(table_, Everybody(), std::move(done)); });
  EXPECT_EQ(*first, made->SerializeAsString());

  for (int caseload = 11; caseload < 40; ++caseload) {
    PutCaseload("RT2", caseload);
    v1::ListNationalStatisticsResponse table;
    ASSERT_TRUE(table.ParseFromString(*List(Everybody()).value()));
    EXPECT_EQ(table.sequence(), store_->last_sequence());
    v1::GetPositionResponse position;
    ASSERT_TRUE(position.ParseFromString(*Position(Everybody()).value()));
    EXPECT_EQ(position.position(0).value(), caseload);
  }
}

TEST_F(NationalRepliesTest, RequestsThatDifferHaveRepliesOfTheirOwn) {
  PutCaseload("RT1", 10);
  PutCaseload("RT2", 20);
  const std::string table = *List(Everybody()).value();
  const std::string second = *Position(Everybody()).value();
  position_.set_participant("RT1");
  EXPECT_NE(*Position(Everybody()).value(), second);
  table_.set_service("team");
  EXPECT_NE(*List(Everybody()).value(), table);
}

TEST_F(NationalRepliesTest, WhoSeesLessGetsNothingThatWasKept) {
  PutCaseload("RT1", 10);
  PutCaseload("RT2", 20);
  const Reply table = List(Everybody()).value();
  ASSERT_TRUE(Position(Everybody()).ok());
  v1::ListNationalStatisticsResponse seen;
  ASSERT_TRUE(seen.ParseFromString(*List(own_).value()));
  for (const v1::NationalStatistics& each : seen.statistics()) EXPECT_FALSE(each.has_mean()) << each.DebugString();
  EXPECT_EQ(Position(own_).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(List(Everybody()).value(), table) << "what others see took no place";
}

TEST_F(NationalRepliesTest, ErrorsAreNotKept) {
  position_.set_participant("RT3");
  EXPECT_EQ(Position(Everybody()).status().code(), absl::StatusCode::kNotFound);
  ImportParticipants({"RT3"});
  EXPECT_TRUE(Position(Everybody()).ok());
}

}  // namespace
}  // namespace quartermaster::server
