// Making and revoking tokens. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_TOKEN_CONTROL_H_
#define QUARTERMASTER_SERVER_TOKEN_CONTROL_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "quartermaster/v1/token_service.pb.h"
#include "server/live_state.h"
#include "server/one_at_a_time.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {

// Thread-safe. The store and the state must outlive it, and every `done` that it has been given. `done` is called on
// this thread or on the store's. Errors as TokenService says.
class TokenControl {
 public:
  TokenControl(storage::Store* store, LiveState* state, Clock clock);

  // The secret is in the response and nowhere else.
  using CreateDone = std::function<void(absl::StatusOr<v1::CreateTokenResponse>)>;
  void Create(const v1::CreateTokenRequest& request, const std::string& author, CreateDone done);

  // A call with the token that comes after `done` is called is UNAUTHENTICATED.
  using RevokeDone = std::function<void(absl::StatusOr<v1::RevokeTokenResponse>)>;
  void Revoke(const v1::RevokeTokenRequest& request, const std::string& author, RevokeDone done);

  absl::StatusOr<v1::ListTokensResponse> List(const v1::ListTokensRequest& request) const;

 private:
  // The token that is asked for, with everything but its id.
  absl::StatusOr<v1::Token> Make(const v1::CreateTokenRequest& request, const std::string& author) const;
  // What Revoke does in its turn.
  void RevokeNow(uint64_t id, const std::string& author, RevokeDone done);

  storage::Store* const store_;
  LiveState* const state_;
  const Clock clock_;
  OneAtATime turns_;  // Who revokes a token looks first whether somebody did.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TOKEN_CONTROL_H_
