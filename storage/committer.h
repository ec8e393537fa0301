// The one thread that writes. It takes the writes that wait, in their order, commits them as one group, and answers
// each.
//
// After a write failed nobody knows what is on disk, so nothing may be decided any more: from then on everything is
// answered UNAVAILABLE, until the store is opened again and recovery has settled it.
#ifndef QUARTERMASTER_STORAGE_COMMITTER_H_
#define QUARTERMASTER_STORAGE_COMMITTER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/queued_write.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_store.h"

namespace quartermaster::storage {

// Thread-safe. It uses the standard library's mutex because the thread sanitizer does not see into Debian's Abseil.
class Committer {
 public:
  // `database` must outlive it. Of the options it uses the clock and the limits.
  Committer(Database* database, RocksDbStoreOptions options);
  // Commits and answers all that was taken.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Answers on the committer's thread, but RESOURCE_EXHAUSTED on the caller's if too much waits.
  void Enqueue(std::unique_ptr<QueuedWrite> write);

  // The last commit that was answered or is about to be.
  uint64_t last_sequence() const { return last_sequence_.load(std::memory_order_acquire); }

  // OK, or what everything is answered with since a write failed. It is set before that write is answered.
  absl::Status failure() const;

 private:
  using Group = std::vector<std::unique_ptr<QueuedWrite>>;
  void Run();
  // Waits for writes. Empty: the end.
  Group TakeGroup();
  void Commit(Group& group);

  Database* const database_;
  const RocksDbStoreOptions options_;
  std::atomic<uint64_t> last_sequence_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status failure_;                            // guarded by mutex_
  std::deque<std::unique_ptr<QueuedWrite>> queue_;  // guarded by mutex_
  size_t queued_bytes_ = 0;                         // guarded by mutex_
  bool stopping_ = false;                           // guarded by mutex_

  // Last: it runs from the moment that it is made.
  std::thread thread_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_COMMITTER_H_
