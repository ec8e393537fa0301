// Returns that are judged and accepted, and wait for their commit.
//
// A sender of many returns sends the next before the last is durable. The next must be judged against the last all the
// same, or what is found would depend on the speed of the disk.
#ifndef QUARTERMASTER_SERVER_PENDING_RETURNS_H_
#define QUARTERMASTER_SERVER_PENDING_RETURNS_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "validation/expression.h"
#include "validation/period.h"

namespace quartermaster::server {

// Thread-safe.
class PendingReturns {
 public:
  using Key = std::tuple<std::string, std::string, std::string, Period>;  // collection, service, participant, period

  // Texts in `fields` are not looked at later. The result names the entry.
  uint64_t Put(const Key& key, FieldRow fields) {
    const std::lock_guard<std::mutex> lock(mutex_);
    returns_.insert_or_assign(key, std::make_pair(++last_ticket_, std::move(fields)));
    return last_ticket_;
  }

  // Nothing happens if a later return has taken its place.
  void Remove(const Key& key, uint64_t ticket) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = returns_.find(key);
    if (found != returns_.end() && found->second.first == ticket) returns_.erase(found);
  }

  absl::optional<FieldRow> Find(const Key& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (returns_.empty()) return absl::nullopt;
    const auto found = returns_.find(key);
    if (found == returns_.end()) return absl::nullopt;
    return found->second.second;
  }

 private:
  mutable std::mutex mutex_;
  uint64_t last_ticket_ = 0;
  absl::flat_hash_map<Key, std::pair<uint64_t, FieldRow>> returns_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PENDING_RETURNS_H_
