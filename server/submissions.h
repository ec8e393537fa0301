// The way of a return through the server: judged, stored, counted, answered. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_SUBMISSIONS_H_
#define QUARTERMASTER_SERVER_SUBMISSIONS_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quartermaster/v1/return_service.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "server/clock.h"
#include "server/disclosure.h"
#include "server/live_state.h"
#include "server/pending_returns.h"
#include "server/principal.h"
#include "storage/store.h"
#include "validation/validate.h"

namespace quartermaster::server {

class Audit;
class ReceiptSigner;
class Watchers;

// What else has to do with submissions; null where nothing has.
struct SubmissionHelpers {
  // They are told of what was stored, once it is counted.
  Watchers* watchers = nullptr;
  // It signs the receipts that are given out, those of what was stored before too.
  ReceiptSigner* signer = nullptr;
  // It gets rejections, but not of what was only to be validated: nothing was sent in.
  Audit* audit = nullptr;
};

// Thread-safe. What it is made of must outlive it, and every `done` that it has been given.
class Submissions {
 public:
  Submissions(storage::Store* store, LiveState* state, const Disclosure* disclosure, Clock clock,
              const SubmissionHelpers& helpers = {});

  // Judges the return of `request` and, if it is accepted and not validate_only, stores and counts it; then calls
  // `done`, on this thread, the store's or the signer's. All of it is done on this thread where `commit_on` allows that
  // and nobody else submits. The request need not outlive the call. Errors as SubmissionService says; PERMISSION_DENIED
  // for a participant that is not the caller's; FAILED_PRECONDITION where the period is not open, unless the request
  // was accepted before. The verdict, which must be empty, is filled where `done` gets OK, and must live until then.
  using Done = std::function<void(const absl::Status&)>;
  void Submit(const v1::SubmitReturnRequest& request, const Principal& caller, v1::Verdict* verdict, Done done,
              storage::CommitOn commit_on = storage::CommitOn::kStoresThread);

  // Waits until every `done` that Submit was given has been called: a stream that is gone leaves some to come, and they
  // need the store. To be called once nothing is submitted any more, before the store closes.
  void AwaitAnswers();

  // Whether returns are coming in: one did within the last tenth of a second, which bridges the gaps between groups.
  bool IsBusy() const;

  // Takes the return out of every figure; `done` gets it as it stands then. Errors as ReturnService says, and as
  // above.
  using WithdrawDone = std::function<void(absl::StatusOr<storage::StoredReturn>)>;
  void Withdraw(const v1::WithdrawReturnRequest& request, const Principal& caller, WithdrawDone done);

 private:
  // What was judged, and by which version of the collection.
  struct Judged {
    std::shared_ptr<const LiveCollection> collection;
    Judgement judgement;
  };
  static storage::Submission MakeSubmission(const v1::SubmitReturnRequest& request, const Judged& judged,
                                            const std::string& submitter, std::string request_id,
                                            std::string content_sha256);
  // Calls `done`, and then tells AwaitAnswers.
  Done Counted(Done done);
  // Leaves of the position what the caller may see, then calls `done`.
  Done Limited(const Principal& caller, const std::string& collection_id, v1::Verdict* verdict, Done done) const;
  // Calls `done` with the receipt signed. What is stored has no signature: any number of receipts share one, and it
  // can be made again.
  WithdrawDone Signed(WithdrawDone done) const;
  // Fills the verdict of a stored return, its receipt signed, and calls `done`. That is done on the signer's thread, if
  // there is one: the store's thread goes on to move the figures of the next return, and those that were committed
  // together are answered with figures that are described once.
  void AnswerStored(storage::StoredReturn stored, v1::Verdict* verdict, Done done) const;
  // The same, on this thread.
  void AnswerHere(const storage::StoredReturn& stored, v1::Verdict* verdict, const Done& done) const;
  void Store(storage::Submission submission, Judged judged, v1::Verdict* verdict, Done done,
             storage::CommitOn commit_on);
  // Counts what was stored or withdrawn, then tells the watchers. On the store's thread.
  void Move(const storage::StoredReturn& stored, const CollectionSchema* judged_by, const ReturnValues* values);
  void AuditRejection(const v1::ReturnContent& content, const Judgement& judgement, const std::string& submitter) const;
  // Of a return that is rejected, or accepted and not to be stored.
  absl::Status FillUnstored(const v1::SubmitReturnRequest& request, const Judged& judged, v1::Verdict* verdict) const;
  // Of a return that is stored, with its position as it is now.
  absl::Status FillStored(const storage::StoredReturn& stored, v1::Verdict* verdict) const;
  // Says of a request that was answered before whether its return was replaced or withdrawn since.
  absl::Status AddWhatCameSince(const storage::StoredReturn& first, v1::Verdict* verdict) const;
  // Answers a request that is stored already, once its figures have moved.
  void AnswerAgain(const storage::StoredReturn& stored, std::string request_id, v1::Verdict* verdict, Done done);

  storage::Store* const store_;
  LiveState* const state_;
  const Disclosure* const disclosure_;
  const Clock clock_;
  const SubmissionHelpers helpers_;
  PendingReturns pending_;
  std::atomic<std::chrono::steady_clock::time_point> last_came_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable answered_;
  uint64_t outstanding_ = 0;  // How many `done` are still to be called.
};

// The return that the parts name, with the period in its canonical form. INVALID_ARGUMENT for the period.
absl::StatusOr<storage::ReturnKey> KeyOf(const std::string& collection, const std::string& service,
                                         const std::string& participant, const std::string& period);

// The 16 bytes of a UUID written as 36 characters, or nothing for an empty text. INVALID_ARGUMENT.
absl::StatusOr<std::string> ParseRequestId(const std::string& text);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SUBMISSIONS_H_
