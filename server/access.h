// Who is calling: the operator, who holds the token in the data folder and has all roles, whoever holds a token that an
// operator has made (server/token_control.h), or whoever has shown a certificate that the server's options map to
// somebody (server/certificate_principals.h).
#ifndef QUARTERMASTER_SERVER_ACCESS_H_
#define QUARTERMASTER_SERVER_ACCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call_limits.h"
#include "server/certificate_principals.h"
#include "server/principal.h"

namespace quartermaster::server {

class LiveState;

// Thread-safe: it never changes, but for what callers have used up. The state must outlive it.
class Access {
 public:
  // Reads DIR/operator.token, or makes it with mode 0600 where it does not exist. FAILED_PRECONDITION if others may
  // read it; for `certificate_principals` the errors of CertificatePrincipals::Make.
  static absl::StatusOr<Access> Open(const std::string& data_dir,
                                     const std::vector<config::v1::CertificatePrincipal>& certificate_principals,
                                     const LiveState* state, std::function<absl::Time()> clock);

  // The principal, from the value of the metadata `authorization`: "Bearer TOKEN". UNAUTHENTICATED; whether a token was
  // revoked (TOKEN_REVOKED) or has expired (TOKEN_EXPIRED) is told to who holds it, all others get NO_VALID_TOKEN. What
  // the state says at that moment counts: a token is good for the call after its creation, and for none after its
  // revocation.
  //
  // Where no `authorization` was sent, the certificate decides that the client has shown and the handshake verified, in
  // PEM, or empty. A token that was sent decides alone: a certificate never makes a bad one good, and adds nothing to a
  // good one. Errors of certificates as CertificatePrincipals::Find says.
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization,
                                         absl::string_view verified_certificate_pem) const;

  // What each caller has used up of what it may ask.
  CallLimits& limits() const { return *limits_; }

 private:
  Access(const std::string& operator_token, CertificatePrincipals certificate_principals, const LiveState* state,
         std::function<absl::Time()> clock)
      : operator_token_(operator_token),
        certificate_principals_(std::move(certificate_principals)),
        state_(state),
        clock_(std::move(clock)),
        limits_(std::make_unique<CallLimits>(clock_)) {}

  std::string operator_token_;
  CertificatePrincipals certificate_principals_;
  const LiveState* state_;
  std::function<absl::Time()> clock_;
  std::unique_ptr<CallLimits> limits_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ACCESS_H_
