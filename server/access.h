// Who is calling: the operator, who holds the token in the data folder and has all roles, or whoever holds a token that
// an operator has made (server/token_control.h).
#ifndef QUARTERMASTER_SERVER_ACCESS_H_
#define QUARTERMASTER_SERVER_ACCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call_limits.h"
#include "server/principal.h"

namespace quartermaster::server {

class LiveState;

// Thread-safe: it never changes, but for what callers have used up. The state must outlive it.
class Access {
 public:
  // Reads DIR/operator.token, or makes it with mode 0600 where it does not exist. FAILED_PRECONDITION if others may
  // read it.
  static absl::StatusOr<Access> Open(const std::string& data_dir, const LiveState* state,
                                     std::function<absl::Time()> clock);

  // The principal, from the value of the metadata `authorization`: "Bearer TOKEN". UNAUTHENTICATED; whether a token was
  // revoked (TOKEN_REVOKED) or has expired (TOKEN_EXPIRED) is told to who holds it, all others get NO_VALID_TOKEN. What
  // the state says at that moment counts: a token is good for the call after its creation, and for none after its
  // revocation.
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization) const;

  // What each caller has used up of what it may ask.
  CallLimits& limits() const { return *limits_; }

 private:
  Access(const std::string& operator_token, const LiveState* state, std::function<absl::Time()> clock)
      : operator_token_(operator_token),
        state_(state),
        clock_(std::move(clock)),
        limits_(std::make_unique<CallLimits>(clock_)) {}

  std::string operator_token_;
  const LiveState* state_;
  std::function<absl::Time()> clock_;
  std::unique_ptr<CallLimits> limits_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ACCESS_H_
