// Whether what qm sends is encrypted, whom it takes for the server, and what it shows of itself.
#ifndef QUARTERMASTER_CLIENT_TRANSPORT_SECURITY_H_
#define QUARTERMASTER_CLIENT_TRANSPORT_SECURITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quartermaster::client {

// What the global options say; an empty path was not given.
struct TransportOptions {
  // The authorities whose servers are trusted, PEM. Either of these turns TLS on.
  std::string ca_file;
  bool system_authorities = false;
  // What this client shows of itself, and its key, PEM.
  std::string certificate_file;
  std::string key_file;
};

// What a connection is made with.
struct TransportSecurity {
  bool is_encrypted = false;
  // PEM. The last two are empty where no certificate is shown.
  std::string authorities;
  std::string certificate;
  std::string private_key;
};

// Reads the files. INVALID_ARGUMENT, naming the option, where one cannot be read, holds something else, is a key that
// others may read or that is not of the certificate, or where the certificate is not good at `now`.
absl::StatusOr<TransportSecurity> ReadTransportSecurity(const TransportOptions& options, absl::Time now);

// INVALID_ARGUMENT where a token would leave this machine in clear: the host of HOST:PORT is not the loopback, by its
// usual names, and nothing is encrypted.
absl::Status CheckMaySendToken(const std::string& address, bool is_encrypted);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TRANSPORT_SECURITY_H_
