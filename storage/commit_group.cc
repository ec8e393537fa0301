// The rules of storage/store.h for each kind of write. All checks come before the first Put of a write.
#include "storage/commit_group.h"

#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "storage/audit_scan.h"
#include "storage/check.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

google::protobuf::Timestamp Time(int64_t us) { return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(us); }

absl::Status CheckExpectedRevision(const ReturnKey& key, absl::optional<uint32_t> expected, uint32_t current) {
  if (!expected.has_value() || *expected == current) return absl::OkStatus();
  const std::string is = current == 0 ? "has no revision yet" : absl::StrCat("is at revision ", current);
  const std::string was = *expected == 0 ? "no revision" : absl::StrCat("revision ", *expected);
  return absl::AbortedError(absl::StrCat(Describe(key), " ", is, ", and ", was,
                                         " was expected. Nothing was stored; read it, then decide again."));
}

std::string EventsText(size_t count) {
  return count == 0 ? "no event" : count == 1 ? "1 event" : absl::StrCat(count, " events");
}

absl::Status CheckExpectedEvents(const QueryName& name, size_t expected, size_t current) {
  if (expected == current) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(Describe(name), " has ", EventsText(current), current == 0 ? " yet" : "",
                                         ", and ", EventsText(expected), expected > 1 ? " were" : " was",
                                         " expected. Nothing was stored; read it, then decide again."));
}

absl::Status CheckHasRoom(const QueryName& name, const v1::QueryRecord& query) {
  if (static_cast<size_t>(query.events_size()) < kMaxQueryEvents) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Describe(name), " has all the ", kMaxQueryEvents, " events that it can have. Nothing was stored."));
}

bool Repeats(const QueryChange& change, const v1::QueryRecord& query) {
  if (query.events().empty()) return false;
  const quartermaster::v1::QueryEvent& last = *query.events().rbegin();
  const quartermaster::v1::QueryEvent& event = change.event;
  return last.revision() == change.expected_revision && last.kind() == event.kind() &&
         last.reason() == event.reason() && last.text() == event.text() && last.author() == event.author() &&
         last.fingerprint() == event.fingerprint();
}

// What a commit gives a record of the catalogue beside its number: nothing, but where one is here.
template <typename Record>
void AssignRest(uint64_t, int64_t, Record&) {}

void AssignRest(uint64_t, int64_t now_us, v1::CollectionRecord& record) {
  if (record.publish_time_us() == 0) record.set_publish_time_us(now_us);
}

template <typename Grant>
void AssignToGrant(uint64_t sequence, int64_t now_us, Grant& grant) {
  if (grant.id() == 0) grant.set_id(sequence);
  if (!grant.has_grant_time()) *grant.mutable_grant_time() = Time(now_us);
  if (!grant.ended_by().empty() && !grant.has_end_time()) *grant.mutable_end_time() = Time(now_us);
}

void AssignRest(uint64_t sequence, int64_t now_us, v1::StandingExceptionRecord& record) {
  AssignToGrant(sequence, now_us, *record.mutable_exception());
}

void AssignRest(uint64_t sequence, int64_t now_us, v1::WindowGrantRecord& record) {
  AssignToGrant(sequence, now_us, *record.mutable_grant());
}

// As to a grant; but its fields have other names.
void AssignRest(uint64_t sequence, int64_t now_us, v1::TokenRecord& record) {
  quartermaster::v1::Token& token = *record.mutable_token();
  if (token.id() == 0) token.set_id(sequence);
  if (!token.has_create_time()) *token.mutable_create_time() = Time(now_us);
  if (!token.revoked_by().empty() && !token.has_revoke_time()) *token.mutable_revoke_time() = Time(now_us);
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
  const absl::StatusOr<Queries> queries = WithEvents(key, std::move(submission.query_events));
  if (!queries.ok()) return queries.status();
  if (absl::Status found = FindAuditHead(submission.audit); !found.ok()) return found;
  quartermaster::v1::Receipt& receipt = *submission.record.mutable_receipt();
  receipt.set_revision(key.revision);
  receipt.set_sequence(++last_sequence_);
  *receipt.mutable_commit_time() = CommitTime();
  Put(Family::kReturns, key.Encode(), Serialize(key, submission.record));
  for (const auto& [query_key, query] : *queries) Put(Family::kQueries, query_key.Encode(), Serialize(query));
  PutRequest(v1::RequestRecord::KIND_SUBMISSION, submission.request_id, key, content);
  PutLine(submission.audit, {last_sequence_, key.revision});
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
  if (absl::Status found = FindAuditHead(request.audit); !found.ok()) return found;

  v1::WithdrawalRecord& withdrawal = result.stored.withdrawal.emplace();
  withdrawal.set_revision(key.revision);
  withdrawal.set_commit_time_us(now_us_);
  withdrawal.set_submitter(std::move(request.submitter));
  withdrawal.set_reason(request.reason);
  withdrawal.set_sequence(++last_sequence_);
  Put(Family::kWithdrawals, key.Encode(), Serialize(key, withdrawal));
  PutRequest(v1::RequestRecord::KIND_WITHDRAWAL, request.request_id, key, request.reason);
  PutLine(request.audit, {last_sequence_, key.revision});
  return result;
}

