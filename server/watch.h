// One watch of a period: the past from the store, then what comes, each event once and none left out. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_WATCH_H_
#define QUARTERMASTER_SERVER_WATCH_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "server/live_state.h"
#include "server/progress.h"
#include "server/watchers.h"
#include "storage/store.h"
#include "validation/period.h"

namespace quartermaster::server {

// Thread-compatible, but for Leave. What it is opened with must outlive it.
//
// The past is read in portions while nothing is heard. Then the watcher listens, which gives a number that divides what
// is stored from what will be heard; what is stored up to it is read, and from there on the queue has everything.
class Watch {
 public:
  // `wake` as Watchers::Open says. NOT_FOUND, INVALID_ARGUMENT, and the errors of Watchers::Open.
  static absl::StatusOr<std::unique_ptr<Watch>> Open(const v1::WatchRequest& request, const storage::Store* store,
                                                     const LiveState* state, const Progress* progress,
                                                     Watchers* watchers, std::function<void()> wake);

  // What comes next, as WatchResponse says; absent if there is nothing until `wake` is called. An error is the end.
  absl::StatusOr<absl::optional<v1::WatchResponse>> Next();

  // Whether Next may read through all returns of the collection, which takes seconds.
  bool reads_the_past() const { return !from_now_ && step_ < Step::kCatchUp && waiting_.empty(); }

  // Thread-safe. From now on `wake` is not called any more.
  void Leave() { watcher_->Leave(); }

 private:
  enum class Step { kReadPast, kJoin, kReadRest, kCatchUp, kLive };

  Watch(const v1::WatchRequest& request, const Period& period, const storage::Store* store, const LiveState* state,
        const Progress* progress);

  // Whether the return is watched: it is for the watched period or for a part of it.
  bool BearsOn(const storage::ReturnKey& key) const;
  // Requires that nothing waits. Makes the first events after the cursor and up to `until` wait, in their order; true
  // if they are all.
  absl::StatusOr<bool> ReadPortion(uint64_t until);
  v1::WatchResponse Tell(const StoredEvent& event);
  absl::StatusOr<absl::optional<v1::WatchResponse>> NextLive();
  // Reads what has moved since the standing was read last; all the first time.
  absl::Status ReadStanding(std::shared_ptr<const LiveCollection> collection,
                            const std::vector<const ServiceSchema*>& services);
  // Adds the figures that have moved since they were told last, and how far the period is.
  absl::Status AddFigures(v1::WatchResponse* response);

  const std::string collection_;
  const std::string service_;  // Empty: all.
  const Period period_;
  std::set<std::string> periods_;  // The period and its parts.
  const storage::Store* const store_;
  const LiveState* const state_;
  const Progress* const progress_;
  std::unique_ptr<Watcher> watcher_;

  const bool from_now_;  // The past is not wanted.
  Step step_;
  uint64_t cursor_;                  // All up to here was told, or is not wanted.
  uint64_t read_to_ = 0;             // All up to here was told, or waits.
  uint64_t listened_ = 0;            // What comes later is heard.
  std::deque<StoredEvent> waiting_;  // Of the past.
  // The services and participants with events since figures were told.
  std::set<std::pair<std::string, std::string>> moved_;
  std::unique_ptr<PeriodStanding> standing_;  // Null until figures were told.
  std::map<std::string, std::string> told_;   // The figures of each indicator, as they were told last.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WATCH_H_
