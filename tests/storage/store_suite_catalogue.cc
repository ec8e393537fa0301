// Every engine: enrolments, window grants, tokens and what was shown.
#include "google/protobuf/util/time_util.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using google::protobuf::util::TimeUtil;
using testing::HasSubstr;

v1::EnrolmentRecord MakeEnrolment(const std::string& service, const std::string& participant, const std::string& from) {
  v1::EnrolmentRecord record;
  record.mutable_enrolment()->set_collection("mhlda");
  record.mutable_enrolment()->set_service(service);
  record.mutable_enrolment()->set_participant(participant);
  record.mutable_enrolment()->set_from(from);
  return record;
}

v1::WindowGrantRecord MakeGrant(const std::string& participant) {
  v1::WindowGrantRecord record;
  record.mutable_grant()->set_collection("mhlda");
  record.mutable_grant()->set_participant(participant);
  record.mutable_grant()->set_from("2025-26-Q1");
  return record;
}

v1::TokenRecord MakeToken(const std::string& principal) {
  v1::TokenRecord record;
  record.mutable_token()->set_principal(principal);
  record.mutable_token()->add_roles(quartermaster::v1::ROLE_STEWARD);
  record.set_secret_sha256(std::string(32, '\xff'));
  return record;
}

v1::ShownRecord MakeShown(const std::string& period, uint64_t data_sequence) {
  v1::ShownRecord record;
  record.set_collection("mhlda");
  record.set_service("adult-inpatient");
  record.set_period(period);
  record.add_cells()->set_data_sequence(data_sequence);
  return record;
}

TEST_P(StoreSuite, AnEnrolmentReplacesTheOneOfItsKey) {
  CatalogueChange change;
  change.enrolments = {MakeEnrolment("b", "RT1", ""), MakeEnrolment("a", "RT2", ""), MakeEnrolment("a", "RT1", "")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 1);
  change.enrolments = {MakeEnrolment("a", "RT2", "2024-04")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 2);
  for (int opening = 0; opening < 2; ++opening) {
    const auto catalogue = store().ReadCatalogue();
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    ASSERT_EQ(catalogue->enrolments.size(), 3);
    EXPECT_EQ(catalogue->enrolments[0].enrolment().participant(), "RT1");
    v1::EnrolmentRecord replaced = MakeEnrolment("a", "RT2", "2024-04");
    replaced.set_sequence(2);
    EXPECT_EQ(catalogue->enrolments[1].DebugString(), replaced.DebugString());
    EXPECT_EQ(catalogue->enrolments[2].enrolment().service(), "b");
    EXPECT_EQ(catalogue->enrolments[2].sequence(), 1);
    Reopen();
  }
}

TEST_P(StoreSuite, WindowsAreGrantedAndEnded) {
  CatalogueChange change;
  change.window_grants = {MakeGrant("RT1")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 1);
  v1::WindowGrantRecord ended = store().ReadCatalogue()->window_grants.at(0);
  EXPECT_EQ(ended.grant().id(), 1);
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(ended.grant().grant_time()), kNowUs);
  EXPECT_FALSE(ended.grant().has_end_time());
  ended.mutable_grant()->set_ended_by("steward");
  change.window_grants = {ended, MakeGrant("")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 2);
  Reopen();
  const auto catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok() && catalogue->window_grants.size() == 2) << catalogue.status();
  *ended.mutable_grant()->mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
  ended.set_sequence(2);
  EXPECT_EQ(catalogue->window_grants[0].DebugString(), ended.DebugString());
  EXPECT_EQ(catalogue->window_grants[1].grant().id(), 2);
}

TEST_P(StoreSuite, TokensAreMadeAndRevoked) {
  CatalogueChange change;
  change.tokens = {MakeToken("office")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 1);
  v1::TokenRecord revoked = store().ReadCatalogue()->tokens.at(0);
  EXPECT_EQ(revoked.token().id(), 1);
  EXPECT_EQ(revoked.secret_sha256(), std::string(32, '\xff'));
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(revoked.token().create_time()), kNowUs);
  EXPECT_FALSE(revoked.token().has_revoke_time());
  revoked.mutable_token()->set_revoked_by("operator");
  change.tokens = {revoked, MakeToken("other")};
  ASSERT_EQ(*ChangeAndWait(store(), change), 2);
  Reopen();
  const auto catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok() && catalogue->tokens.size() == 2) << catalogue.status();
  *revoked.mutable_token()->mutable_revoke_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
  revoked.set_sequence(2);
  EXPECT_EQ(catalogue->tokens[0].DebugString(), revoked.DebugString());
  EXPECT_EQ(catalogue->tokens[1].token().id(), 2);
}

TEST_P(StoreSuite, GrantsAndTokensThatCannotBeStoredAreRefused) {
  const auto refused = [this](const CatalogueChange& change, StatusCode code, const std::string& saying) {
    const auto result = ChangeAndWait(store(), change);
    ASSERT_THAT(result, HasCode(code));
    EXPECT_THAT(result.status().message(), HasSubstr(saying));
  };
  CatalogueChange change;
  change.window_grants = {MakeGrant("RT1"), MakeGrant("RT2")};
  refused(change, StatusCode::kInvalidArgument, "a change makes a window grant twice");
  change.window_grants = {MakeGrant("RT1")};
  change.window_grants[0].mutable_grant()->set_id(7);
  refused(change, StatusCode::kNotFound, "there is no window grant 7");
  change = {};
  change.tokens = {MakeToken("a"), MakeToken("b")};
  refused(change, StatusCode::kInvalidArgument, "a change makes a token twice");
  change.tokens = {MakeToken("a")};
  change.tokens[0].set_secret_sha256("short");
  refused(change, StatusCode::kInvalidArgument, "the hash of a secret has 32 bytes, this one has 5");
  change.tokens = {MakeToken("a")};
  change.tokens[0].mutable_token()->set_id(7);
  // Nothing of a change is stored that is refused.
  change.enrolments = {MakeEnrolment("a", "RT1", "")};
  refused(change, StatusCode::kNotFound, "there is no token 7");
  EXPECT_EQ(store().last_sequence(), 0);
  EXPECT_TRUE(store().ReadCatalogue()->enrolments.empty());
}

TEST_P(StoreSuite, WhatWasShownReplacesWhatWasShownBefore) {
  CatalogueChange change;
  change.shown = {MakeShown("2025-05", 1), MakeShown("2025-04", 1)};
  ASSERT_EQ(*ChangeAndWait(store(), change), 1);
  change.shown = {MakeShown("2025-04", 2)};
  ASSERT_EQ(*ChangeAndWait(store(), change), 2);
  Reopen();
  const auto catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok() && catalogue->shown.size() == 2) << catalogue.status();
  v1::ShownRecord replaced = MakeShown("2025-04", 2);
  replaced.set_sequence(2);
  EXPECT_EQ(catalogue->shown[0].DebugString(), replaced.DebugString());
  EXPECT_EQ(catalogue->shown[1].sequence(), 1);
}

}  // namespace
}  // namespace quartermaster::storage
