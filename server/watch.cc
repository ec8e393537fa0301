#include "server/watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/find_services.h"

namespace quartermaster::server {
namespace {

// A portion of the past: some megabytes. A quarter of a national collection fits, so that mostly one reading does.
constexpr size_t kPortionEvents = 10'000;

// Who may watch sees everybody.
bool IsWanted(const std::string&) { return true; }

bool IsEarlier(const StoredEvent& a, const StoredEvent& b) { return a.sequence < b.sequence; }

// The earliest of the events that are added, at most kPortionEvents.
class Portion {
 public:
  void Add(StoredEvent event) {
    events_.push_back(std::move(event));
    std::push_heap(events_.begin(), events_.end(), &IsEarlier);
    if (events_.size() <= kPortionEvents) return;
    is_whole_ = false;
    std::pop_heap(events_.begin(), events_.end(), &IsEarlier);  // The latest.
    events_.pop_back();
  }
  // Whether nothing was left out.
  bool is_whole() const { return is_whole_; }
  std::deque<StoredEvent> Take() {
    std::sort_heap(events_.begin(), events_.end(), &IsEarlier);
    return {std::make_move_iterator(events_.begin()), std::make_move_iterator(events_.end())};
  }

 private:
  std::vector<StoredEvent> events_;
  bool is_whole_ = true;
};

}  // namespace

Watch::Watch(const v1::WatchRequest& request, const Period& period, const storage::Store* store, const LiveState* state,
             const Progress* progress)
    : collection_(request.collection()),
      service_(request.service()),
      period_(period),
      store_(store),
      state_(state),
      progress_(progress),
      from_now_(!request.has_after_sequence()),
      step_(from_now_ ? Step::kJoin : Step::kReadPast),
      cursor_(request.after_sequence()) {
  for (const Period& part : period.WithParts()) periods_.insert(part.ToString());
}

absl::StatusOr<std::unique_ptr<Watch>> Watch::Open(const v1::WatchRequest& request, const storage::Store* store,
                                                   const LiveState* state, const Progress* progress, Watchers* watchers,
                                                   std::function<void()> wake) {
  const auto collection = state->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!period.ok()) return InvalidField("period", period.status().message());
  const auto services = FindServices(*(*collection)->schema, request.service());
  if (!services.ok()) return services.status();
  if (const uint64_t last = state->sequence(); request.after_sequence() > last) {
    return InvalidField("after_sequence", absl::StrCat("the last commit of this server is ", last,
                                                       ". The number must come from another server, or from before a "
                                                       "backup was restored: watch again from the beginning, 0."));
  }
  std::unique_ptr<Watch> watch(new Watch(request, *period, store, state, progress));
  auto watcher =
      watchers->Open([one = watch.get()](const storage::ReturnKey& key) { return one->BearsOn(key); }, std::move(wake));
  if (!watcher.ok()) return watcher.status();
  watch->watcher_ = *std::move(watcher);
  return watch;
}

bool Watch::BearsOn(const storage::ReturnKey& key) const {
  return key.collection == collection_ && (service_.empty() || key.service == service_) &&
         periods_.count(key.period) > 0;
}

absl::StatusOr<bool> Watch::ReadPortion(uint64_t until) {
  Portion portion;
  cursor_ = std::max(cursor_, read_to_);
  if (cursor_ < until) {
    storage::ReturnFilter filter;
    filter.collection = collection_;
    filter.service = service_;
    filter.all_revisions = true;
    const auto add = [&](StoredEvent event) {
      if (cursor_ < event.sequence && event.sequence <= until) portion.Add(std::move(event));
    };
    const absl::Status scanned = store_->ScanReturns(filter, [&](const storage::StoredReturn& stored) {
      if (!BearsOn(stored.key)) return true;
      add(AcceptanceOf(stored));
      if (stored.withdrawal) add(WithdrawalOf(stored));
      return watcher_->status().ok();
    });
    if (!scanned.ok()) return scanned;
  }
  waiting_ = portion.Take();
  if (portion.is_whole()) read_to_ = until;
  return portion.is_whole();
}

