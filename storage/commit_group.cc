// The rules of storage/store.h for each kind of write. All checks come before the first Put of a write.
#include "storage/commit_group.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "storage/check.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

absl::Status CheckExpectedRevision(const ReturnKey& key, absl::optional<uint32_t> expected, uint32_t current) {
  if (!expected.has_value() || *expected == current) return absl::OkStatus();
  const std::string is = current == 0 ? "has no revision yet" : absl::StrCat("is at revision ", current);
  const std::string was = *expected == 0 ? "no revision" : absl::StrCat("revision ", *expected);
  return absl::AbortedError(absl::StrCat(Describe(key), " ", is, ", and ", was,
                                         " was expected. Nothing was stored; read it, then decide again."));
}

}  // namespace

CommitGroup::CommitGroup(const Database* database, uint64_t last_sequence, absl::Time now)
    : database_(database),
      sequence_before_(last_sequence),
      now_us_(absl::ToUnixMicros(now)),
      last_sequence_(last_sequence),
      // A key that is put twice is read as it was put last.
      batch_(rocksdb::BytewiseComparator(), /*reserved_bytes=*/0, /*overwrite_key=*/true),
      reader_(database, &batch_) {}

absl::StatusOr<SubmissionResult> CommitGroup::Decide(Submission submission) {
  const std::string content = submission.record.receipt().content_sha256();
  absl::StatusOr<absl::optional<StoredReturn>> repeated =
      reader_.FindRepeated(v1::RequestRecord::KIND_SUBMISSION, submission.request_id, submission.key, content);
  if (!repeated.ok()) return repeated.status();
  if (repeated->has_value()) return SubmissionResult{**std::move(repeated), /*repeated=*/true};

  const absl::StatusOr<uint32_t> current = reader_.FindLatestRevision(submission.key);
  if (!current.ok()) return current.status();
  absl::Status expected = CheckExpectedRevision(submission.key, submission.expected_revision, *current);
  if (!expected.ok()) return expected;
  if (*current == std::numeric_limits<uint32_t>::max()) {
    return absl::FailedPreconditionError(absl::StrCat(Describe(submission.key), " has all the revisions it can have"));
  }

  const RevisionKey key = {submission.key, *current + 1};
  quartermaster::v1::Receipt& receipt = *submission.record.mutable_receipt();
  receipt.set_revision(key.revision);
  receipt.set_sequence(++last_sequence_);
  *receipt.mutable_commit_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now_us_);
  Put(Family::kReturns, key.Encode(), Serialize(key, submission.record));
  PutRequest(v1::RequestRecord::KIND_SUBMISSION, submission.request_id, key, content);
  return SubmissionResult{{std::move(submission.key), std::move(submission.record), absl::nullopt}, false};
}

absl::StatusOr<WithdrawalResult> CommitGroup::Decide(WithdrawalRequest request) {
  absl::StatusOr<absl::optional<StoredReturn>> repeated =
      reader_.FindRepeated(v1::RequestRecord::KIND_WITHDRAWAL, request.request_id, request.key, request.reason);
  if (!repeated.ok()) return repeated.status();
  if (repeated->has_value()) return WithdrawalResult{**std::move(repeated), /*repeated=*/true};

  const absl::StatusOr<uint32_t> current = reader_.FindLatestRevision(request.key);
  if (!current.ok()) return current.status();
  if (*current == 0) return absl::NotFoundError(absl::StrCat("there is no return ", Describe(request.key)));
  absl::Status expected = CheckExpectedRevision(request.key, request.expected_revision, *current);
  if (!expected.ok()) return expected;
  const RevisionKey key = {request.key, *current};
  absl::StatusOr<absl::optional<StoredReturn>> stored = reader_.FindReturn(key);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return absl::DataLossError(absl::StrCat(Describe(key), " is listed but not there"));
  WithdrawalResult result = {**std::move(stored), false};
  if (result.stored.withdrawal.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(Describe(key), " is withdrawn already"));
  }

  v1::WithdrawalRecord& withdrawal = result.stored.withdrawal.emplace();
  withdrawal.set_revision(key.revision);
  withdrawal.set_commit_time_us(now_us_);
  withdrawal.set_submitter(std::move(request.submitter));
  withdrawal.set_reason(request.reason);
  withdrawal.set_sequence(++last_sequence_);
  Put(Family::kWithdrawals, key.Encode(), Serialize(key, withdrawal));
  PutRequest(v1::RequestRecord::KIND_WITHDRAWAL, request.request_id, key, request.reason);
  return result;
}

absl::StatusOr<uint64_t> CommitGroup::Decide(CatalogueChange change) {
  ++last_sequence_;
  for (v1::CollectionRecord& record : change.collections) {
    record.set_sequence(last_sequence_);
    if (record.publish_time_us() == 0) record.set_publish_time_us(now_us_);
    const CollectionKey key = KeyOf(record);
    Put(Family::kCatalogue, key.Encode(), Serialize(key, record));
  }
  for (v1::ParticipantRecord& record : change.participants) {
    record.set_sequence(last_sequence_);
    const ParticipantKey key = KeyOf(record);
    Put(Family::kCatalogue, key.Encode(), Serialize(key, record));
  }
  for (v1::PopulationRecord& record : change.populations) {
    record.set_sequence(last_sequence_);
    const PopulationKey key = KeyOf(record);
    Put(Family::kCatalogue, key.Encode(), Serialize(key, record));
  }
  return last_sequence_;
}

absl::Status CommitGroup::Write() {
  Check(stores_anything(), "a group is written only if it stores something");
  v1::CommitRecord commit;
  commit.set_sequence(last_sequence_);
  Put(Family::kMeta, kCommitRecordKey, Serialize(commit));
  return FromRocksDb(database_->db()->Write(SyncedWriteOptions(), batch_.GetWriteBatch()), "writing a commit group");
}

void CommitGroup::Put(Family family, const std::string& key, const std::string& value) {
  Check(batch_.Put(database_->family(family), key, value).ok(), "a batch in memory takes every record");
}

void CommitGroup::PutRequest(v1::RequestRecord::Kind kind, const std::string& request_id, const RevisionKey& key,
                             const std::string& content) {
  if (request_id.empty()) return;
  v1::RequestRecord request;
  request.set_kind(kind);
  request.set_collection(key.return_key.collection);
  request.set_service(key.return_key.service);
  request.set_participant(key.return_key.participant);
  request.set_period(key.return_key.period);
  request.set_revision(key.revision);
  request.set_content(content);
  Put(Family::kRequests, request_id, Serialize(request));
}

}  // namespace quartermaster::storage
