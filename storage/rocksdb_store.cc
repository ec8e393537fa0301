// Ties the parts together: writes are checked here and go to the committer, reads go straight to the database.
#include "storage/rocksdb_store.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/audit_line.h"
#include "storage/audit_scan.h"
#include "storage/backup_writer.h"
#include "storage/catalogue_check.h"
#include "storage/catalogue_scan.h"
#include "storage/committer.h"
#include "storage/keys.h"
#include "storage/query_scan.h"
#include "storage/queued_write.h"
#include "storage/record_reader.h"
#include "storage/records.h"
#include "storage/release_scan.h"
#include "storage/request_scan.h"
#include "storage/return_scan.h"
#include "storage/rocksdb_database.h"
#include "storage/store_moment.h"
#include "storage/table_check.h"

namespace quartermaster::storage {
namespace {

// A query's record is written whole with each event: half of what the longest can have, so that a group of them stays
// small.
constexpr size_t kRewrittenBytes = 400 << 10;

// As CheckReadsBack. An event without a kind is none.
absl::Status CheckEvent(const quartermaster::v1::QueryEvent& event, size_t& bytes) {
  bytes += kRewrittenBytes;
  if (event.kind() == quartermaster::v1::QueryEvent::KIND_UNSPECIFIED) {
    return absl::InvalidArgumentError("an event of a query has no kind");
  }
  return CheckReadsBack(event, "what is said about a query", bytes);
}

absl::Status CheckEvents(const std::vector<NewQueryEvent>& events, size_t& bytes) {
  absl::Status checked;
  std::set<std::pair<absl::string_view, absl::string_view>> queries;
  for (const NewQueryEvent& added : events) {
    checked.Update(CheckEvent(added.event, bytes));
    // The events of a query have different sequence numbers.
    if (!queries.emplace(added.rule_id, added.subject).second) {
      checked.Update(absl::InvalidArgumentError("a submission holds two events of one query; it may hold one"));
    }
  }
  return checked;
}

// The line that a write brings, if it brings one.
absl::Status CheckLine(const std::string& members, size_t& bytes) {
  if (members.empty()) return absl::OkStatus();
  bytes += members.size() + kAuditFrameBytes;
  return CheckAuditMembers(members);
}

absl::Status CheckLines(const AuditLines& lines, size_t& bytes) {
  if (lines.members.empty() || lines.members.size() > kMaxAuditLines) {
    return absl::InvalidArgumentError(
        absl::StrCat(lines.members.size(), " lines for the audit; there may be 1 to ", kMaxAuditLines));
  }
  absl::Status checked;
  for (const std::string& members : lines.members) {
    bytes += members.size() + kAuditFrameBytes;
    checked.Update(CheckAuditMembers(members));
  }
  return checked;
}

class RocksDbStore final : public Store {
 public:
  RocksDbStore(std::unique_ptr<Database> database, const RocksDbStoreOptions& options)
      : database_(std::move(database)),
        reader_(database_.get()),
        backup_writer_(database_.get()),
        committer_(database_.get(), options) {}

  void Submit(Submission submission, Follow<SubmissionResult> follow, Done<SubmissionResult> done,
              CommitOn commit_on) override {
    size_t bytes = 0;
    absl::Status checked = CheckReadsBack(submission.record, "the return", bytes);
    checked.Update(CheckEvents(submission.query_events, bytes));
    checked.Update(CheckLine(submission.audit, bytes));
    if (!submission.request_id.empty() && submission.record.receipt().content_sha256().empty()) {
      checked.Update(absl::InvalidArgumentError("a submission with a request id needs the SHA-256 of its content"));
    }
    committer_.Enqueue(std::make_unique<TypedWrite<Submission, SubmissionResult>>(
                           std::move(submission), std::move(follow), std::move(done), std::move(checked), bytes),
                       commit_on);
  }

  absl::StatusOr<absl::optional<StoredReturn>> FindSubmission(const std::string& request_id, const ReturnKey& key,
                                                              const std::string& content_sha256) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    absl::StatusOr<absl::optional<StoredReturn>> found =
        reader_.FindRepeated(v1::RequestRecord::KIND_SUBMISSION, request_id, key, content_sha256);
    // Asked after reading: a batch can be read before its mark is written, and the mark may fail.
    absl::Status failure = committer_.failure();
    if (!failure.ok()) return failure;
    if (found.ok() && found->has_value() && (*found)->record.receipt().sequence() > committer_.last_sequence()) {
      return absl::nullopt;
    }
    return found;
  }

  absl::StatusOr<bool> HasWithdrawn(const std::string& request_id, const ReturnKey& key,
                                    const std::string& reason) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    const absl::StatusOr<absl::optional<StoredReturn>> found =
        reader_.FindRepeated(v1::RequestRecord::KIND_WITHDRAWAL, request_id, key, reason);
    // Asked after reading, as above.
    absl::Status failure = committer_.failure();
    if (!failure.ok()) return failure;
    if (!found.ok()) return found.status();
    return found->has_value();
  }

