// Each kind of write has a line of its own in the audit, and so has a rejection.
#include <algorithm>

#include "gmock/gmock.h"
#include "server/audit.h"
#include "server/exception_grants.h"
#include "tests/server/audit_lines.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class AuditOfWritesTest : public ReleaseServer {
 protected:
  // The lines that have come since the last call, without what the store adds.
  std::vector<std::string> NewLines() {
    std::vector<std::string> lines = ReadLines(*store_);
    lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(seen_));
    seen_ += lines.size();
    for (std::string& line : lines) {
      EXPECT_TRUE(nlohmann::json::accept(line)) << line;
      const size_t members = std::min(line.find("\"principal\""), line.find("\"rpc\""));
      line = line.substr(members, line.size() - members - 1);
    }
    return lines;
  }

 private:
  size_t seen_ = 0;
};

TEST_F(AuditOfWritesTest, EveryKindOfWriteHasItsLine) {
  EXPECT_THAT(
      NewLines(),
      ElementsAre(R"("principal":"test","rpc":"PublishCollection","outcome":"stored","collection":"test","version":1)",
                  R"("principal":"test","rpc":"ImportParticipants","outcome":"stored","rows":6)"));

  Send({"RT1", kQuarter, 900, 910.5});
  EXPECT_THAT(NewLines(),
              ElementsAre(R"("principal":"test","rpc":"SubmitReturn","outcome":"stored","collection":"test",)"
                          R"("service":"beds","participant":"RT1","period":"2025-26-Q1")"));

  const auto said = Say(v1::QueryEvent::KIND_EXPLAINED, "Secret words.", "RT1", kQuarter, "jo");
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_THAT(NewLines(), ElementsAre(R"("principal":"jo","rpc":"ExplainQuery","outcome":"stored","collection":"test",)"
                                      R"("service":"beds","participant":"RT1","period":"2025-26-Q1","rule":"within",)"
                                      R"("subject":"available")"));

  Published();
  EXPECT_THAT(NewLines(), ElementsAre(R"("principal":"steward","rpc":"PublishRelease","outcome":"stored",)"
                                      R"("collection":"test","period":"2025-26-Q1","release":1)"));

  Withdraw("RT1", kQuarter);
  EXPECT_THAT(NewLines(),
              ElementsAre(R"("principal":"test","rpc":"WithdrawReturn","outcome":"stored","collection":"test",)"
                          R"("service":"beds","participant":"RT1","period":"2025-26-Q1")"));

  v1::CreateTokenRequest token;
  token.set_principal("ann");
  token.add_roles(v1::ROLE_SUBMITTER);
  token.add_participants("RT1");
  token.add_participants("RT2");
  const v1::CreateTokenResponse created = CreateToken(token).value();
  const uint64_t id = created.token().id();
  ASSERT_TRUE(RevokeToken(id).ok());
  const std::vector<std::string> tokens = NewLines();
  ASSERT_THAT(tokens, SizeIs(2));
  EXPECT_EQ(tokens[0], R"("principal":"operator","rpc":"CreateToken","outcome":"stored","for":"ann",)"
                       R"("participants":"RT1 RT2","roles":"ROLE_SUBMITTER")");
  EXPECT_THAT(tokens[1],
              HasSubstr(absl::StrCat(R"("rpc":"RevokeToken","outcome":"stored","id":)", id, R"(,"for":"ann")")));
  EXPECT_THAT(absl::StrCat(tokens[0], tokens[1]), Not(HasSubstr(created.secret())));

  v1::ImportEnrolmentsRequest enrolments;
  v1::Enrolment& enrolment = *enrolments.add_enrolments();
  enrolment.set_collection("test");
  enrolment.set_service("beds");
  enrolment.set_participant("RT1");
  ASSERT_TRUE(Await<v1::ImportEnrolmentsResponse>([&](auto done) {
                imports_->ImportEnrolments(enrolments, "jo", std::move(done));
              }).ok());
  EXPECT_THAT(NewLines(), ElementsAre(R"("principal":"jo","rpc":"ImportEnrolments","outcome":"stored","rows":1)"));
}

TEST_F(AuditOfWritesTest, GrantsHaveLinesWhenTheyAreMadeAndWhenTheyEnd) {
  NewLines();
  v1::GrantWindowRequest window;
  window.set_collection("test");
  window.set_participant("RT1");
  window.set_from("2025-26-Q1");
  window.set_until("2027-07-15");
  window.set_reason("Secret words.");
  const auto granted =
      Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(window, "jo", std::move(done)); });
  ASSERT_TRUE(granted.ok()) << granted.status();
  v1::EndWindowGrantRequest end;
  end.set_id(granted->id());
  end.set_reason("Secret words.");
  ASSERT_TRUE(Await<v1::WindowGrant>([&](auto done) { window_control_->End(end, "ann", std::move(done)); }).ok());

  ExceptionGrants exceptions(store_.get(), state_.get(), [this] { return *now_; });
  v1::StandingException exception;
  exception.set_collection("test");
  exception.set_service("beds");
  exception.set_participant("RT1");
  exception.set_rule_id("within");
  exception.set_until("2026-12-31");
  exception.set_reason("Secret words.");
  const auto excepted =
      Await<v1::StandingException>([&](auto done) { exceptions.Grant(exception, "jo", std::move(done)); });
  ASSERT_TRUE(excepted.ok()) << excepted.status();
  ASSERT_TRUE(
      Await<v1::StandingException>([&](auto done) { exceptions.End(excepted->id(), "ann", std::move(done)); }).ok());
  const std::vector<std::string> lines = NewLines();
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_THAT(lines[0], HasSubstr(R"("principal":"jo","rpc":"GrantWindow","outcome":"stored")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("participant":"RT1","from":"2025-26-Q1","to":"2025-26-Q1")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("principal":"ann","rpc":"EndWindowGrant","outcome":"stored")"));
  EXPECT_THAT(lines[1], HasSubstr(absl::StrCat(R"("id":)", granted->id())));
  EXPECT_THAT(lines[2], HasSubstr(R"("principal":"jo","rpc":"GrantStandingException","outcome":"stored")"));
  EXPECT_THAT(lines[2], HasSubstr(R"("rule":"within")"));
  EXPECT_THAT(lines[3], HasSubstr(R"("principal":"ann","rpc":"EndStandingException","outcome":"stored")"));
  for (const std::string& line : lines) EXPECT_THAT(line, Not(HasSubstr("Secret")));
}

TEST_F(AuditOfWritesTest, ARejectionIsAuditedUnlessNothingWasSentIn) {
  Audit audit(store_.get(), [this] { return *now_; });
  Submissions submissions(
      store_.get(), state_.get(), disclosure_.get(), [this] { return *now_; }, SubmissionHelpers{.audit = &audit});
  NewLines();
  v1::SubmitReturnRequest request;
  request.mutable_content()->set_collection("test");
  request.mutable_content()->set_service("beds");
  request.mutable_content()->set_participant("RT9");
  request.mutable_content()->set_period(kQuarter);
  for (const bool validate_only : {true, false}) {
    request.set_validate_only(validate_only);
    const auto verdict = SubmitAndWait(submissions, request, Everybody());
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    ASSERT_FALSE(verdict->accepted());
  }
  audit.Close();
  const std::vector<std::string> lines = NewLines();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr(R"("principal":"test","rpc":"SubmitReturn","outcome":"rejected","collection":"test",)"
                                  R"("service":"beds","participant":"RT9","period":"2025-26-Q1","errors":)"));
}

}  // namespace
}  // namespace quartermaster::server
