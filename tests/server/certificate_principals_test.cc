// Who calls by certificate: which names decide, which mappings are taken, and what a token beside it means.
#include "server/certificate_principals.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "server/access.h"
#include "server/errors.h"
#include "server/secrets.h"
#include "tests/server/certificates_testing.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using quartermaster::testing::CertificateWish;
using quartermaster::testing::MakeCertificate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Entries = std::vector<config::v1::CertificatePrincipal>;

Entries Read(const std::string& text) {
  config::v1::ServerConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return Entries(config.certificate_principals().begin(), config.certificate_principals().end());
}

constexpr char kSubmitter[] =
    R"(certificate_principals { name: "DNS:extract.rt1" principal: "extract@rt1" roles: ROLE_SUBMITTER participants: "RT1" })";

class CertificatePrincipalsTest : public ServerFixture {
 protected:
  CertificatePrincipalsTest() {
    ImportParticipants({"RT1", "RT2"});
    now_ = absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone());
  }

  absl::StatusOr<CertificatePrincipals> Make(const std::string& text) {
    return CertificatePrincipals::Make(Read(text), *state_->participants());
  }

  // A steward with that name in the mapping; whether the certificate is taken for it.
  bool IsTaken(const std::string& name, const CertificateWish& wish) {
    const auto mapped =
        Make(absl::StrCat("certificate_principals { name: \"", name, "\" principal: \"a\" roles: ROLE_STEWARD }"));
    EXPECT_TRUE(mapped.ok()) << mapped.status();
    return mapped.ok() && mapped->Find(MakeCertificate(wish).certificate_pem, *now_).ok();
  }
};

TEST_F(CertificatePrincipalsTest, NamesAreComparedAsText) {
  const CertificateWish wish{
      .subject = {{"O", "Trust"}, {"CN", "extract"}},
      .alternative_names =
          "DNS:a.nhs.uk,DNS:*.b.nhs.uk,URI:spiffe://trust/extract,email:jo@rt1.nhs.uk,IP:10.0.0.1,IP:2001:db8::1"};
  for (const char* name : {"DNS:a.nhs.uk", "DNS:*.b.nhs.uk", "URI:spiffe://trust/extract", "EMAIL:jo@rt1.nhs.uk",
                           "IP:10.0.0.1", "IP:2001:db8::1", "CN=extract,O=Trust"}) {
    EXPECT_TRUE(IsTaken(name, wish)) << name;
  }
  for (const char* name :
       {"DNS:A.nhs.uk", "DNS:c.b.nhs.uk", "DNS:nhs.uk", "DNS:extract", "URI:spiffe://trust/", "EMAIL:a.nhs.uk",
        "IP:10.0.0.10", "CN=extract", "O=Trust,CN=extract", "CN=extract,O=Trust,C=GB"}) {
    EXPECT_FALSE(IsTaken(name, wish)) << name;
  }
}

TEST_F(CertificatePrincipalsTest, ASubjectCannotLookLikeAnother) {
  EXPECT_FALSE(IsTaken("CN=extract,O=Trust", {.subject = {{"CN", "extract,O=Trust"}}}));
  EXPECT_TRUE(IsTaken("CN=extract\\\\,O=Trust", {.subject = {{"CN", "extract,O=Trust"}}}));
  EXPECT_FALSE(IsTaken("DNS:a.nhs.uk", {.subject = {{"CN", "DNS:a.nhs.uk"}}}));
  EXPECT_FALSE(IsTaken("DNS:a.nhs.uk", {.subject = {{"CN", "a.nhs.uk"}}}));
}

