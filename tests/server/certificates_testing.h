// Certificates that tests make for themselves, good and bad.
#ifndef QUARTERMASTER_TESTS_SERVER_CERTIFICATES_TESTING_H_
#define QUARTERMASTER_TESTS_SERVER_CERTIFICATES_TESTING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace quartermaster::testing {

struct CertificateWish {
  // Short names of attributes and their values, the outermost first.
  std::vector<std::pair<std::string, std::string>> subject = {{"CN", "test"}};
  // As OpenSSL's options write them: DNS:a, IP:10.0.0.1. May hold commas between them.
  std::string alternative_names = "";
  absl::Time not_before = absl::FromUnixSeconds(0);
  absl::Time not_after = absl::FromUnixSeconds(4'000'000'000);
  // serverAuth or clientAuth; empty for an authority.
  std::string usage = "clientAuth";
};

struct MadeCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// Signed by its own key, of the curve P-256. Aborts where OpenSSL does not make it.
MadeCertificate MakeCertificate(const CertificateWish& wish);

}  // namespace quartermaster::testing

#endif  // QUARTERMASTER_TESTS_SERVER_CERTIFICATES_TESTING_H_
