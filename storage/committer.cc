// The queue and the loop of the committer.
#include "storage/committer.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/commit_group.h"
#include "storage/disk_full.h"

namespace quartermaster::storage {
namespace {

absl::Status DiskIsFull() {
  return DiskFullError(
      "the disk of the server is full, or nearly so. Nothing was stored. Tell the operator; once there is room on the "
      "disk, the server goes on by itself: send it again then.");
}

// As MustHold of the server: nobody knows what may be served.
[[noreturn]] void End(const std::string& reason) {
  std::fprintf(stderr, "stopping, because the store cannot be opened again as it was: %s\n", reason.c_str());
  std::abort();
}

}  // namespace

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

void Committer::Enqueue(std::unique_ptr<QueuedWrite> write, CommitOn commit_on) {
  if (commit_on == CommitOn::kCallersThread && TakeOver()) {
    Group group;
    group.push_back(std::move(write));
    CommitAndAnswer(std::move(group));
    return GiveBack();
  }
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

bool Committer::TakeOver() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!is_waiting_ || !queue_.empty() || pauses_ > 0 || mode_ != Mode::kTaking || stopping_) return false;
  is_waiting_ = false;
  in_group_ = true;
  return true;
}

void Committer::GiveBack() {
  // Under the lock to the end: once the thread has it, this may be destroyed.
  const std::lock_guard<std::mutex> lock(mutex_);
  is_waiting_ = true;
  in_group_ = false;
  group_ended_.notify_all();
  if (stopping_ || !queue_.empty()) changed_.notify_one();
}

void Committer::Run() {
  Watch();
  bool goes_on = true;
  while (goes_on) {
    Group group;
    goes_on = TakeGroup(group);
    CommitAndAnswer(std::move(group));
  }
}

void Committer::CommitAndAnswer(Group group) {
  Watch();
  Commit(group);
  for (const std::unique_ptr<QueuedWrite>& write : group) write->Answer();
  if (doubted_sequence_ != 0 && doubted_.empty()) doubted_ = std::move(group);
}

bool Committer::TakeGroup(Group& group) {
  size_t bytes = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  in_group_ = false;
  is_waiting_ = true;
  group_ended_.notify_all();
  do {
    changed_.wait_for(lock, absl::ToChronoMicroseconds(options_.watch_interval),
                      [this] { return is_waiting_ && pauses_ == 0 && (stopping_ || !queue_.empty()); });
    // A caller who commits just then watches the disk, too.
  } while (!is_waiting_);
  is_waiting_ = false;
  if (pauses_ > 0) return true;
  while (!queue_.empty() && group.size() < options_.max_group_writes && bytes < options_.max_group_bytes) {
    bytes += queue_.front()->bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  in_group_ = !group.empty();
  return !stopping_ || !group.empty();
}

absl::Status Committer::refusal() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return refusal_;
}

void Committer::BetweenGroups(absl::FunctionRef<void()> meanwhile) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    ++pauses_;
    group_ended_.wait(lock, [this] { return !in_group_; });
  }
  meanwhile();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --pauses_;
  }
  changed_.notify_one();
}

absl::Status Committer::failure() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return mode_ == Mode::kUnknown || mode_ == Mode::kStopped ? refusal_ : absl::OkStatus();
}

void Committer::SetMode(Mode mode, absl::Status refusal) {
  const std::lock_guard<std::mutex> lock(mutex_);
  mode_ = mode;
  refusal_ = std::move(refusal);
}

absl::Status Committer::Fail(const absl::Status& status) {
  const bool was_full = absl::IsResourceExhausted(status);
  must_open_again_ = must_open_again_ || was_full;
  absl::Status failed = absl::UnavailableError(absl::StrCat(
      "a write to the store failed and its outcome is unknown; send the same request_id again once ",
      was_full
          ? "there is room on the disk of the server, which is full; then it goes on by itself. Tell the operator ("
          : "the operator has looked at the disk of the server and started the server again; it takes no writes "
            "before (",
      status.message(), ")"));
  SetMode(was_full ? Mode::kUnknown : Mode::kStopped, failed);
  return failed;
}

bool Committer::HasRoom() const {
  const absl::StatusOr<uint64_t> free = database_->FreeBytes();
  // Where the system does not say, the disk will.
  return !free.ok() || *free >= options_.reserved_bytes;
}

void Committer::Watch() {
  if (mode_ == Mode::kStopped) return;
  const absl::Status background = must_open_again_ ? absl::OkStatus() : database_->background_error();
  if (!background.ok() && !absl::IsResourceExhausted(background)) {
    Fail(background).IgnoreError();
    return;
  }
  must_open_again_ = must_open_again_ || !background.ok();
  if (HasRoom() && (!must_open_again_ || OpenAgain())) {
    if (mode_ != Mode::kTaking) SetMode(Mode::kTaking, absl::OkStatus());
  } else if (mode_ == Mode::kTaking) {
    SetMode(Mode::kFull, DiskIsFull());
  }
}

bool Committer::OpenAgain() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_opening_) return false;
  next_opening_ = now + absl::ToChronoMicroseconds(options_.watch_interval);
  const absl::StatusOr<uint64_t> opened = database_->OpenAgain(options_.clock());
  if (absl::IsAborted(opened.status())) return false;
  if (absl::IsResourceExhausted(opened.status())) {
    // It is closed now, so that nothing can be decided, not even what would store nothing.
    Fail(opened.status()).IgnoreError();
    return false;
  }
  if (!opened.ok()) End(std::string(opened.status().message()));
  if (*opened != last_sequence()) {
    if (*opened != doubted_sequence_) {
      End(absl::StrCat("its last commit was ", last_sequence(), " or, if the last write was stored, ",
                       doubted_sequence_, ", and is ", *opened));
    }
    FollowDoubted();
  }
  doubted_.clear();
  doubted_sequence_ = 0;
  must_open_again_ = false;
  return true;
}

void Committer::FollowDoubted() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    // Within a group that was taken nobody pauses.
    if (!in_group_) changed_.wait(lock, [this] { return pauses_ == 0; });
    in_group_ = true;
  }
  last_sequence_.store(doubted_sequence_, std::memory_order_release);
  for (const std::unique_ptr<QueuedWrite>& write : doubted_) write->Follow();
}

void Committer::Commit(Group& group) {
  if (group.empty()) return;
  if (mode_ == Mode::kTaking) return CommitTogether(group);
  for (const std::unique_ptr<QueuedWrite>& write : group) {
    if (mode_ == Mode::kFull) {
      RefuseWhatStores(*write);
    } else {
      write->Overrule(refusal_);
    }
  }
}

// Each for itself: it is decided by what is stored, not by what would have been.
void Committer::RefuseWhatStores(QueuedWrite& write) {
  CommitGroup decided(database_, last_sequence(), options_.clock());
  write.Decide(decided);
  if (decided.stores_anything()) write.Overrule(refusal_);
}

void Committer::CommitTogether(Group& group) {
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
  const absl::Status failed = Fail(status);
  for (size_t i = certain; i < group.size(); ++i) group[i]->Doubt(failed);
  if (must_open_again_) doubted_sequence_ = decided.last_sequence();
}

}  // namespace quartermaster::storage
