// Whose calls are answered: tokens that are good, and all ways in which one is not.
#include "server/access.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/errors.h"
#include "server/secrets.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class AccessTest : public ServerFixture {
 protected:
  AccessTest() {
    ImportParticipants({"RT1", "RT2"});
    std::filesystem::create_directory(Folder());
    now_ = absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone());
  }

  std::string Folder() const { return folder_ + "/data"; }
  std::string File() const { return Folder() + "/operator.token"; }

  absl::StatusOr<Access> OpenAccess() {
    return Access::Open(Folder(), {}, state_.get(), [this] { return now_.value_or(absl::Now()); });
  }

  absl::StatusOr<Principal> Authenticate(const std::string& authorization) {
    return OpenAccess().value().Authenticate(authorization, "");
  }

  // The reason why a token is not taken; empty if it is.
  std::string Refusal(const std::string& authorization) {
    const absl::StatusOr<Principal> principal = Authenticate(authorization);
    if (principal.ok()) return "";
    EXPECT_TRUE(absl::IsUnauthenticated(principal.status())) << principal.status();
    return ReasonOf(principal.status());
  }

  std::string OperatorToken() {
    EXPECT_TRUE(OpenAccess().ok());
    std::ifstream file(File());
    std::string token;
    std::getline(file, token);
    return token;
  }

  v1::CreateTokenResponse Submitter(uint32_t days = 0) {
    v1::CreateTokenRequest request;
    request.set_principal("jo.bloggs@rt1");
    request.add_roles(v1::ROLE_SUBMITTER);
    request.add_roles(v1::ROLE_REPORT_BUILDER);
    request.add_participants("RT1");
    request.set_days(days);
    return CreateToken(request).value();
  }
};

TEST_F(AccessTest, ATokenSaysWhoCallsAndNothingMore) {
  const Principal principal = Authenticate("Bearer " + Submitter().secret()).value();
  EXPECT_EQ(principal.name, "jo.bloggs@rt1");
  EXPECT_THAT(principal.roles, ElementsAre(v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER));
  EXPECT_THAT(principal.participants, ElementsAre("RT1"));
  EXPECT_FALSE(principal.owns_everybody);

  const Principal owner = Authenticate("Bearer " + OperatorToken()).value();
  EXPECT_EQ(owner.name, "operator");
  EXPECT_EQ(owner.roles.size(), 4u);
  EXPECT_TRUE(owner.owns_everybody);
}

TEST_F(AccessTest, NothingElseIsAToken) {
  const std::string secret = Submitter().secret();
  EXPECT_EQ(Refusal("Bearer " + secret), "");
  const struct {
    const char* says;
    std::string authorization;
  } kCases[] = {
      {"empty", ""},
      {"no token", "Bearer"},
      {"an empty token", "Bearer "},
      {"no scheme", secret},
      {"another scheme", "Basic " + secret},
      {"another scheme that begins alike", "BearerX " + secret},
      {"two spaces", "Bearer  " + secret},
      {"a digit less", "Bearer " + secret.substr(0, 63)},
      {"a digit more", "Bearer " + secret + "0"},
      {"a line end", "Bearer " + secret + "\n"},
      {"in capitals", "Bearer " + absl::AsciiStrToUpper(secret) + "A"},
      {"unknown", "Bearer " + NewSecret().value()},
      {"what lies on disk", "Bearer " + HashSecret(secret)},
      {"what lies on disk, in digits", "Bearer " + absl::BytesToHexString(HashSecret(secret))},
      {"a long one", "Bearer " + std::string(100000, 'a')},
      {"zeros", "Bearer " + std::string(64, '\0')},
  };
  for (const auto& c : kCases) EXPECT_EQ(Refusal(c.authorization), "NO_VALID_TOKEN") << c.says;
}

