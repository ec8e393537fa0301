// Decides writes one after the other and gathers what they store into one batch.
//
// Each is decided as if those before it were committed. The group is written whole or not at all, so a decision that
// saw nothing of the group holds whatever becomes of the batch; the others hold only if it is written.
#ifndef QUARTERMASTER_STORAGE_COMMIT_GROUP_H_
#define QUARTERMASTER_STORAGE_COMMIT_GROUP_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/timestamp.pb.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "storage/record_reader.h"
#include "storage/rocksdb_database.h"
#include "storage/store.h"

namespace quartermaster::storage {

// Used by one thread. At most one group of a database exists at a time.
class CommitGroup {
 public:
  // `last_sequence` is that of the last commit before; `now` becomes the commit time of all in the group.
  CommitGroup(const Database* database, uint64_t last_sequence, absl::Time now);

  // Each gives what its `done` is to get once the group is written. An error adds nothing to the group.
  // A submission has at most one event for each query.
  absl::StatusOr<SubmissionResult> Decide(Submission submission);
  absl::StatusOr<WithdrawalResult> Decide(WithdrawalRequest request);
  absl::StatusOr<QueryChangeResult> Decide(QueryChange change);
  // At most one standing exception, one window grant and one token are without an id, and at most one release is there.
  absl::StatusOr<uint64_t> Decide(CatalogueChange change);
  // The number of the last line.
  absl::StatusOr<uint64_t> Decide(AuditLines lines);

  bool stores_anything() const { return last_sequence_ != sequence_before_ || has_lines_; }
  // Of the last write that stores something.
  uint64_t last_sequence() const { return last_sequence_; }

  // Writes the batch. It is durable when this returns OK; else nobody knows.
  absl::Status Write();

 private:
  using Queries = std::vector<std::pair<QueryKey, v1::QueryRecord>>;
  // What the queries of a return hold once these events are added, in the commit that is next. Puts nothing.
  absl::StatusOr<Queries> WithEvents(const RevisionKey& key, std::vector<NewQueryEvent> events) const;
  // Adds the event to its query, in the commit that is next.
  void Append(uint32_t revision, quartermaster::v1::QueryEvent event, v1::QueryRecord& query) const;
  // That those with an id are there: an id is the number of the commit that made it and cannot come from elsewhere.
  template <typename Record>
  absl::Status CheckGrants(const std::vector<Record>& records) const;
  // That the number of the release is the next one.
  absl::Status CheckNumber(const v1::ReleaseRecord& record) const;
  // In the commit that is the last one.
  template <typename Record>
  void PutInCatalogue(std::vector<Record>& records);
  void PutRelease(NewRelease& release);
  // Reads where the audit ends, unless nothing is to be added to it or that is known.
  absl::Status FindAuditHead(const std::string& members);
  // Adds a line, unless `members` is empty. Requires that FindAuditHead gave OK.
  void PutLine(const std::string& members, const AuditedCommit& commit);
  google::protobuf::Timestamp CommitTime() const;
  void Put(Family family, const std::string& key, const std::string& value);
  void PutRequest(v1::RequestRecord::Kind kind, const std::string& request_id, const RevisionKey& key,
                  const std::string& content);

  const Database* const database_;
  const uint64_t sequence_before_;
  // Of the commits, in whole microseconds.
  const int64_t now_us_;
  uint64_t last_sequence_;
  // Once it is needed, with the lines of this group.
  absl::optional<AuditHead> audit_head_;
  bool has_lines_ = false;
  rocksdb::WriteBatchWithIndex batch_;
  const RecordReader reader_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_COMMIT_GROUP_H_
