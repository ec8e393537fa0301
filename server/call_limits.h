// What one caller may ask of the server at once and in a second, so that the others do not notice (server/limits.h).
#ifndef QUARTERMASTER_SERVER_CALL_LIMITS_H_
#define QUARTERMASTER_SERVER_CALL_LIMITS_H_

#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/clock.h"
#include "server/limits.h"
#include "server/principal.h"
#include "server/token_buckets.h"

namespace quartermaster::server {

class CallLimits;

// What is open for longer than a moment.
struct StreamKind {
  absl::string_view name;  // Of several, as a message says it. No two kinds have the same.
  int most_of_principal;
  absl::optional<int> most;  // Of all principals; absent where something else bounds them.
};
inline constexpr StreamKind kReturnStreams = {"streams of returns", kMaxStreamsOfPrincipal, kMaxStreams};
// server/watchers.h bounds all.
inline constexpr StreamKind kWatches = {"watches", kMaxWatchesOfPrincipal, absl::nullopt};
inline constexpr StreamKind kBundleDownloads = {"downloads of bundles", kMaxDownloadsOfPrincipal, kMaxDownloads};
inline constexpr StreamKind kReleaseDownloads = {"downloads of releases", kMaxDownloadsOfPrincipal, kMaxDownloads};
inline constexpr StreamKind kExtracts = {"extracts", kMaxDownloadsOfPrincipal, kMaxDownloads};

// The place of an open stream. Its destruction gives it back.
class StreamPlace {
 public:
  StreamPlace() = default;
  StreamPlace(StreamPlace&& other) noexcept { *this = std::move(other); }
  StreamPlace& operator=(StreamPlace&& other) noexcept {
    std::swap(limits_, other.limits_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~StreamPlace();

 private:
  friend class CallLimits;
  using Key = std::pair<absl::string_view, std::string>;  // The name of the kind, and the principal.
  StreamPlace(CallLimits* limits, Key key) : limits_(limits), key_(std::move(key)) {}

  CallLimits* limits_ = nullptr;
  Key key_;
};

// Thread-safe. It must outlive the places that it gives.
class CallLimits {
 public:
  explicit CallLimits(const Clock& clock);

  // Takes note of a call, by who makes it: one of a principal that may not make it is its own, too; one of nobody is a
  // refusal. The errors of the two below.
  absl::Status Note(const absl::StatusOr<Principal>& caller, absl::string_view peer);

  // Takes note of a call of the principal. RESOURCE_EXHAUSTED, reason TOO_MANY_CALLS. A stream is one call.
  absl::Status NoteCall(const std::string& principal);

  // Takes note of a call that nobody could be found for. RESOURCE_EXHAUSTED, reason TOO_MANY_REFUSALS, in place of the
  // refusal; a call with a valid credential is never held up by others of its address. `peer` is gRPC's name of the
  // other end, of which the address counts as server/counted_address.h says.
  absl::Status NoteRefusal(absl::string_view peer);

  // A place for a stream. RESOURCE_EXHAUSTED, reason TOO_MANY_STREAMS, where the principal, or everybody together, has
  // as many as there may be of the kind. To be asked of callers that may open it: a place is for them.
  absl::StatusOr<StreamPlace> Open(const StreamKind& kind, const std::string& principal);

 private:
  friend class StreamPlace;
  void Close(const StreamPlace::Key& key);

  TokenBuckets calls_;
  TokenBuckets refusals_;
  std::mutex mutex_;                                          // Guards what follows.
  absl::flat_hash_map<StreamPlace::Key, int> open_;           // None is 0.
  absl::flat_hash_map<absl::string_view, int> open_of_kind_;  // By its name.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CALL_LIMITS_H_
