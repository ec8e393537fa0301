// Rates of many callers in constant time and bounded memory: the token bucket algorithm, a bucket a caller. A bucket
// fills with `per_second` tokens a second up to `at_once`.
#ifndef QUARTERMASTER_SERVER_TOKEN_BUCKETS_H_
#define QUARTERMASTER_SERVER_TOKEN_BUCKETS_H_

#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/clock.h"

namespace quartermaster::server {

// Thread-safe.
//
// Buckets lie in two generations. After the time in which an empty bucket fills, or when the younger has `max_known`
// buckets, the younger becomes the older, and what was older is dropped: those were not asked for since, so that, in
// the first case, they are full, which is what an unknown caller has.
class TokenBuckets {
 public:
  TokenBuckets(double per_second, double at_once, size_t max_known, Clock clock);

  // Whether the caller has so many tokens left, which are taken; otherwise none is.
  bool Take(absl::string_view caller, double tokens = 1);

  // How many callers are remembered: at most twice `max_known`.
  size_t known() const;

 private:
  struct Bucket {
    double tokens;
    absl::Time filled;  // Up to this moment.
  };
  // The caller's bucket in the younger generation. Requires the mutex.
  Bucket& Find(absl::string_view caller, absl::Time now);

  const double per_second_;
  const double at_once_;
  const size_t max_known_;
  const Clock clock_;
  mutable std::mutex mutex_;  // Guards what follows.
  absl::flat_hash_map<std::string, Bucket> younger_;
  absl::flat_hash_map<std::string, Bucket> older_;
  absl::Time began_;  // The younger generation.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TOKEN_BUCKETS_H_
