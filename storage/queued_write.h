// A write that waits for the committer: what is asked for, and whom to tell.
#ifndef QUARTERMASTER_STORAGE_QUEUED_WRITE_H_
#define QUARTERMASTER_STORAGE_QUEUED_WRITE_H_

#include <cstddef>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/commit_group.h"

namespace quartermaster::storage {

// Decide and Answer are called at most once each, in this order, on one thread.
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
  // Answers with this error instead of what was decided, if anything was.
  virtual void Overrule(absl::Status error) = 0;
  virtual void Answer() = 0;

 private:
  const size_t bytes_;
};

template <typename Request, typename Result>
class TypedWrite final : public QueuedWrite {
 public:
  using Done = std::function<void(absl::StatusOr<Result>)>;

  // `checked` not OK: the answer, whatever the store holds.
  TypedWrite(Request request, Done done, absl::Status checked, size_t bytes)
      : QueuedWrite(bytes), request_(std::move(request)), done_(std::move(done)), checked_(std::move(checked)) {}

  void Decide(CommitGroup& group) override {
    result_ = checked_.ok() ? group.Decide(std::move(request_)) : absl::StatusOr<Result>(checked_);
  }
  void Overrule(absl::Status error) override { result_ = std::move(error); }
  void Answer() override { done_(std::move(result_)); }

 private:
  Request request_;
  Done done_;
  absl::Status checked_;
  absl::StatusOr<Result> result_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_QUEUED_WRITE_H_