v1::WatchResponse Watch::Tell(const StoredEvent& event) {
  v1::WatchResponse response;
  response.set_sequence(event.sequence);
  v1::WatchedReturn& told = *response.mutable_stored_return();
  told.set_participant(event.key.participant);
  told.set_service(event.key.service);
  told.set_period(event.key.period);
  told.set_revision(event.revision);
  told.set_withdrawn(event.withdrawn);
  *told.mutable_commit_time() = event.commit_time;
  cursor_ = event.sequence;
  return response;
}

absl::StatusOr<absl::optional<v1::WatchResponse>> Watch::Next() {
  while (step_ != Step::kLive) {
    if (absl::Status status = watcher_->status(); absl::IsUnavailable(status)) return status;
    if (!waiting_.empty()) {
      const StoredEvent event = std::move(waiting_.front());
      waiting_.pop_front();
      return absl::optional<v1::WatchResponse>(Tell(event));
    }
    switch (step_) {
      case Step::kReadPast: {
        const absl::StatusOr<bool> whole = ReadPortion(state_->sequence());
        if (!whole.ok()) return whole.status();
        if (*whole) step_ = Step::kJoin;
        break;
      }
      case Step::kJoin:
        listened_ = watcher_->Listen();
        if (from_now_) cursor_ = listened_;
        step_ = Step::kReadRest;
        break;
      case Step::kReadRest: {
        const absl::StatusOr<bool> whole = ReadPortion(listened_);
        if (!whole.ok()) return whole.status();
        if (*whole) step_ = Step::kCatchUp;
        break;
      }
      case Step::kCatchUp: {
        step_ = Step::kLive;
        v1::WatchResponse response;
        cursor_ = std::max(cursor_, listened_);
        response.set_sequence(cursor_);
        response.mutable_caught_up();
        if (absl::Status status = AddFigures(&response); !status.ok()) return status;
        return absl::optional<v1::WatchResponse>(std::move(response));
      }
      case Step::kLive:
        break;
    }
  }
  return NextLive();
}

absl::StatusOr<absl::optional<v1::WatchResponse>> Watch::NextLive() {
  while (absl::optional<StoredEvent> event = watcher_->Take()) {
    if (event->sequence <= cursor_) continue;  // The watcher has it already.
    moved_.insert({event->key.service, event->key.participant});
    v1::WatchResponse response = Tell(*event);
    // With others behind it the figures are the last one's, so that a rush costs one computation.
    if (!watcher_->has_events()) {
      if (absl::Status status = AddFigures(&response); !status.ok()) return status;
    }
    return absl::optional<v1::WatchResponse>(std::move(response));
  }
  if (absl::Status status = watcher_->status(); !status.ok()) return status;
  return absl::optional<v1::WatchResponse>();
}

absl::Status Watch::ReadStanding(std::shared_ptr<const LiveCollection> collection,
                                 const std::vector<const ServiceSchema*>& services) {
  if (standing_ == nullptr || !standing_->IsCurrent()) {
    standing_ = progress_->Stand(std::move(collection), services, period_);
    return standing_->ReadAll(&IsWanted);
  }
  absl::Status status;
  for (const auto& [service, participant] : moved_) status.Update(standing_->Reread(service, participant, &IsWanted));
  return status;
}

absl::Status Watch::AddFigures(v1::WatchResponse* response) {
  const auto collection = state_->FindCollection(collection_);
  if (!collection.ok()) return collection.status();
  const auto services = FindServices(*(*collection)->schema, service_);
  if (!services.ok()) return services.status();
  if (absl::Status status = ReadStanding(*collection, *services); !status.ok()) return status;
  const absl::Time now = progress_->now();
  *response->mutable_completeness() = standing_->Sum(now, standing_->Lines(now, &IsWanted));

  std::vector<const ServiceSchema*> moved;
  for (const ServiceSchema* service : *services) {
    const auto first = moved_.lower_bound({service->id(), ""});
    const bool has_moved = first != moved_.end() && first->first == service->id();
    if (response->has_caught_up() || has_moved) moved.push_back(service);
  }
  moved_.clear();
  for (v1::NationalStatistics& statistics : (*collection)->national->Statistics(moved, period_, {})) {
    std::string& told =
        told_[absl::StrCat(statistics.service(), "/", statistics.indicator(), "/", statistics.category())];
    std::string figures = statistics.SerializeAsString();
    if (told == figures) continue;
    told = std::move(figures);
    *response->add_moved() = std::move(statistics);
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::server
