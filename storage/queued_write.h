// A write that waits for the committer: what is asked for, and whom to tell.
#ifndef QUARTERMASTER_STORAGE_QUEUED_WRITE_H_
#define QUARTERMASTER_STORAGE_QUEUED_WRITE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/commit_group.h"
#include "storage/store.h"

namespace quartermaster::storage {

// Called on one thread: Decide, and Answer once. One whose answer was a doubt is followed later if it was stored.
class QueuedWrite {
 public:
  // About what it takes in a batch.
  explicit QueuedWrite(size_t bytes) : bytes_(bytes) {}
  virtual ~QueuedWrite() = default;
  QueuedWrite(const QueuedWrite&) = delete;
  QueuedWrite& operator=(const QueuedWrite&) = delete;

  size_t bytes() const { return bytes_; }
  // Adds it to the group and keeps what is to be answered.
  virtual void Decide(CommitGroup& group) = 0;
  // Nothing of it is stored: answers with this error instead of what was decided, if anything was.
  virtual void Overrule(absl::Status error) = 0;
  // What was decided may be stored or not: answers with this error.
  virtual void Doubt(absl::Status error) = 0;
  virtual void Answer() = 0;
  // Lets what is derived follow, if this stored something. For one that was doubted; else Answer does it.
  virtual void Follow() = 0;

 private:
  const size_t bytes_;
};

// Whether it tells of an earlier write.
inline bool IsRepeated(uint64_t) { return false; }
template <typename Result>
bool IsRepeated(const Result& result) {
  return result.repeated;
}

template <typename Request, typename Result>
class TypedWrite final : public QueuedWrite {
 public:
  // `checked` not OK: the answer, whatever the store holds.
  TypedWrite(Request request, Store::Follow<Result> follow, Store::Done<Result> done, absl::Status checked,
             size_t bytes)
      : QueuedWrite(bytes),
        request_(std::move(request)),
        follow_(std::move(follow)),
        done_(std::move(done)),
        checked_(std::move(checked)) {}

  void Decide(CommitGroup& group) override {
    result_ = checked_.ok() ? group.Decide(std::move(request_)) : absl::StatusOr<Result>(std::move(checked_));
  }
  void Overrule(absl::Status error) override { result_ = std::move(error); }
  void Doubt(absl::Status error) override { doubt_ = std::move(error); }
  void Answer() override {
    // What they hold is let go as soon as it is not needed, which is what some wait for.
    const Store::Done<Result> done = std::exchange(done_, nullptr);
    if (!doubt_.ok()) return done(doubt_);
    Follow();
    done(std::move(result_));
  }
  void Follow() override {
    const Store::Follow<Result> follow = std::exchange(follow_, nullptr);
    if (follow != nullptr && result_.ok() && !IsRepeated(*result_)) follow(*result_);
  }

 private:
  Request request_;
  Store::Follow<Result> follow_;
  Store::Done<Result> done_;
  absl::Status checked_;
  absl::Status doubt_;
  absl::StatusOr<Result> result_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_QUEUED_WRITE_H_