TEST_F(CertificatePrincipalsTest, AMappedCertificateIsItsPrincipal) {
  const auto mapped = Make(kSubmitter);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  const CertificateWish wish{.alternative_names = "DNS:extract.rt1", .not_after = *now_ + absl::Hours(1)};
  const std::string pem = MakeCertificate(wish).certificate_pem;
  const Principal principal = mapped->Find(pem, *now_).value();
  EXPECT_EQ(principal.name, "extract@rt1");
  EXPECT_THAT(principal.roles, ElementsAre(v1::ROLE_SUBMITTER));
  EXPECT_THAT(principal.participants, ElementsAre("RT1"));
  EXPECT_FALSE(principal.owns_everybody);

  // An open connection outlives its certificate; the calls on it do not.
  EXPECT_TRUE(mapped->Find(pem, wish.not_after - absl::Seconds(1)).ok());
  const absl::Status expired = mapped->Find(pem, wish.not_after).status();
  EXPECT_TRUE(absl::IsUnauthenticated(expired));
  EXPECT_EQ(ReasonOf(expired), "CERTIFICATE_EXPIRED");
  EXPECT_THAT(std::string(expired.message()), HasSubstr("DNS:extract.rt1; CN=test expired on 2026-01-01 01:00:00 UTC"));
}