  void Withdraw(WithdrawalRequest request, Follow<WithdrawalResult> follow, Done<WithdrawalResult> done) override {
    v1::WithdrawalRecord texts;
    texts.set_submitter(request.submitter);
    texts.set_reason(request.reason);
    size_t bytes = 0;
    absl::Status checked = CheckReadsBack(texts, "the withdrawal", bytes);
    checked.Update(CheckLine(request.audit, bytes));
    committer_.Enqueue(std::make_unique<TypedWrite<WithdrawalRequest, WithdrawalResult>>(
        std::move(request), std::move(follow), std::move(done), std::move(checked), bytes));
  }

  void ChangeQuery(QueryChange change, Follow<QueryChangeResult> follow, Done<QueryChangeResult> done) override {
    size_t bytes = 0;
    absl::Status checked = CheckEvent(change.event, bytes);
    checked.Update(CheckLine(change.audit, bytes));
    committer_.Enqueue(std::make_unique<TypedWrite<QueryChange, QueryChangeResult>>(
        std::move(change), std::move(follow), std::move(done), std::move(checked), bytes));
  }

  void ChangeCatalogue(CatalogueChange change, Follow<uint64_t> follow, Done<uint64_t> done) override {
    size_t bytes = 0;
    absl::Status checked = CheckChange(change, bytes);
    checked.Update(CheckLine(change.audit, bytes));
    committer_.Enqueue(std::make_unique<TypedWrite<CatalogueChange, uint64_t>>(
        std::move(change), std::move(follow), std::move(done), std::move(checked), bytes));
  }

  absl::StatusOr<StoredReturn> GetReturn(const ReturnKey& key, absl::optional<uint32_t> revision) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return reader_.GetReturn(key, revision);
  }

  absl::Status ScanReturns(const ReturnFilter& filter, absl::FunctionRef<bool(StoredReturn&)> visit) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ScanReturns(*database_, /*moment=*/nullptr, filter, visit);
  }

  absl::StatusOr<v1::QueryRecord> GetQuery(const QueryName& name) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return reader_.FindQuery(name);
  }

  absl::Status ScanQueries(
      const std::string& collection,
      absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ScanQueries(*database_, /*moment=*/nullptr, collection, visit);
  }

  absl::Status ScanRequests(
      absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ScanRequests(*database_, /*moment=*/nullptr, visit);
  }

  absl::StatusOr<Catalogue> ReadCatalogue() const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ReadCatalogue(*database_, /*moment=*/nullptr);
  }

  absl::Status ReadRelease(const std::string& collection, const std::string& period, uint32_t number,
                           absl::FunctionRef<bool(std::string part)> visit) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ReadRelease(*database_, {collection, period, number}, visit);
  }

  void Audit(AuditLines lines, Done<uint64_t> done) override {
    size_t bytes = 0;
    absl::Status checked = CheckLines(lines, bytes);
    committer_.Enqueue(std::make_unique<TypedWrite<AuditLines, uint64_t>>(std::move(lines), /*follow=*/nullptr,
                                                                          std::move(done), std::move(checked), bytes));
  }

  absl::Status ScanAudit(uint64_t from_number,
                         absl::FunctionRef<bool(uint64_t number, absl::string_view line)> visit) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ScanAudit(*database_, from_number, visit);
  }

  absl::StatusOr<AuditHead> ReadAuditHead() const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return storage::ReadAuditHead(*database_);
  }

  uint64_t last_sequence() const override { return committer_.last_sequence(); }

  absl::Status StartUpkeep() override { return database_->StartCompaction(); }

  absl::Status writes() const override { return committer_.refusal(); }

  absl::StatusOr<Backup> CreateBackup(const BackupOptions& options) override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return backup_writer_.Create(committer_.last_sequence(), options);
  }

  absl::Status VerifyChecksums(absl::FunctionRef<bool()> is_cancelled) const override {
    const auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return CheckTables(*database_, is_cancelled);
  }

  void BetweenCommits(absl::FunctionRef<void()> meanwhile) override { committer_.BetweenGroups(meanwhile); }

  absl::StatusOr<std::unique_ptr<const StoreReader>> AtThisMoment() const override {
    auto reading = database_->BeginReading();
    if (!reading.ok()) return reading.status();
    return StoreMoment::Take(database_.get(), *std::move(reading));
  }

 private:
  const std::unique_ptr<Database> database_;
  const RecordReader reader_;
  BackupWriter backup_writer_;
  // Last: its destruction finishes the writes, for which it needs the others.
  Committer committer_;
};

absl::Status CheckOptions(const RocksDbStoreOptions& options) {
  if (options.data_dir.empty()) return absl::InvalidArgumentError("data_dir is empty; name a folder for the store");
  if (options.clock == nullptr) return absl::InvalidArgumentError("clock is not set");
  if (options.watch_interval <= absl::ZeroDuration())
    return absl::InvalidArgumentError("watch_interval is not positive");
  if (options.max_group_writes == 0 || options.max_group_bytes == 0 || options.max_queued_writes == 0 ||
      options.max_queued_bytes == 0) {
    return absl::InvalidArgumentError("a limit of the store is 0; each must be 1 or more");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksDbStore(const RocksDbStoreOptions& options) {
  absl::Status checked = CheckOptions(options);
  if (!checked.ok()) return checked;
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(options.data_dir, options.env, options.clock(), options.create_if_missing);
  if (!database.ok()) return database.status();
  return std::make_unique<RocksDbStore>(*std::move(database), options);
}

}  // namespace quartermaster::storage