absl::StatusOr<CommitGroup::Queries> CommitGroup::WithEvents(const RevisionKey& key,
                                                             std::vector<NewQueryEvent> events) const {
  Queries queries;
  for (NewQueryEvent& added : events) {
    QueryName name = {key.return_key, std::move(added.rule_id), std::move(added.subject)};
    absl::StatusOr<v1::QueryRecord> query = reader_.FindQuery(name);
    if (!query.ok()) return query.status();
    absl::Status has_room = CheckHasRoom(name, *query);
    if (!has_room.ok()) return has_room;
    Append(key.revision, std::move(added.event), *query);
    queries.emplace_back(QueryKey{std::move(name)}, *std::move(query));
  }
  return queries;
}

void CommitGroup::Append(uint32_t revision, quartermaster::v1::QueryEvent event, v1::QueryRecord& query) const {
  event.set_revision(revision);
  event.set_sequence(last_sequence_ + 1);
  *event.mutable_commit_time() = CommitTime();
  *query.add_events() = std::move(event);
}

absl::StatusOr<QueryChangeResult> CommitGroup::Decide(QueryChange change) {
  const ReturnKey& return_key = change.name.return_key;
  const absl::StatusOr<uint32_t> current = reader_.FindLatestRevision(return_key);
  if (!current.ok()) return current.status();
  if (*current == 0) return absl::NotFoundError(absl::StrCat("there is no return ", Describe(return_key)));
  const RevisionKey latest = {return_key, *current};
  const absl::StatusOr<absl::optional<v1::WithdrawalRecord>> withdrawal = reader_.FindWithdrawal(latest);
  if (!withdrawal.ok()) return withdrawal.status();
  if (withdrawal->has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(Describe(latest), " is withdrawn; it has no queries"));
  }
  absl::StatusOr<v1::QueryRecord> query = reader_.FindQuery(change.name);
  if (!query.ok()) return query.status();
  if (Repeats(change, *query)) return QueryChangeResult{*std::move(query), /*repeated=*/true};

  absl::Status checked = CheckExpectedRevision(return_key, change.expected_revision, *current);
  if (checked.ok()) {
    checked = CheckExpectedEvents(change.name, change.expected_events, static_cast<size_t>(query->events_size()));
  }
  if (checked.ok()) checked = CheckHasRoom(change.name, *query);
  if (checked.ok()) checked = FindAuditHead(change.audit);
  if (!checked.ok()) return checked;
  Append(change.expected_revision, std::move(change.event), *query);
  ++last_sequence_;
  Put(Family::kQueries, QueryKey{change.name}.Encode(), Serialize(*query));
  PutLine(change.audit, {last_sequence_, change.expected_revision});
  return QueryChangeResult{*std::move(query), false};
}

template <typename Record>
absl::Status CommitGroup::CheckGrants(const std::vector<Record>& records) const {
  for (const Record& record : records) {
    const auto key = KeyOf(record);
    if (key.id == 0) continue;
    const absl::StatusOr<bool> found = reader_.Has(key);
    if (!found.ok()) return found.status();
    if (!*found) return absl::NotFoundError(absl::StrCat("there is no ", Describe(key)));
  }
  return absl::OkStatus();
}

