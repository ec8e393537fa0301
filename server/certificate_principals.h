// Who calls by certificate: the names that a client's certificate is for, mapped to principals by the server's file of
// options (config/v1 CertificatePrincipal).
#ifndef QUARTERMASTER_SERVER_CERTIFICATE_PRINCIPALS_H_
#define QUARTERMASTER_SERVER_CERTIFICATE_PRINCIPALS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "quartermaster/config/v1/server_config.pb.h"
#include "server/principal.h"
#include "validation/participants.h"

namespace quartermaster::server {

// Thread-safe: it never changes, but for what it remembers of certificates that it has read.
class CertificatePrincipals {
 public:
  // An organisation has a few machines that call; ten for each of the largest collection.
  static constexpr size_t kMaxEntries = 1000;
  // Certificates that call in turn. Reading one anew takes tens of microseconds, which a stream of returns would feel.
  static constexpr size_t kMaxRemembered = 256;

  // INVALID_ARGUMENT, naming the entry by its place, counted from 1: the name is neither DNS:, URI:, EMAIL: or IP: with
  // something after it nor a subject, stands twice, or the rest is not what server/principal_check.h allows. NOT_FOUND
  // where a participant is not registered.
  static absl::StatusOr<CertificatePrincipals> Make(const std::vector<config::v1::CertificatePrincipal>& entries,
                                                    const Participants& registered);

  // The principal of a certificate in PEM that was verified when its connection began. UNAUTHENTICATED, with the names
  // that the certificate has: none of them is mapped, or more than one (CERTIFICATE_NOT_MAPPED), or the certificate has
  // expired since (CERTIFICATE_EXPIRED).
  absl::StatusOr<Principal> Find(absl::string_view certificate_pem, absl::Time now) const;

 private:
  struct Memory;
  using ByName = std::map<std::string, Principal>;
  explicit CertificatePrincipals(ByName by_name);

  ByName by_name_;
  std::shared_ptr<Memory> memory_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CERTIFICATE_PRINCIPALS_H_
