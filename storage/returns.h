// Returns, and what is done to them and said about them, as storage/store.h takes and gives it.
#ifndef QUARTERMASTER_STORAGE_RETURNS_H_
#define QUARTERMASTER_STORAGE_RETURNS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::storage {

// Names one return. The parts are opaque here: any bytes, compared as bytes. `period` is the canonical text.
struct ReturnKey {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  friend bool operator==(const ReturnKey&, const ReturnKey&) = default;
  friend auto operator<=>(const ReturnKey&, const ReturnKey&) = default;
};

// Names one query of a return, over all its revisions. These parts are opaque too; `subject` may be empty.
struct QueryName {
  ReturnKey return_key;
  std::string rule_id;
  std::string subject;
  friend bool operator==(const QueryName&, const QueryName&) = default;
  friend auto operator<=>(const QueryName&, const QueryName&) = default;
};

// So much can be said about a query. Its record is written whole with each event and must stay small: with texts of a
// thousand characters this stays under a MB, and no talk is as long.
inline constexpr size_t kMaxQueryEvents = 200;

// One accepted revision, and its withdrawal if there was one.
struct StoredReturn {
  ReturnKey key;
  v1::ReturnRecord record;
  absl::optional<v1::WithdrawalRecord> withdrawal;
};

// An event of a query of the return that it comes with. Revision, commit_time and sequence are assigned.
struct NewQueryEvent {
  std::string rule_id;
  std::string subject;
  quartermaster::v1::QueryEvent event;
};

// A judged return that is to become the next revision.
struct Submission {
  ReturnKey key;
  // Complete but for receipt.revision, receipt.commit_time and receipt.sequence, which the store assigns.
  v1::ReturnRecord record;
  // 16 bytes, or empty.
  std::string request_id;
  // The revision that the sender takes for current, 0 for none; a withdrawn revision is current in this sense.
  absl::optional<uint32_t> expected_revision;
  // Stored with the return, or not at all. At most one for each query.
  std::vector<NewQueryEvent> query_events;
  // The members of its line in the audit (storage/audit_line.h), in the same commit. Empty: none is written.
  std::string audit;
};

struct SubmissionResult {
  StoredReturn stored;
  // The request id had stored just this before; nothing was written now.
  bool repeated = false;
};

// Takes the latest revision of a return out of every figure.
struct WithdrawalRequest {
  ReturnKey key;
  std::string submitter;
  std::string reason;
  // 16 bytes, or empty.
  std::string request_id;
  absl::optional<uint32_t> expected_revision;
  // As of a submission.
  std::string audit;
};

struct WithdrawalResult {
  // The revision with its withdrawal.
  StoredReturn stored;
  bool repeated = false;
};

// Adds what was said about a query of the latest revision of a return. Revision, commit_time and sequence are assigned.
struct QueryChange {
  QueryName name;
  quartermaster::v1::QueryEvent event;
  // Of the return, as in a submission.
  uint32_t expected_revision = 0;
  // So many events were there when the sender looked.
  size_t expected_events = 0;
  // As of a submission.
  std::string audit = {};
};

struct QueryChangeResult {
  // With the event.
  v1::QueryRecord record;
  // The last event says just this already, of the same revision; nothing was written now.
  bool repeated = false;
};

// Which returns a scan visits. Empty means all.
struct ReturnFilter {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  // Superseded revisions too; else the latest of each return, withdrawn or not.
  bool all_revisions = false;
  // The scan starts after this revision of this return; without all_revisions, after all of this return.
  absl::optional<ReturnKey> after;
  uint32_t after_revision = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RETURNS_H_
