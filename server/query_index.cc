#include "server/query_index.h"

#include <algorithm>
#include <utility>

namespace quartermaster::server {
namespace {

bool Matches(const storage::ReturnKey& key, const v1::ListQueriesRequest& request, const std::string& period) {
  return (request.service().empty() || request.service() == key.service) &&
         (request.participant().empty() || request.participant() == key.participant) &&
         (period.empty() || period == key.period);
}

bool Matches(const QueryIndex::Entry& entry, const v1::ListQueriesRequest& request) {
  const auto& states = request.states();
  return (request.rule_id().empty() || request.rule_id() == entry.rule_id) &&
         (states.empty() || std::find(states.begin(), states.end(), entry.state) != states.end());
}

}  // namespace

const std::string& SubjectOf(const v1::Finding& finding) {
  return finding.indicator().empty() ? finding.field() : finding.indicator();
}

v1::QueryStanding StandingOf(const storage::v1::QueryRecord& record, const std::string& fingerprint) {
  v1::QueryStanding standing;
  standing.set_state(v1::QUERY_STATE_OPEN);
  for (const v1::QueryEvent& event : record.events()) {
    if (event.fingerprint() != fingerprint) {
      if (event.kind() == v1::QueryEvent::KIND_EXPLAINED) *standing.mutable_lapsed_explanation() = event;
      continue;
    }
    switch (event.kind()) {
      case v1::QueryEvent::KIND_EXPLAINED:
        // One that crossed the acceptance on its way does not open the query again.
        if (standing.state() == v1::QUERY_STATE_ACCEPTED) break;
        standing.set_state(v1::QUERY_STATE_EXPLAINED);
        *standing.mutable_explanation() = event;
        break;
      case v1::QueryEvent::KIND_ACCEPTED:
        standing.set_state(v1::QUERY_STATE_ACCEPTED);
        *standing.mutable_review() = event;
        break;
      case v1::QueryEvent::KIND_RETURNED:
        standing.set_state(v1::QUERY_STATE_RETURNED);
        *standing.mutable_review() = event;
        break;
      default:
        break;
    }
  }
  if (standing.state() != v1::QUERY_STATE_OPEN) standing.clear_lapsed_explanation();
  return standing;
}

void QueryIndex::Put(const storage::ReturnKey& key, std::vector<Entry> entries) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (entries.empty()) {
    queries_.erase(key);
  } else {
    queries_[key] = std::move(entries);
  }
}

void QueryIndex::SetState(const storage::QueryName& name, const std::string& fingerprint, v1::QueryState state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = queries_.find(name.return_key);
  if (found == queries_.end()) return;
  for (Entry& entry : found->second) {
    if (entry.rule_id == name.rule_id && entry.subject == name.subject && entry.fingerprint == fingerprint) {
      entry.state = state;
    }
  }
}

std::vector<QueryIndex::Entry> QueryIndex::Of(const storage::ReturnKey& key) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = queries_.find(key);
  return found == queries_.end() ? std::vector<Entry>() : found->second;
}

std::vector<QueryIndex::Selected> QueryIndex::Select(const v1::ListQueriesRequest& request, const std::string& period,
                                                     const absl::optional<Selected>& after, size_t most,
                                                     const std::function<bool(const std::string&)>& may_read) const {
  std::vector<Selected> selected;
  const std::lock_guard<std::mutex> lock(mutex_);
  const storage::ReturnKey first = after ? after->key : storage::ReturnKey{request.collection(), "", "", ""};
  for (auto it = queries_.lower_bound(first); it != queries_.end(); ++it) {
    const auto& [key, entries] = *it;
    if (key.collection != request.collection()) break;
    if (!Matches(key, request, period)) continue;
    if (may_read && !may_read(key.participant)) continue;
    for (size_t number = after && key == after->key ? after->number + 1 : 0; number < entries.size(); ++number) {
      if (!Matches(entries[number], request)) continue;
      if (selected.size() == most) return selected;
      selected.push_back({key, number, entries[number]});
    }
  }
  return selected;
}

}  // namespace quartermaster::server
