// What stewards grant beyond the windows of collections, and the dates that all may read. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_WINDOW_CONTROL_H_
#define QUARTERMASTER_SERVER_WINDOW_CONTROL_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "quartermaster/v1/window_service.pb.h"
#include "server/live_state.h"
#include "server/one_at_a_time.h"
#include "server/principal.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {

// Thread-safe. The store and the state must outlive it, and every `done` that it has been given. `done` is called on
// this thread or on the store's. Errors as WindowService says.
class WindowControl {
 public:
  WindowControl(storage::Store* store, LiveState* state, Clock clock);

  using GrantDone = std::function<void(absl::StatusOr<v1::WindowGrant>)>;
  void Grant(const v1::GrantWindowRequest& request, const std::string& steward, GrantDone done);
  void End(const v1::EndWindowGrantRequest& request, const std::string& steward, GrantDone done);

  // Of the grants a caller sees reopenings, and the extensions of those whose returns it may read.
  absl::StatusOr<v1::GetWindowResponse> Get(const v1::GetWindowRequest& request, const Principal& caller) const;
  absl::StatusOr<v1::ListWindowGrantsResponse> List(const v1::ListWindowGrantsRequest& request) const;

 private:
  // The grant that is asked for, with everything but its id.
  absl::StatusOr<v1::WindowGrant> Make(const v1::GrantWindowRequest& request, const std::string& steward) const;
  absl::StatusOr<v1::WindowGrant> Find(uint64_t id) const;
  // What End does in its turn.
  void EndNow(const v1::EndWindowGrantRequest& request, const std::string& steward, GrantDone done);
  void Store(v1::WindowGrant grant, std::string audit, GrantDone done);
  // Whether it can still be used.
  bool Holds(const v1::WindowGrant& grant) const;

  storage::Store* const store_;
  LiveState* const state_;
  const Clock clock_;
  OneAtATime turns_;  // Who ends a grant looks first whether somebody did.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WINDOW_CONTROL_H_
