// What writes, one group at a time: it takes the writes that wait, in their order, commits them as one group, and
// answers each. A thread of its own does it, or, while that has nothing to do, a caller who would only wait for it: to
// wake that thread and then the caller's takes nearly 0.1 ms of a lone submission.
//
// After a write failed nobody knows what is on disk, so nothing may be decided any more: from then on everything is
// answered UNAVAILABLE. If the disk was full, the database is opened again once there is room, and recovery settles
// what is there; a failed sync of another kind is settled by a new start only, since the disk may have dropped what it
// was to sync. If recovery finds the failed group, whose writers were told that its outcome is unknown, what is derived
// follows then (Store::Follow).
//
// While the disk has less room than the store itself may need, nothing is written, and what would be is refused.
#ifndef QUARTERMASTER_STORAGE_COMMITTER_H_
#define QUARTERMASTER_STORAGE_COMMITTER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
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

  // Answers on the committer's thread; on the caller's, before this returns, RESOURCE_EXHAUSTED if too much waits, or
  // anything with kCallersThread if nothing is being committed.
  void Enqueue(std::unique_ptr<QueuedWrite> write, CommitOn commit_on = CommitOn::kStoresThread);

  // Calls `meanwhile` while no group is being committed or answered. Not for who commits one.
  void BetweenGroups(absl::FunctionRef<void()> meanwhile);

  // The last commit that was answered or is about to be.
  uint64_t last_sequence() const { return last_sequence_.load(std::memory_order_acquire); }

  // OK, or what writes that store something are answered with.
  absl::Status refusal() const;
  // OK, or what everything is answered with since a write failed. It is set before that write is answered.
  absl::Status failure() const;

 private:
  using Group = std::vector<std::unique_ptr<QueuedWrite>>;
  enum class Mode {
    kTaking,
    // The disk is full: what stores something is refused, and nothing of it is written.
    kFull,
    // A write failed because the disk was full; until the database is opened again, nothing is known.
    kUnknown,
    // A write failed otherwise.
    kStopped
  };

  void Run();
  // Waits for writes, but no longer than the interval at which the disk is watched. Gives false at the end.
  bool TakeGroup(Group& group);
  void CommitAndAnswer(Group group);
  // Lets the caller commit in the place of the thread, which has nothing to do; false if it has. Then GiveBack.
  bool TakeOver();
  void GiveBack();
  // Looks whether the disk has room and RocksDB works, and opens the database again where that is what it takes.
  void Watch();
  bool HasRoom() const;
  // Gives false if it is not open yet.
  bool OpenAgain();
  // Lets what is derived follow the group that was in doubt, which is stored.
  void FollowDoubted();
  void SetMode(Mode mode, absl::Status refusal);
  // What to say of a write that failed so, and what to do from now on.
  absl::Status Fail(const absl::Status& status);
  void Commit(Group& group);
  void CommitTogether(Group& group);
  void RefuseWhatStores(QueuedWrite& write);

  Database* const database_;
  const RocksDbStoreOptions options_;
  std::atomic<uint64_t> last_sequence_;

  // Of who commits alone.
  bool must_open_again_ = false;
  // The group whose write failed because the disk was full, and the last commit of the store if it is stored
  // nevertheless. Both empty once that is known.
  Group doubted_;
  uint64_t doubted_sequence_ = 0;
  std::chrono::steady_clock::time_point next_opening_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for the committer
  std::condition_variable group_ended_;
  Mode mode_ = Mode::kTaking;                       // guarded by mutex_; who commits alone changes it
  absl::Status refusal_;                            // guarded by mutex_; OK while writes are taken
  std::deque<std::unique_ptr<QueuedWrite>> queue_;  // guarded by mutex_
  size_t queued_bytes_ = 0;                         // guarded by mutex_
  bool stopping_ = false;                           // guarded by mutex_
  bool is_waiting_ = false;                         // guarded by mutex_; the thread is, so that a caller may commit
  bool in_group_ = false;                           // guarded by mutex_
  size_t pauses_ = 0;                               // guarded by mutex_; how many want no group to begin

  // Last: it runs from the moment that it is made.
  std::thread thread_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_COMMITTER_H_
