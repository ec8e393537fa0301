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
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// Thread-safe.
class PendingReturns {
 public:
  using Key = std::tuple<std::string, std::string, std::string, Period>;  // collection, service, participant, period

  // `fields` are those of `service`, by which the return was judged. Texts in them are not looked at later. The result
  // names the entry.
  uint64_t Put(const Key& key, const ServiceSchema* service, FieldRow fields) {
    const std::lock_guard<std::mutex> lock(mutex_);
    returns_[key].push_back({++last_ticket_, service, std::move(fields)});
    return last_ticket_;
  }

  // Those that came before and after it stay: it may be refused, and they stored.
  void Remove(const Key& key, uint64_t ticket) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = returns_.find(key);
    if (found == returns_.end()) return;
    std::erase_if(found->second, [ticket](const Entry& entry) { return entry.ticket == ticket; });
    if (found->second.empty()) returns_.erase(found);
  }

  // The newest that waits. Absent also where it was judged by another version of the service: its fields stand in other
  // places.
  absl::optional<FieldRow> Find(const Key& key, const ServiceSchema& service) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (returns_.empty()) return absl::nullopt;
    const auto found = returns_.find(key);
    if (found == returns_.end() || found->second.back().service != &service) return absl::nullopt;
    return found->second.back().fields;
  }

 private:
  struct Entry {
    uint64_t ticket;
    const ServiceSchema* service;  // Lives as long as the return is on its way.
    FieldRow fields;
  };

  mutable std::mutex mutex_;
  uint64_t last_ticket_ = 0;
  absl::flat_hash_map<Key, std::vector<Entry>> returns_;  // None is empty; the newest is last.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PENDING_RETURNS_H_
