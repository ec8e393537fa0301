// Tells watchers what is stored, in the order of commits: one bounded queue for each, which its owner empties at its
// own pace. The store's thread only puts into queues; it never waits for a watcher.
#ifndef QUARTERMASTER_SERVER_WATCHERS_H_
#define QUARTERMASTER_SERVER_WATCHERS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "google/protobuf/timestamp.pb.h"
#include "storage/store.h"

namespace quartermaster::server {

// A revision that was accepted, or withdrawn.
struct StoredEvent {
  uint64_t sequence = 0;
  storage::ReturnKey key;
  uint32_t revision = 0;
  bool withdrawn = false;
  google::protobuf::Timestamp commit_time;
};

StoredEvent AcceptanceOf(const storage::StoredReturn& stored);
// Requires that it is withdrawn.
StoredEvent WithdrawalOf(const storage::StoredReturn& stored);

class Watcher;

// Thread-safe. It must outlive its watchers.
class Watchers {
 public:
  // Each can hold kMaxWaitingEvents and asks for figures as it moves: so many are a full report team, and a share of
  // one processor.
  static constexpr size_t kMaxWatchers = 50;
  // Some 300 KB. A reader that is so far behind reads faster from the past.
  static constexpr size_t kMaxWaitingEvents = 1'000;

  // `last_sequence` is the store's before anything is told.
  explicit Watchers(uint64_t last_sequence) : last_told_(last_sequence) {}

  // A place for one watcher, which hears nothing yet. `wants` tells which returns it is about; `wake` is called when
  // there is something new for it. Neither may wait for anything, or call this: they are called while it is locked, on
  // the store's thread. RESOURCE_EXHAUSTED, reason TOO_MANY_WATCHERS; UNAVAILABLE after Close.
  absl::StatusOr<std::unique_ptr<Watcher>> Open(std::function<bool(const storage::ReturnKey&)> wants,
                                                std::function<void()> wake);

  // A return was accepted, or is withdrawn now, and every figure has moved. Called in the order of commits.
  void Tell(const storage::StoredReturn& stored);

  // Ends all watchers: the server stops.
  void Close();

 private:
  friend class Watcher;

  std::mutex mutex_;             // Guards what follows, and what watchers hold.
  std::set<Watcher*> watchers_;  // All that live.
  uint64_t last_told_;           // Every earlier return was told, to those who listened.
  bool closed_ = false;
};

// One watcher's place. Thread-safe, but for its destruction, which frees the place.
class Watcher {
 public:
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // From now on events are put into the queue. Gives a sequence number: what has a greater one will come, what has this
  // or a smaller one has been stored and will not.
  uint64_t Listen();
  // From now on nothing comes, and `wake` is not called any more; nor is it being called when this returns.
  void Leave();

  // The next event; absent if none waits.
  absl::optional<StoredEvent> Take();
  // Whether events wait.
  bool has_events() const;
  // OK; UNAVAILABLE at once when the server stops; RESOURCE_EXHAUSTED, reason FELL_BEHIND, once no event waits any
  // more, if more came than the queue holds: those after the last that was taken are lost to this watcher.
  absl::Status status() const;

 private:
  friend class Watchers;
  Watcher(Watchers* watchers, std::function<bool(const storage::ReturnKey&)> wants, std::function<void()> wake)
      : watchers_(watchers), wants_(std::move(wants)), wake_(std::move(wake)) {}

  Watchers* const watchers_;
  const std::function<bool(const storage::ReturnKey&)> wants_;
  const std::function<void()> wake_;
  // Guarded by the mutex of `watchers_`.
  bool listens_ = false;
  bool left_ = false;
  bool fell_behind_ = false;
  uint64_t last_put_ = 0;  // Of the last event that had room.
  std::deque<StoredEvent> events_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WATCHERS_H_
