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
#include "server/clock.h"
#include "server/token_buckets.h"

namespace quartermaster::server {

class CallLimits;

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
  StreamPlace(CallLimits* limits, std::string key) : limits_(limits), key_(std::move(key)) {}

  CallLimits* limits_ = nullptr;
  std::string key_;
};

// Thread-safe. It must outlive the places that it gives.
class CallLimits {
 public:
  explicit CallLimits(const Clock& clock);

  // Takes note of a call of the principal. RESOURCE_EXHAUSTED, reason TOO_MANY_CALLS. A stream is one call.
  absl::Status NoteCall(const std::string& principal);

  // Takes note of a call that nobody could be found for. RESOURCE_EXHAUSTED, reason TOO_MANY_REFUSALS, in place of the
  // refusal; a call with a valid credential is never held up by others of its address. `peer` is gRPC's name of the
  // other end, such as "ipv4:192.0.2.1:53412", of which the port does not count.
  absl::Status NoteRefusal(absl::string_view peer);

  // A place for a stream of returns. RESOURCE_EXHAUSTED, reason TOO_MANY_STREAMS, where the principal, or everybody
  // together, has too many.
  absl::StatusOr<StreamPlace> OpenSubmissions(const std::string& principal);
  // The same for a watch, of the principal's alone; server/watchers.h bounds all.
  absl::StatusOr<StreamPlace> OpenWatch(const std::string& principal);

 private:
  friend class StreamPlace;
  // RESOURCE_EXHAUSTED where `key` has `most` places already; `what` tells whose and of what they are.
  absl::StatusOr<StreamPlace> Open(std::string key, int most, absl::string_view what);
  void Close(const std::string& key);

  TokenBuckets calls_;
  TokenBuckets refusals_;
  std::mutex mutex_;                            // Guards what follows.
  absl::flat_hash_map<std::string, int> open_;  // By what is opened and by whom; none is 0.
  int submissions_ = 0;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CALL_LIMITS_H_