TEST_F(AccessTest, OneDigitDecides) {
  for (const std::string& secret : {Submitter().secret(), OperatorToken()}) {
    ASSERT_EQ(secret.size(), 64u);
    for (size_t i = 0; i < secret.size(); ++i) {
      std::string forged = secret;
      forged[i] = forged[i] == '0' ? '1' : '0';
      EXPECT_EQ(Refusal("Bearer " + forged), "NO_VALID_TOKEN") << i;
    }
    EXPECT_EQ(Refusal("Bearer " + secret), "");
  }
}

TEST_F(AccessTest, ATokenExpiresToTheMicrosecond) {
  const v1::CreateTokenResponse made = Submitter(/*days=*/1);
  const absl::Time expires = *now_ + absl::Hours(24);
  now_ = expires - absl::Microseconds(1);
  EXPECT_EQ(Refusal("Bearer " + made.secret()), "");
  now_ = expires;
  const absl::Status expired = Authenticate("Bearer " + made.secret()).status();
  EXPECT_EQ(ReasonOf(expired), "TOKEN_EXPIRED");
  EXPECT_THAT(std::string(expired.message()),
              HasSubstr("of jo.bloggs@rt1 expired on 2026-01-02 00:00:00 UTC. Ask the operator for a new one."));
  now_ = expires + absl::Hours(24 * 1000);
  EXPECT_EQ(Refusal("Bearer " + made.secret()), "TOKEN_EXPIRED");
  EXPECT_EQ(Refusal("Bearer " + OperatorToken()), "");  // The one of the folder never does.
}

TEST_F(AccessTest, ARevokedTokenIsWorthlessForTheNextCallAndAfterARestart) {
  const v1::CreateTokenResponse made = Submitter(/*days=*/2);
  const v1::CreateTokenResponse other = Submitter();
  now_ = *now_ + absl::Hours(24);
  ASSERT_TRUE(RevokeToken(made.token().id()).ok());
  const absl::Status revoked = Authenticate("Bearer " + made.secret()).status();
  EXPECT_EQ(ReasonOf(revoked), "TOKEN_REVOKED");
  EXPECT_THAT(std::string(revoked.message()), HasSubstr("was revoked on 2026-01-02 00:00:00 UTC. Ask the operator"));
  Close();
  Open();
  EXPECT_EQ(Refusal("Bearer " + made.secret()), "TOKEN_REVOKED");
  EXPECT_EQ(Refusal("Bearer " + other.secret()), "");
  now_ = *now_ + absl::Hours(24 * 3);
  EXPECT_EQ(Refusal("Bearer " + made.secret()), "TOKEN_REVOKED");  // Expired by now, too.
}

TEST_F(AccessTest, WhoGuessesLearnsNothing) {
  const v1::CreateTokenResponse made = Submitter(/*days=*/1);
  ASSERT_TRUE(RevokeToken(made.token().id()).ok());
  now_ = *now_ + absl::Hours(24 * 2);
  std::string forged = made.secret();
  forged.back() = forged.back() == '0' ? '1' : '0';
  const absl::Status guessed = Authenticate("Bearer " + forged).status();
  EXPECT_EQ(guessed, Authenticate("Bearer " + NewSecret().value()).status());
  EXPECT_THAT(std::string(guessed.message()), Not(HasSubstr("jo.bloggs")));
}

TEST_F(AccessTest, TheOperatorsFileIsMadeOnceAndForItsOwnerAlone) {
  const std::string token = OperatorToken();
  EXPECT_TRUE(LooksLikeSecret(token));
  EXPECT_FALSE(LooksLikeSecret(token.substr(1)));
  EXPECT_FALSE(LooksLikeSecret("0" + token));
  for (const char other : {'A', 'g', '\n', '\0', '\xff'}) {
    std::string changed = token;
    changed[7] = other;
    EXPECT_FALSE(LooksLikeSecret(changed)) << other;
  }
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(File()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(OperatorToken(), token);
  for (const fs::perms wide : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(File(), fs::perms::owner_read | wide);
    const absl::Status refused = OpenAccess().status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("chmod 600 " + File()));
  }
  fs::permissions(File(), fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(File()) << token.substr(1) << "\n";
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenAccess().status()));
}

}  // namespace
}  // namespace quartermaster::server