absl::Status CommitGroup::CheckNumber(const v1::ReleaseRecord& record) const {
  const ReleaseKey key = KeyOf(record);
  const absl::StatusOr<uint32_t> latest = reader_.FindLatestRelease(key.collection, key.period);
  if (!latest.ok()) return latest.status();
  const uint64_t next = uint64_t{*latest} + 1;
  if (key.number == next) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(Describe(key), " cannot be stored: the next one is number ", next,
                                         ". Nothing was stored; read what is there, then decide again."));
}

template <typename Record>
void CommitGroup::PutInCatalogue(std::vector<Record>& records) {
  for (Record& record : records) {
    record.set_sequence(last_sequence_);
    AssignRest(last_sequence_, now_us_, record);
    const auto key = KeyOf(record);
    Put(Family::kCatalogue, key.Encode(), Serialize(key, record));
  }
}

void CommitGroup::PutRelease(NewRelease& release) {
  release.record.set_sequence(last_sequence_);
  release.record.set_parts(static_cast<uint32_t>(release.parts.size()));
  if (!release.record.release().has_publish_time()) {
    *release.record.mutable_release()->mutable_publish_time() = CommitTime();
  }
  const ReleaseKey key = KeyOf(release.record);
  Put(Family::kReleases, key.Encode(), Serialize(key, release.record));
  ReleasePartKey part_key = {key, 0};
  for (std::string& content : release.parts) {
    v1::ReleasePartRecord part;
    part.set_content(std::move(content));
    Put(Family::kReleases, part_key.Encode(), Serialize(part_key, part));
    ++part_key.part;
  }
}

absl::StatusOr<uint64_t> CommitGroup::Decide(CatalogueChange change) {
  absl::Status checked = CheckGrants(change.exceptions);
  if (checked.ok()) checked = CheckGrants(change.window_grants);
  if (checked.ok()) checked = CheckGrants(change.tokens);
  for (const NewRelease& release : change.releases) {
    if (checked.ok()) checked = CheckNumber(release.record);
  }
  if (checked.ok()) checked = FindAuditHead(change.audit);
  if (!checked.ok()) return checked;
  ++last_sequence_;
  PutInCatalogue(change.collections);
  PutInCatalogue(change.participants);
  PutInCatalogue(change.populations);
  PutInCatalogue(change.exceptions);
  PutInCatalogue(change.enrolments);
  PutInCatalogue(change.window_grants);
  PutInCatalogue(change.tokens);
  PutInCatalogue(change.shown);
  for (NewRelease& release : change.releases) PutRelease(release);
  PutLine(change.audit, {last_sequence_, 0});
  return last_sequence_;
}

absl::StatusOr<uint64_t> CommitGroup::Decide(AuditLines lines) {
  for (const std::string& members : lines.members) {
    if (absl::Status found = FindAuditHead(members); !found.ok()) return found;
    PutLine(members, {});
  }
  return audit_head_->number;
}

absl::Status CommitGroup::FindAuditHead(const std::string& members) {
  if (members.empty() || audit_head_.has_value()) return absl::OkStatus();
  absl::StatusOr<AuditHead> found = ReadAuditHead(*database_);
  if (found.ok()) audit_head_ = *std::move(found);
  return found.status();
}

void CommitGroup::PutLine(const std::string& members, const AuditedCommit& commit) {
  if (members.empty()) return;
  const std::string line = MakeAuditLine(*audit_head_, now_us_, commit, members);
  audit_head_ = {audit_head_->number + 1, HashAuditLine(line)};
  has_lines_ = true;
  Put(Family::kAudit, AuditKey{audit_head_->number}.Encode(), line);
}

absl::Status CommitGroup::Write() {
  Check(stores_anything(), "a group is written only if it stores something");
  v1::CommitRecord commit;
  commit.set_sequence(last_sequence_);
  Put(Family::kMeta, kCommitRecordKey, Serialize(commit));
  if (has_lines_) {
    v1::AuditRecord audit;
    audit.set_lines(audit_head_->number);
    audit.set_last_sha256(absl::HexStringToBytes(audit_head_->sha256));
    Put(Family::kMeta, kAuditRecordKey, Serialize(audit));
  }
  return FromRocksDb(database_->db()->Write(SyncedWriteOptions(), batch_.GetWriteBatch()), "writing a commit group");
}

google::protobuf::Timestamp CommitGroup::CommitTime() const { return Time(now_us_); }

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
