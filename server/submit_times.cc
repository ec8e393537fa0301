#include "server/submit_times.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"

namespace quartermaster::server {

// One question, with the first error that it meets.
class SubmitTimes::Search {
 public:
  Search(const SubmitTimes& times, const CollectionSchema& schema, const std::string& service,
         const Succession& succession)
      : times_(times), schema_(schema), service_(service), succession_(succession) {}

  absl::optional<absl::Time> Completion(const std::string& participant, const Period& period, int depth) {
    absl::optional<absl::Time> earliest = First(participant, period);
    const absl::optional<absl::Time> by_parts = OfParts(participant, period, depth);
    if (by_parts && (!earliest || *by_parts < *earliest)) earliest = by_parts;
    return earliest ? earliest : OfPredecessors(participant, period, depth);
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::optional<absl::Time> First(const std::string& participant, const Period& period) {
    if (!schema_.takes(period.kind()) || !status_.ok()) return absl::nullopt;
    const auto time = times_.FirstTime({schema_.id(), service_, participant, period.ToString()});
    if (time.ok()) return *time;
    status_ = time.status();
    return absl::nullopt;
  }

  absl::optional<absl::Time> OfParts(const std::string& participant, const Period& period, int depth) {
    absl::optional<absl::Time> latest;
    for (const Period& part : period.Parts()) {
      const absl::optional<absl::Time> time = Completion(participant, part, depth);
      if (!time) return absl::nullopt;
      latest = std::max(*time, latest.value_or(*time));
    }
    return latest;
  }

  absl::optional<absl::Time> OfPredecessors(const std::string& participant, const Period& period, int depth) {
    absl::optional<absl::Time> latest;
    if (depth == Succession::kMaxDepth) return latest;
    for (const std::string& predecessor : succession_.PredecessorsOf(participant)) {
      if (!Succession::IsBefore(period, *succession_.SuccessorOf(predecessor))) continue;
      const absl::optional<absl::Time> time = Completion(predecessor, period, depth + 1);
      if (time) latest = std::max(*time, latest.value_or(*time));
    }
    return latest;
  }

  const SubmitTimes& times_;
  const CollectionSchema& schema_;
  const std::string& service_;
  const Succession& succession_;
  absl::Status status_;
};

absl::StatusOr<absl::optional<absl::Time>> SubmitTimes::CompletionOf(const CollectionSchema& schema,
                                                                     const std::string& service,
                                                                     const std::string& participant,
                                                                     const Period& period,
                                                                     const Succession& succession) const {
  Search search(*this, schema, service, succession);
  const absl::optional<absl::Time> completion = search.Completion(participant, period, 0);
  if (!search.status().ok()) return search.status();
  return completion;
}

absl::StatusOr<absl::optional<absl::Time>> SubmitTimes::FirstTime(const storage::ReturnKey& key) const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end()) return absl::optional<absl::Time>(found->second);
  }
  const absl::StatusOr<storage::StoredReturn> first = store_->GetReturn(key, 1);
  if (absl::IsNotFound(first.status())) return absl::optional<absl::Time>();
  if (!first.ok()) return first.status();
  const absl::Time time = absl::FromUnixMicros(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(first->record.receipt().commit_time()));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.emplace(key, time);
  return absl::optional<absl::Time>(time);
}

}  // namespace quartermaster::server
