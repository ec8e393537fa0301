#include "server/watchers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/errors.h"

namespace quartermaster::server {

StoredEvent AcceptanceOf(const storage::StoredReturn& stored) {
  const v1::Receipt& receipt = stored.record.receipt();
  return {receipt.sequence(), stored.key, receipt.revision(), false, receipt.commit_time()};
}

StoredEvent WithdrawalOf(const storage::StoredReturn& stored) {
  const storage::v1::WithdrawalRecord& withdrawal = *stored.withdrawal;
  return {withdrawal.sequence(), stored.key, withdrawal.revision(), true,
          google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(withdrawal.commit_time_us())};
}

absl::StatusOr<std::unique_ptr<Watcher>> Watchers::Open(std::function<bool(const storage::ReturnKey&)> wants,
                                                        std::function<void()> wake) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return Stopping("the server stops. Watch again once it has started.");
  if (watchers_.size() >= kMaxWatchers) {
    return Exhausted("TOO_MANY_WATCHERS",
                     absl::StrCat(kMaxWatchers, " watchers are connected already. End one, or try again later."));
  }
  std::unique_ptr<Watcher> watcher(new Watcher(this, std::move(wants), std::move(wake)));
  watchers_.insert(watcher.get());
  return watcher;
}

void Watchers::Tell(const storage::StoredReturn& stored) {
  const StoredEvent event = stored.withdrawal ? WithdrawalOf(stored) : AcceptanceOf(stored);
  const std::lock_guard<std::mutex> lock(mutex_);
  last_told_ = event.sequence;
  for (Watcher* watcher : watchers_) {
    if (!watcher->listens_ || watcher->left_ || watcher->fell_behind_ || !watcher->wants_(event.key)) continue;
    if (watcher->events_.size() >= kMaxWaitingEvents) {
      watcher->fell_behind_ = true;
    } else {
      watcher->events_.push_back(event);
      watcher->last_put_ = event.sequence;
    }
    watcher->wake_();
  }
}

void Watchers::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  for (Watcher* watcher : watchers_) {
    if (!watcher->left_) watcher->wake_();
  }
}

Watcher::~Watcher() {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  watchers_->watchers_.erase(this);
}

uint64_t Watcher::Listen() {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  listens_ = true;
  last_put_ = watchers_->last_told_;
  return last_put_;
}

void Watcher::Leave() {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  left_ = true;
  events_.clear();
}

absl::optional<StoredEvent> Watcher::Take() {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  if (events_.empty()) return absl::nullopt;
  StoredEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

bool Watcher::has_events() const {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  return !events_.empty();
}

absl::Status Watcher::status() const {
  const std::lock_guard<std::mutex> lock(watchers_->mutex_);
  if (watchers_->closed_) {
    return Stopping("the server stops. Watch again once it has started, from the last sequence number that you have.");
  }
  if (!fell_behind_ || !events_.empty()) return absl::OkStatus();
  return Exhausted("FELL_BEHIND", absl::StrCat("more than ", Watchers::kMaxWaitingEvents,
                                               " events waited for this watcher, so it missed some. Watch again with "
                                               "after_sequence ",
                                               last_put_, "."));
}

}  // namespace quartermaster::server
