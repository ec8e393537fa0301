// Tokens are made, listed and revoked; their secrets are told once and kept nowhere.
#include "server/token_control.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "server/errors.h"
#include "server/secrets.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::CreateTokenRequest Request(const std::string& principal, const std::vector<int>& roles,
                               const std::vector<std::string>& participants = {}, uint32_t days = 0) {
  v1::CreateTokenRequest request;
  request.set_principal(principal);
  for (const int role : roles) request.mutable_roles()->Add(role);
  for (const std::string& code : participants) request.add_participants(code);
  request.set_days(days);
  return request;
}

int64_t Microseconds(const google::protobuf::Timestamp& time) {
  return google::protobuf::util::TimeUtil::TimestampToMicroseconds(time);
}

class TokenControlTest : public ServerFixture {
 protected:
  TokenControlTest() {
    ImportParticipants({"RT1", "RT1-NORTH", "RT2"});
    now_ = absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone());
  }

  // All pages.
  std::vector<v1::Token> Listed(uint32_t page_size = 0) {
    v1::ListTokensRequest request;
    request.set_page_size(page_size);
    std::vector<v1::Token> tokens;
    do {
      const v1::ListTokensResponse page = token_control_->List(request).value();
      EXPECT_LE(page.tokens_size(), page_size == 0 ? 100 : static_cast<int>(page_size));
      tokens.insert(tokens.end(), page.tokens().begin(), page.tokens().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return tokens;
  }

  std::vector<uint64_t> ListedIds(uint32_t page_size = 0) {
    std::vector<uint64_t> ids;
    for (const v1::Token& token : Listed(page_size)) ids.push_back(token.id());
    return ids;
  }

  // The bytes of all files of the store.
  std::string OnDisk() const {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
};

TEST_F(TokenControlTest, ATokenIsOnRecordAsItWasAskedFor) {
  const auto request = Request("jo@rt1.nhs.uk", {v1::ROLE_STEWARD, v1::ROLE_SUBMITTER, v1::ROLE_SUBMITTER},
                               {"RT2", "RT1-NORTH", "RT2"}, 30);
  const v1::CreateTokenResponse made = CreateToken(request).value();
  EXPECT_TRUE(LooksLikeSecret(made.secret()));
  const v1::Token& token = made.token();
  EXPECT_GT(token.id(), 0u);
  EXPECT_EQ(token.principal(), "jo@rt1.nhs.uk");
  EXPECT_THAT(token.roles(), ElementsAre(v1::ROLE_SUBMITTER, v1::ROLE_STEWARD));
  EXPECT_THAT(token.participants(), ElementsAre("RT1-NORTH", "RT2"));
  EXPECT_EQ(token.created_by(), "operator");
  EXPECT_EQ(Microseconds(token.create_time()), absl::ToUnixMicros(*now_));
  EXPECT_EQ(Microseconds(token.expire_time()), absl::ToUnixMicros(*now_ + 30 * absl::Hours(24)));
  EXPECT_EQ(token.revoked_by(), "");
  EXPECT_FALSE(token.has_revoke_time());
  ASSERT_EQ(Listed().size(), 1u);
  EXPECT_EQ(Listed()[0].SerializeAsString(), token.SerializeAsString());
  Close();
  Open();
  EXPECT_EQ(Listed()[0].SerializeAsString(), token.SerializeAsString());
}

TEST_F(TokenControlTest, SecretsDifferAndLieNowhere) {
  const std::string first = CreateToken(Request("jo", {v1::ROLE_STEWARD})).value().secret();
  const std::string second = CreateToken(Request("jo", {v1::ROLE_STEWARD})).value().secret();
  EXPECT_NE(first, second);
  Close();
  const std::string bytes = OnDisk();
  EXPECT_THAT(bytes, HasSubstr(HashSecret(first)));  // So the search finds what is there.
  for (const std::string& secret : {first, second}) {
    EXPECT_THAT(bytes, Not(HasSubstr(secret)));
    EXPECT_THAT(bytes, Not(HasSubstr(absl::HexStringToBytes(secret))));
  }
  Open();
}

TEST_F(TokenControlTest, WhatCannotBeATokenIsRefused) {
  const int builder = v1::ROLE_REPORT_BUILDER;
  const int submitter = v1::ROLE_SUBMITTER;
  const struct {
    const char* says;
    v1::CreateTokenRequest request;
    const char* field;
  } kCases[] = {
      {"Nobody.", Request("", {builder}), "principal"},
      {"Too long a name.", Request(std::string(65, 'x'), {builder}), "principal"},
      {"A space.", Request("jo bloggs", {builder}), "principal"},
      {"A line end.", Request("jo\n", {builder}), "principal"},
      {"An accent.", Request("zo\xC3\xAB", {builder}), "principal"},
      {"Markup.", Request("<jo>", {builder}), "principal"},
      {"The server's own name.", Request("quartermaster", {builder}), "principal"},
      {"The name of the folder's owner.", Request("operator", {builder}), "principal"},
      {"That name in other letters.", Request("Operator", {builder}), "principal"},
      {"The publisher of what comes with the server.", Request("shipped", {builder}), "principal"},
      {"No role.", Request("jo", {}), "roles"},
      {"The role that is none.", Request("jo", {v1::ROLE_UNSPECIFIED}), "roles"},
      {"An unknown role beside a good one.", Request("jo", {builder, 5}), "roles"},
      {"A negative role.", Request("jo", {-1}), "roles"},
      {"A submitter of nobody.", Request("jo", {submitter}), "participants"},
      {"Participants of a builder.", Request("jo", {builder}, {"RT1"}), "participants"},
      {"Participants of an operator.", Request("jo", {v1::ROLE_OPERATOR}, {"RT1"}), "participants"},
      {"Too many participants.", Request("jo", {submitter}, std::vector<std::string>(201, "RT1")), "participants"},
      {"Too many days.", Request("jo", {builder}, {}, 1097), "days"},
      {"Far too many days.", Request("jo", {builder}, {}, 4294967295u), "days"},
  };
  for (const auto& c : kCases) {
    const auto made = CreateToken(c.request);
    EXPECT_TRUE(absl::IsInvalidArgument(made.status())) << c.says << made.status();
    EXPECT_EQ(FieldOf(made.status()), c.field) << c.says << made.status();
  }
  const absl::Status unknown = CreateToken(Request("jo", {submitter}, {"RT1", "RT3"})).status();
  EXPECT_EQ(ReasonOf(unknown), "PARTICIPANT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(CreateToken(Request("jo", {submitter}, {""})).status()), "PARTICIPANT_NOT_FOUND");
  EXPECT_THAT(ListedIds(), ElementsAre());

  // And just what can.
  for (const v1::CreateTokenRequest& request :
       {Request(std::string(64, 'x'), {builder}), Request("A-z_0.9@x", {v1::ROLE_OPERATOR}, {}, 1096),
        Request("operator.jo", {v1::ROLE_OPERATOR}),
        Request("x", {submitter}, std::vector<std::string>(200, "RT1"), 1)}) {
    EXPECT_TRUE(CreateToken(request).ok()) << request.DebugString();
  }
}

TEST_F(TokenControlTest, AYearIsUsual) {
  const v1::Token token = CreateToken(Request("jo", {v1::ROLE_STEWARD})).value().token();
  EXPECT_EQ(Microseconds(token.expire_time()), absl::ToUnixMicros(*now_ + 366 * absl::Hours(24)));
}

TEST_F(TokenControlTest, TokensAreListedByIdInPages) {
  std::vector<uint64_t> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(CreateToken(Request(absl::StrCat("p", i), {v1::ROLE_STEWARD})).value().token().id());
  }
  ASSERT_TRUE(RevokeToken(ids[1]).ok());
  for (const uint32_t page_size : {0u, 1u, 2u, 5u}) EXPECT_EQ(ListedIds(page_size), ids) << page_size;
  v1::ListTokensRequest request;
  request.set_page_size(1001);
  EXPECT_EQ(FieldOf(token_control_->List(request).status()), "page_size");
  request.set_page_size(0);
  request.set_page_token("x");
  EXPECT_EQ(FieldOf(token_control_->List(request).status()), "page_token");
}

TEST_F(TokenControlTest, OfTwoWhoRevokeOneAtOnceTheSecondIsTold) {
  v1::RevokeTokenRequest request;
  request.set_id(CreateToken(Request("jo", {v1::ROLE_STEWARD})).value().token().id());
  const auto revoking = [&](const std::string& author) {
    return [this, &request, author](auto done) { token_control_->Revoke(request, author, done); };
  };
  const auto [first, second] = AtOnce<v1::RevokeTokenResponse>(revoking("ann"), revoking("bob"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(second.status()), "TOKEN_REVOKED");
  EXPECT_EQ(Listed()[0].revoked_by(), "ann");
}

TEST_F(TokenControlTest, ATokenIsRevokedOnceAndStaysOnRecord) {
  const uint64_t id = CreateToken(Request("jo", {v1::ROLE_STEWARD})).value().token().id();
  now_ = *now_ + absl::Hours(1);
  const v1::Token revoked = RevokeToken(id, "ann").value().token();
  EXPECT_EQ(revoked.id(), id);
  EXPECT_EQ(revoked.principal(), "jo");
  EXPECT_EQ(revoked.revoked_by(), "ann");
  EXPECT_EQ(Microseconds(revoked.revoke_time()), absl::ToUnixMicros(*now_));
  now_ = *now_ + absl::Hours(1);
  EXPECT_EQ(RevokeToken(id, "ann").value().token().SerializeAsString(), revoked.SerializeAsString());  // A retry.
  EXPECT_EQ(ReasonOf(RevokeToken(id, "bob").status()), "TOKEN_REVOKED");
  EXPECT_TRUE(absl::IsFailedPrecondition(RevokeToken(id, "bob").status()));
  EXPECT_EQ(ReasonOf(RevokeToken(id + 1000).status()), "TOKEN_NOT_FOUND");
  EXPECT_EQ(ReasonOf(RevokeToken(0).status()), "TOKEN_NOT_FOUND");
  Close();
  Open();
  EXPECT_EQ(Listed()[0].SerializeAsString(), revoked.SerializeAsString());
}

}  // namespace
}  // namespace quartermaster::server
