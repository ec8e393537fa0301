#include "server/token_buckets.h"

#include <algorithm>
#include <utility>

namespace quartermaster::server {

TokenBuckets::TokenBuckets(double per_second, double at_once, size_t max_known, Clock clock)
    : per_second_(per_second),
      at_once_(at_once),
      max_known_(max_known),
      clock_(std::move(clock)),
      began_(absl::InfinitePast()) {}

bool TokenBuckets::Take(absl::string_view caller, double tokens) {
  const absl::Time now = clock_();
  const std::lock_guard<std::mutex> lock(mutex_);
  Bucket& bucket = Find(caller, now);
  // A clock that was set back gives nothing, and takes nothing.
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  bucket.tokens = std::min(at_once_, bucket.tokens + seconds * per_second_);
  bucket.filled = now;
  if (bucket.tokens < tokens) return false;
  bucket.tokens -= tokens;
  return true;
}

size_t TokenBuckets::known() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return younger_.size() + older_.size();
}

TokenBuckets::Bucket& TokenBuckets::Find(absl::string_view caller, absl::Time now) {
  const bool have_filled = now - began_ >= absl::Seconds(at_once_ / per_second_);
  if (have_filled || younger_.size() >= max_known_) {
    older_ = std::exchange(younger_, {});
    began_ = now;
  }
  const auto [found, is_new] = younger_.try_emplace(caller, Bucket{at_once_, now});
  if (is_new) {
    if (const auto before = older_.find(caller); before != older_.end()) {
      found->second = before->second;
      older_.erase(before);
    }
  }
  return found->second;
}

}  // namespace quartermaster::server
