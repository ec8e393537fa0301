// Which queries there are, and where each stands: derived from the findings of current revisions and from what was said
// about them, moved by each commit, rebuilt at start. What a query says is read from the store when somebody asks.
#ifndef QUARTERMASTER_SERVER_QUERY_INDEX_H_
#define QUARTERMASTER_SERVER_QUERY_INDEX_H_

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/query_service.pb.h"
#include "storage/store.h"

namespace quartermaster::server {

// The field or indicator that a finding is about: with its rule it names a query of a return.
const std::string& SubjectOf(const v1::Finding& finding);

// Where a query stands by what was said about its fingerprint: the last explanation, acceptance or return decides.
// `finding_index` is left open.
v1::QueryStanding StandingOf(const storage::v1::QueryRecord& record, const std::string& fingerprint);

// Thread-safe.
class QueryIndex {
 public:
  struct Entry {
    std::string rule_id;
    std::string subject;
    std::string fingerprint;
    v1::QueryState state;
  };

  // One query that was selected, as the place that it has: `number` counts the queries of its return from 0.
  struct Selected {
    storage::ReturnKey key;
    size_t number;
    Entry entry;
  };

  // Makes these the queries of the current revision of a return.
  void Put(const storage::ReturnKey& key, std::vector<Entry> entries);
  // Nothing happens where the query is not there or has another fingerprint by now.
  void SetState(const storage::QueryName& name, const std::string& fingerprint, v1::QueryState state);

  // Those of one return; none if it has no current revision.
  std::vector<Entry> Of(const storage::ReturnKey& key) const;

  // The queries that the request asks for, ordered by key and place, after the place `after`, at most `most`. With
  // `may_read`, those of participants for which it gives true; it must not come back here.
  std::vector<Selected> Select(const v1::ListQueriesRequest& request, const std::string& period,
                               const absl::optional<Selected>& after, size_t most,
                               const std::function<bool(const std::string& participant)>& may_read = nullptr) const;

 private:
  mutable std::mutex mutex_;
  std::map<storage::ReturnKey, std::vector<Entry>> queries_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_QUERY_INDEX_H_