TEST_F(CertificatePrincipalsTest, WhoIsNotMappedIsToldTheNames) {
  const auto mapped = Make(kSubmitter);
  const std::string pem = MakeCertificate({.alternative_names = "DNS:extract.rt2"}).certificate_pem;
  const absl::Status unknown = mapped->Find(pem, *now_).status();
  EXPECT_TRUE(absl::IsUnauthenticated(unknown));
  EXPECT_EQ(ReasonOf(unknown), "CERTIFICATE_NOT_MAPPED");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("to anybody: DNS:extract.rt2; CN=test. Give a token"));
  EXPECT_THAT(std::string(unknown.message()), Not(HasSubstr("extract.rt1")));

  std::string many = "DNS:a0";
  for (int i = 1; i < 2000; ++i) absl::StrAppend(&many, ",DNS:a", i);
  const absl::Status long_one =
      mapped->Find(MakeCertificate({.alternative_names = many}).certificate_pem, *now_).status();
  EXPECT_THAT(std::string(long_one.message()), HasSubstr("DNS:a7; 1993 more."));
  EXPECT_LT(long_one.message().size(), 1000u);

  for (const std::string& junk : {std::string("junk"), pem.substr(0, pem.size() / 2), std::string(100'000, 'a')}) {
    EXPECT_TRUE(absl::IsUnauthenticated(mapped->Find(junk, *now_).status()));
  }
}

TEST_F(CertificatePrincipalsTest, TwoPrincipalsAreNone) {
  const auto mapped = Make(
      absl::StrCat(kSubmitter, R"(certificate_principals { name: "CN=test" principal: "boss" roles: ROLE_OPERATOR })"));
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  const auto find = [&](const CertificateWish& wish) {
    return mapped->Find(MakeCertificate(wish).certificate_pem, *now_);
  };
  EXPECT_THAT(std::string(find({.alternative_names = "DNS:extract.rt1"}).status().message()),
              HasSubstr("maps more than one name of the certificate: CN=test; DNS:extract.rt1"));
  EXPECT_EQ(find({.subject = {{"CN", "other"}}, .alternative_names = "DNS:extract.rt1,DNS:extract.rt1"})->name,
            "extract@rt1");
  EXPECT_EQ(find({})->name, "boss");
}

TEST_F(CertificatePrincipalsTest, RemembersNoMoreThanItMay) {
  const auto mapped = Make(kSubmitter);
  const std::string pem = MakeCertificate({.alternative_names = "DNS:extract.rt1"}).certificate_pem;
  // Text before the certificate makes it another one to remember, and no other one to read.
  for (size_t i = 0; i < CertificatePrincipals::kMaxRemembered * 2 + 1; ++i) {
    ASSERT_TRUE(mapped->Find(absl::StrCat(i, "\n", pem), *now_).ok()) << i;
  }
  EXPECT_TRUE(mapped->Find(pem, *now_).ok());
}

TEST_F(CertificatePrincipalsTest, TakesNoWrongMapping) {
  const struct {
    std::string entries;
    const char* says;
  } kCases[] = {
      {R"(certificate_principals { name: "extract" principal: "a" roles: ROLE_STEWARD })",
       "entry 1: name: \"extract\" is none"},
      {R"(certificate_principals { name: "DNS:" principal: "a" roles: ROLE_STEWARD })",
       "entry 1: name: \"DNS:\" is none"},
      {R"(certificate_principals { name: "dns:a" principal: "a" roles: ROLE_STEWARD })",
       "entry 1: name: \"dns:a\" is none"},
      {R"(certificate_principals { name: "" principal: "a" roles: ROLE_STEWARD })", "entry 1: name: \"\" is none"},
      {R"(certificate_principals { name: "DNS:a" principal: "" roles: ROLE_STEWARD })",
       "entry 1: principal: write 1 to 64"},
      {R"(certificate_principals { name: "DNS:a" principal: "a b" roles: ROLE_STEWARD })",
       "entry 1: principal: write 1 to 64"},
      {R"(certificate_principals { name: "DNS:a" principal: "operator" roles: ROLE_OPERATOR })",
       "entry 1: principal: the server keeps the name operator for what it does itself"},
      {R"(certificate_principals { name: "DNS:a" principal: "a" })", "entry 1: roles: name at least one"},
      {R"(certificate_principals { name: "DNS:a" principal: "a" roles: ROLE_UNSPECIFIED })",
       "entry 1: roles: there is no role 0"},
      {R"(certificate_principals { name: "DNS:a" principal: "a" roles: ROLE_SUBMITTER })",
       "entry 1: participants: a submitter has 1 to 200"},
      {R"(certificate_principals { name: "DNS:a" principal: "a" roles: ROLE_SUBMITTER participants: "RT9" })",
       "entry 1: there is no participant \"RT9\""},
      {R"(certificate_principals { name: "DNS:a" principal: "a" roles: ROLE_STEWARD participants: "RT1" })",
       "entry 1: participants: only a submitter"},
      {absl::StrCat(kSubmitter, kSubmitter), "entry 2: name: DNS:extract.rt1 stands in an entry before"},
  };
  for (const auto& c : kCases) EXPECT_THAT(std::string(Make(c.entries).status().message()), HasSubstr(c.says));
  Entries many(CertificatePrincipals::kMaxEntries + 1);
  EXPECT_THAT(std::string(CertificatePrincipals::Make(many, *state_->participants()).status().message()),
              HasSubstr("at most 1000 are taken"));
}

TEST_F(CertificatePrincipalsTest, ATokenDecidesAlone) {
  const std::string folder = folder_ + "/data";
  std::filesystem::create_directory(folder);
  const auto clock = [this] { return *now_; };
  const Access access = Access::Open(folder, Read(kSubmitter), state_.get(), clock).value();
  const std::string pem = MakeCertificate({.alternative_names = "DNS:extract.rt1"}).certificate_pem;
  const std::string stranger = MakeCertificate({}).certificate_pem;
  v1::CreateTokenRequest request;
  request.set_principal("ann");
  request.add_roles(v1::ROLE_STEWARD);
  const v1::CreateTokenResponse token = CreateToken(request).value();
  const std::string good = "Bearer " + token.secret(), bad = "Bearer " + NewSecret().value();

  EXPECT_EQ(access.Authenticate("", pem)->name, "extract@rt1");
  for (const std::string& shown : {pem, stranger, std::string()}) {
    EXPECT_EQ(access.Authenticate(good, shown)->name, "ann");
    EXPECT_THAT(access.Authenticate(good, shown)->participants, ElementsAre());
    EXPECT_EQ(ReasonOf(access.Authenticate(bad, shown).status()), "NO_VALID_TOKEN");
    EXPECT_EQ(ReasonOf(access.Authenticate("Bearer ", shown).status()), "NO_VALID_TOKEN");
  }
  EXPECT_EQ(ReasonOf(access.Authenticate("", stranger).status()), "CERTIFICATE_NOT_MAPPED");
  EXPECT_EQ(ReasonOf(access.Authenticate("", "").status()), "NO_VALID_TOKEN");
  ASSERT_TRUE(RevokeToken(token.token().id()).ok());
  EXPECT_EQ(ReasonOf(access.Authenticate(good, pem).status()), "TOKEN_REVOKED");
  EXPECT_TRUE(absl::IsInvalidArgument(
      Access::Open(folder, Read(absl::StrCat(kSubmitter, kSubmitter)), state_.get(), clock).status()));
}

}  // namespace
}  // namespace quartermaster::server
