// Where a token may go without TLS, and which files make a connection with it.
#include "client/transport_security.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;

TEST(TransportSecurityTest, ATokenLeavesThisMachineEncryptedOnly) {
  for (const char* address : {"127.0.0.1:7443", "127.8.9.10:1", "localhost:7443", "[::1]:7443"}) {
    EXPECT_TRUE(CheckMaySendToken(address, false).ok()) << address;
  }
  for (const char* address : {"192.0.2.1:7443", "0.0.0.0:7443", "qm.nhs.uk:7443", "localhost.example.org:1",
                              "127.0.0.1.example.org:1", "::1:1", "[::ffff:192.0.2.1]:1", "dns:///localhost:1",
                              "unix:/tmp/socket:1", "LOCALHOST:1", "localhost", "", "x localhost:1", "localhost:1\n"}) {
    const absl::Status refused = CheckMaySendToken(address, false);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << address;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("would be sent in clear"));
    EXPECT_TRUE(CheckMaySendToken(address, true).ok()) << address;
  }
}

TEST(TransportSecurityTest, IsInClearUnlessAuthoritiesAreNamed) {
  EXPECT_FALSE(ReadTransportSecurity({}, absl::Now())->is_encrypted);
  TransportOptions options;
  options.ca_file = "/no/such/file";
  EXPECT_THAT(std::string(ReadTransportSecurity(options, absl::Now()).status().message()),
              HasSubstr("--ca-file: /no/such/file: there is no such file"));
  options.ca_file = "";
  options.key_file = "k";
  EXPECT_THAT(std::string(ReadTransportSecurity(options, absl::Now()).status().message()),
              HasSubstr("--key-file: a certificate and its key belong together"));
  options.certificate_file = "c";
  EXPECT_THAT(std::string(ReadTransportSecurity(options, absl::Now()).status().message()),
              HasSubstr("--certificate-file: without TLS there is nobody to show it to"));
}

}  // namespace
}  // namespace quartermaster::client
