// The queue and the loop of the committer.
#include "storage/committer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/commit_group.h"

namespace quartermaster::storage {

Committer::Committer(Database* database, RocksDbStoreOptions options)
    : database_(database),
      options_(std::move(options)),
      last_sequence_(database->opened_at_sequence()),
      thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Committer::Enqueue(std::unique_ptr<QueuedWrite> write) {
  size_t waiting = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // A write that is larger than all that may wait is taken when nothing waits, or it never would be.
    const bool fits = queue_.empty() || (queue_.size() < options_.max_queued_writes &&
                                         queued_bytes_ + write->bytes() <= options_.max_queued_bytes);
    waiting = queue_.size();
    if (fits) {
      queued_bytes_ += write->bytes();
      queue_.push_back(std::move(write));
    }
  }
  if (write == nullptr) {
    changed_.notify_one();
    return;
  }
  write->Overrule(absl::ResourceExhaustedError(
      absl::StrCat(waiting, " writes wait already. Nothing was stored; send it again in a moment.")));
  write->Answer();
}

void Committer::Run() {
  while (true) {
    Group group = TakeGroup();
    if (group.empty()) return;
    Commit(group);
    for (const std::unique_ptr<QueuedWrite>& write : group) write->Answer();
  }
}

Committer::Group Committer::TakeGroup() {
  Group group;
  size_t bytes = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  while (!queue_.empty() && group.size() < options_.max_group_writes && bytes < options_.max_group_bytes) {
    bytes += queue_.front()->bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  return group;
}

absl::Status Committer::failure() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void Committer::Commit(Group& group) {
  absl::Status failed = failure();
  if (!failed.ok()) {
    for (const std::unique_ptr<QueuedWrite>& write : group) write->Overrule(failed);
    return;
  }
  CommitGroup decided(database_, last_sequence(), options_.clock());
  size_t certain = 0;  // So many were decided before the group stored anything, and hold whatever becomes of it.
  for (const std::unique_ptr<QueuedWrite>& write : group) {
    write->Decide(decided);
    if (!decided.stores_anything()) ++certain;
  }
  if (!decided.stores_anything()) return;

  absl::Status status = decided.Write();
  if (status.ok()) status = database_->acknowledged_mark().Write(decided.last_sequence());
  if (status.ok()) {
    last_sequence_.store(decided.last_sequence(), std::memory_order_release);
    return;
  }
  failed = absl::UnavailableError(absl::StrCat(
      "a write to the store failed and its outcome is unknown; send the same request_id again once the store "
      "is open again (",
      status.message(), ")"));
  for (size_t i = certain; i < group.size(); ++i) group[i]->Overrule(failed);
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = std::move(failed);
}

}  // namespace quartermaster::storage
