// What the service asks of durable storage, in its own words: returns, receipts, queries, catalogues, releases,
// and the audit of all that.
// RocksDB is one engine behind this interface (storage/rocksdb_store.h); every engine passes
// tests/storage/store_suite.h.
//
// Writes are asynchronous. They take effect one after the other in an order that `sequence` numbers from 1 without
// gaps. In that order, one at a time, after the write is durable, `follow` is called and then `done`: on the store's
// thread, which is its own or that of a caller who asks for it (CommitOn). So whatever a caller derives from returns
// can be moved by `follow`, and a reply sent by `done` says only what holds. Neither must wait for another write to the
// same store.
//
// `follow` may be null. It is called once with what was stored, and not at all where nothing was: the write failed, was
// refused, or repeats an earlier one. Where `done` was told that the outcome is unknown, it is called later if the
// write is found when the store is opened again, so that what is derived holds it too.
//
// A write may bring the members of a line in the audit. The line is stored with what it tells of, in one commit or not
// at all, and once: who repeats a request, or is refused, leaves none.
//
// Errors, everywhere:
//  * ABORTED: the expected revision, or number of events, is not the current one, or the number of a release not the
//    next one; the message names both. Nothing was stored.
//  * ALREADY_EXISTS: the request id was used for something else; the message says what differs, unless that was another
//    participant's. Nothing was stored.
//  * NOT_FOUND: there is no such return, standing exception, window grant, token or release.
//  * FAILED_PRECONDITION: the return is withdrawn already, or a query has kMaxQueryEvents. Nothing was stored.
//  * DATA_LOSS: what lies on disk does not read back; the store cannot be trusted.
//  * UNAVAILABLE: of a read, that the disk failed; of a write, that it failed and its outcome is unknown. It takes no
//    writes then and finds no submissions until it is opened again, which a full disk brings about by itself once there
//    is room; all else can be read, and may show what the failed write left.
//  * INVALID_ARGUMENT: a request id that is not 16 bytes or a hash of a secret that is not 32, a record that would not
//    read back, a release without parts, members of no audit line, or more in one write or part than it may hold.
//    Nothing was stored.
//  * RESOURCE_EXHAUSTED: the disk is full (storage/disk_full.h); or too many writes wait, which alone is told out of
//    order, on the caller's thread, before the call returns. Nothing was stored.
#ifndef QUARTERMASTER_STORAGE_STORE_H_
#define QUARTERMASTER_STORAGE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "storage/audit_line.h"
#include "storage/backup.h"
#include "storage/catalogue.h"
#include "storage/returns.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// Which thread makes a write durable, and calls its `follow` and `done`.
enum class CommitOn {
  // The store's own: the call returns at once, and the writes of a caller who goes on to the next are committed
  // together.
  kStoresThread,
  // The caller's, before the call returns, if no other write waits or is under way; else the store's. For who has
  // nothing else to do, and no lock that `follow` or `done` takes: it is answered sooner.
  kCallersThread
};

// Of an ALREADY_EXISTS that says that a request id stored other content of the same return: the revision that it
// stored.
absl::optional<uint32_t> RevisionOfFirstUse(const absl::Status& status);

// Thread-safe. Destruction finishes the writes that were taken and answers them.
class Store : public StoreReader {
 public:
  template <typename Result>
  using Follow = std::function<void(const Result& stored)>;
  template <typename Result>
  using Done = std::function<void(absl::StatusOr<Result> result)>;

  virtual void Submit(Submission submission, Follow<SubmissionResult> follow, Done<SubmissionResult> done,
                      CommitOn commit_on = CommitOn::kStoresThread) = 0;

  // What the request id has stored already, if it has. It lets a retry get its first receipt without being judged
  // again. Absent also while nobody was told of that write: Submit answers then, after it. ALREADY_EXISTS where the id
  // was used for another return, other content, or a withdrawal. UNAVAILABLE once a write has failed, whatever lies on
  // disk: who was told that an outcome is unknown must not hear "stored" while nothing was derived from it.
  [[nodiscard]] virtual absl::StatusOr<absl::optional<StoredReturn>> FindSubmission(
      const std::string& request_id, const ReturnKey& key, const std::string& content_sha256) const = 0;

  // Whether the request id has withdrawn just this already: Withdraw gives it its first answer again, whatever became
  // of the return since. Errors as of FindSubmission.
  [[nodiscard]] virtual absl::StatusOr<bool> HasWithdrawn(const std::string& request_id, const ReturnKey& key,
                                                          const std::string& reason) const = 0;

  virtual void Withdraw(WithdrawalRequest request, Follow<WithdrawalResult> follow, Done<WithdrawalResult> done) = 0;

  // An event that repeats the last one counts as said whatever number of events was expected: a retry is safe.
  virtual void ChangeQuery(QueryChange change, Follow<QueryChangeResult> follow, Done<QueryChangeResult> done) = 0;

  // The result is the sequence number of the change, which is the id of what is new in it and has one.
  virtual void ChangeCatalogue(CatalogueChange change, Follow<uint64_t> follow, Done<uint64_t> done) = 0;

  // Copies the store into a folder of backups while it takes writes (storage/backup.h). Everything that was
  // acknowledged before the call is in it. It writes nothing into the store but syncs its log once; where that fails,
  // the store takes no more writes, as after any failed sync. What fails in the folder of backups leaves the store as
  // it is. A full disk is not recovered from meanwhile. ABORTED while another one is being made.
  virtual absl::StatusOr<Backup> CreateBackup(const BackupOptions& options) = 0;

  // Reads every block of every table file that is in use; a full disk is not recovered from meanwhile. DATA_LOSS where
  // one is not what was written; CANCELLED once `is_cancelled` says so, which is asked before each file: some tens of
  // megabytes, less than a second.
  [[nodiscard]] virtual absl::Status VerifyChecksums(absl::FunctionRef<bool()> is_cancelled) const = 0;

  // Calls `meanwhile` between two commits: every commit up to last_sequence() was answered, none after it is begun, and
  // writes wait until it returns. It must neither write nor be called by a `follow` or `done`.
  virtual void BetweenCommits(absl::FunctionRef<void()> meanwhile) = 0;

  // From now on the store may put its files in order on a thread of its own, which takes a processor for seconds at a
  // time. A store that was just opened does not do so before: who opens it to serve has much to read first, and others
  // are gone soon. To be called once.
  [[nodiscard]] virtual absl::Status StartUpkeep() = 0;

  // OK, or what writes are answered with now: the disk is full, or a write failed.
  virtual absl::Status writes() const = 0;

  // The store as it is now, however it goes on. It must not outlive the store, and the thread that asked for it must
  // destroy it. Meanwhile a full disk is not recovered from.
  virtual absl::StatusOr<std::unique_ptr<const StoreReader>> AtThisMoment() const = 0;

  // Adds lines to the audit that belong to no commit, in their order: what was read or refused, and by whom. `done`
  // gets the number of the last of them. INVALID_ARGUMENT also without lines, or with more than kMaxAuditLines.
  virtual void Audit(AuditLines lines, Done<uint64_t> done) = 0;

  // Visits the lines of the audit from this number on, as they are at one moment, until `visit` gives false. DATA_LOSS
  // also where one is not there; what hangs together is for whoever reads them to check.
  [[nodiscard]] virtual absl::Status ScanAudit(
      uint64_t from_number, absl::FunctionRef<bool(uint64_t number, absl::string_view line)> visit) const = 0;

  // Where the audit ends.
  [[nodiscard]] virtual absl::StatusOr<AuditHead> ReadAuditHead() const = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_STORE_H_
