// Trying the rules of a collection on what is stored, before they count. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_COLLECTION_TRIAL_H_
#define QUARTERMASTER_SERVER_COLLECTION_TRIAL_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "server/live_state.h"
#include "storage/store.h"

namespace quartermaster::server {

// Judges every current return of the collection anew, each against the others as they are, and counts what the rules
// find that are new or changed, or on trial. It takes tens of microseconds a return, and the memory of a second set of
// figures. Changes nothing. Thread-safe. Errors as CollectionService says; CANCELLED once `is_cancelled` says so, which
// is asked at each return.
absl::StatusOr<v1::CheckCollectionResponse> TryRules(const v1::CheckCollectionRequest& request, const LiveState& state,
                                                     const storage::Store& store, absl::Time now,
                                                     const std::function<bool()>& is_cancelled);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_COLLECTION_TRIAL_H_
