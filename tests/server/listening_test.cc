// Where the server may listen, and what it needs for it.
#include "server/listening.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using ::testing::HasSubstr;

ListeningOptions At(const std::string& address) {
  ListeningOptions options;
  options.address = address;
  return options;
}

// An empty name is a file that is not given.
ListeningOptions With(const std::string& certificate, const std::string& key, const std::string& authority = "",
                      bool requires_client = false) {
  ListeningOptions options;
  options.certificates.certificate = certificate;
  options.certificates.private_key = key;
  options.certificates.client_authority = authority;
  options.require_client_certificate = requires_client;
  return options;
}

TEST(ListeningTest, OffTheLoopbackOnlyWithTls) {
  for (const char* address : {"127.0.0.1:0", "127.8.9.10:7443", "localhost:7443", "[::1]:65535"}) {
    EXPECT_TRUE(CheckListening(At(address)).ok()) << address;
  }
  for (const char* address : {"0.0.0.0:0", "[::]:7443", "192.0.2.1:7443", "[::ffff:127.0.0.1]:1", "qm.nhs.uk:7443",
                              "localhost.example.org:1", "127.0.0.1.example.org:1", "[::1:1]:1", "LOCALHOST:1"}) {
    const absl::Status refused = CheckListening(At(address));
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << address;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("would be sent in clear"));
    ListeningOptions options = With("c", "k");
    options.address = address;
    EXPECT_TRUE(CheckListening(options).ok()) << address;
  }
}

TEST(ListeningTest, KnowsAnAddress) {
  for (const char* address :
       {"", ":", ":7443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:123456", "::1:7443",
        "unix:/tmp/socket:1", "dns:///localhost:1", "a b:1", "[localhost]:1", "127.0.0.1:1\n", "ipv4:127.0.0.1:1"}) {
    ListeningOptions options = With("c", "k");
    options.address = address;
    EXPECT_THAT(std::string(CheckListening(options).message()), HasSubstr("is not HOST:PORT")) << address;
  }
  EXPECT_THAT(std::string(CheckListening(At("127.0.0.1:65536")).message()), HasSubstr("not 0 to 65535"));
  EXPECT_EQ(HostOf(At("[::1]:7443")), "[::1]");
  EXPECT_EQ(HostOf(At("localhost:0")), "localhost");
}

TEST(ListeningTest, OptionsThatBelongTogether) {
  EXPECT_TRUE(CheckListening(With("", "")).ok());
  EXPECT_TRUE(CheckListening(With("c", "k")).ok());
  EXPECT_TRUE(CheckListening(With("c", "k", "a")).ok());
  EXPECT_TRUE(CheckListening(With("c", "k", "a", true)).ok());
  const struct {
    ListeningOptions options;
    const char* says;
  } kCases[] = {
      {With("c", ""), "--certificate-file: it means nothing without --private-key-file"},
      {With("", "k"), "--private-key-file: it means nothing without --certificate-file"},
      {With("", "", "a"), "--client-authority-file: it means nothing without --certificate-file"},
      {With("c", "k", "", true), "--require-client-certificate: it means nothing without --client-authority-file"},
      {With("", "", "", true), "--require-client-certificate: it means nothing without --client-authority-file"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = CheckListening(c.options);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace quartermaster::server
