// Watches for callers that take their calls back as soon as they have made them (CVE-2023-44487). gRPC lets in the next
// call of a connection when one is taken back, and is still at work at that one: a flood of such calls costs its sender
// nothing, and gRPC 1.51 has no guard against it. Most of them never come to where a service or an interceptor could
// count them, so this asks gRPC what it has counted of each connection itself (channelz).
#ifndef QUARTERMASTER_SERVER_TAKEN_BACK_WATCH_H_
#define QUARTERMASTER_SERVER_TAKEN_BACK_WATCH_H_

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "server/clock.h"
#include "server/token_buckets.h"

namespace quartermaster::server {

class TakenBackWatch {
 public:
  // `tell` is given gRPC's name of the other end of a connection whose address has taken back more calls than it may
  // (server/limits.h), on a thread of its own, and again while it goes on. What gRPC counts is of the whole process: it
  // may be a connection of another server in it.
  TakenBackWatch(const Clock& clock, std::function<void(absl::string_view peer)> tell);
  // Tells nothing any more once this returns.
  ~TakenBackWatch();
  TakenBackWatch(const TakenBackWatch&) = delete;
  TakenBackWatch& operator=(const TakenBackWatch&) = delete;

 private:
  void Run();
  // Looks at all connections, unless few calls have come.
  void Look();
  void LookAtServer(int64_t server);
  void LookAt(int64_t socket, absl::string_view peer);

  const std::function<void(absl::string_view peer)> tell_;
  TokenBuckets calls_;  // By address.
  // What follows is the thread's alone.
  int64_t calls_before_ = 0;                          // Of all connections, at the last look.
  absl::flat_hash_map<int64_t, int64_t> taken_back_;  // Calls, by gRPC's number of the connection; of open ones.
  absl::flat_hash_map<int64_t, int64_t> before_;      // The same at the last look.

  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TAKEN_BACK_WATCH_H_
