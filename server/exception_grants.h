// Granting and ending standing exceptions, and the record of their uses. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_EXCEPTION_GRANTS_H_
#define QUARTERMASTER_SERVER_EXCEPTION_GRANTS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "quartermaster/v1/standing_exception_service.pb.h"
#include "server/live_state.h"
#include "server/one_at_a_time.h"
#include "server/principal.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {

// Thread-safe. The store and the state must outlive it, and every `done` that it has been given. `done` is called on
// this thread or on the store's. Errors as StandingExceptionService says.
class ExceptionGrants {
 public:
  ExceptionGrants(storage::Store* store, LiveState* state, Clock clock);

  using ExceptionDone = std::function<void(absl::StatusOr<v1::StandingException>)>;
  void Grant(const v1::StandingException& asked, const std::string& steward, ExceptionDone done);
  void End(uint64_t id, const std::string& steward, ExceptionDone done);

  // Those of participants that the caller may read.
  absl::StatusOr<v1::ListStandingExceptionsResponse> List(const v1::ListStandingExceptionsRequest& request,
                                                          const Principal& caller) const;
  // Reads all revisions of one participant and service.
  absl::StatusOr<v1::ListExceptionUsesResponse> ListUses(const v1::ListExceptionUsesRequest& request) const;

 private:
  absl::Status Check(const v1::StandingException& asked) const;
  absl::Status CheckNoneStands(const v1::StandingException& asked) const;
  absl::StatusOr<v1::StandingException> Find(uint64_t id) const;
  // What both do in their turn.
  void GrantNow(v1::StandingException granted, const std::string& steward, ExceptionDone done);
  void EndNow(uint64_t id, const std::string& steward, ExceptionDone done);
  void Store(v1::StandingException exception, std::string audit, ExceptionDone done);

  storage::Store* const store_;
  LiveState* const state_;
  const Clock clock_;
  OneAtATime turns_;  // Grants and ends look at what stands before they change it.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXCEPTION_GRANTS_H_
