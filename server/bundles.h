// Bundles: what a return is judged against, taken out of the server. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_BUNDLES_H_
#define QUARTERMASTER_SERVER_BUNDLES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quartermaster/v1/bundle_service.pb.h"
#include "server/live_state.h"
#include "storage/store.h"

namespace quartermaster::server {

// The parts of the bundle that is asked for, each of at most 2 MiB or so. NOT_FOUND; INVALID_ARGUMENT, past
// kMaxBundleBytes too. Thread-safe.
absl::StatusOr<std::vector<v1::DownloadBundleResponse>> MakeBundle(const v1::DownloadBundleRequest& request,
                                                                   const LiveState& state, const storage::Store& store,
                                                                   absl::Time now);

inline constexpr int kMaxBundleParticipants = 200;     // Twice a large national collection.
inline constexpr size_t kMaxBundleBytes = 128u << 20;  // Two hundred participants with a decade of quarters take half.

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_BUNDLES_H_
