#include "server/submissions.h"

#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "re2/re2.h"
#include "server/audit.h"
#include "server/content_difference.h"
#include "server/content_hash.h"
#include "server/errors.h"
#include "server/judging.h"
#include "server/permissions.h"
#include "server/queries.h"
#include "server/query_standings.h"
#include "server/receipt_signer.h"
#include "server/request_id.h"
#include "server/watchers.h"
#include "server/windows.h"
#include "validation/utf8.h"
#include "validation/validate.h"

namespace quartermaster::server {
namespace {

// The gap between two commit groups, on a slow disk too, is shorter; whoever looks does not notice it.
constexpr std::chrono::milliseconds kBusyAfterReturn{100};

// Whether the window of the period is open. What is no period of the collection has none: the judge says what is wrong.
absl::Status CheckWindow(const CollectionSchema& schema, const Windows& windows, const std::string& participant,
                         const std::string& period, absl::Time now) {
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  if (!parsed.ok() || parsed->first_month() < schema.first_period().first_month()) return absl::OkStatus();
  return windows.CheckOpen(schema, participant, *parsed, now);
}

// Whether the current revision has just this content.
bool IsStored(const storage::Store& store, const storage::ReturnKey& key, const v1::ReturnContent& content,
              const std::string& content_sha256) {
  const absl::StatusOr<storage::StoredReturn> stored = store.GetReturn(key, absl::nullopt);
  return stored.ok() && !stored->withdrawal && stored->record.receipt().content_sha256() == content_sha256 &&
         content.unreadable().empty();
}

// Each return of a stream of them is a submission of its own.
constexpr char kSubmitReturn[] = "SubmitReturn";

AuditEntry AuditOf(absl::string_view rpc, const storage::ReturnKey& key, const std::string& submitter) {
  AuditEntry entry(submitter, rpc, kStored);
  entry.Text("collection", key.collection).Text("service", key.service);
  entry.Text("participant", key.participant).Text("period", key.period);
  return entry;
}

}  // namespace

absl::StatusOr<storage::ReturnKey> KeyOf(const std::string& collection, const std::string& service,
                                         const std::string& participant, const std::string& period) {
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  if (!parsed.ok()) return InvalidField("period", parsed.status().message());
  return storage::ReturnKey{collection, service, participant, parsed->ToString()};
}

absl::StatusOr<std::string> ParseRequestId(const std::string& text) {
  static const RE2& uuid = *new RE2("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  if (text.empty()) return std::string();
  if (!RE2::FullMatch(text, uuid)) {
    return InvalidField("request_id", "it must be a UUID such as 123e4567-e89b-12d3-a456-426614174000.");
  }
  return absl::HexStringToBytes(absl::StrReplaceAll(text, {{"-", ""}}));
}

Submissions::Submissions(storage::Store* store, LiveState* state, const Disclosure* disclosure, Clock clock,
                         const SubmissionHelpers& helpers)
    : store_(store), state_(state), disclosure_(disclosure), clock_(std::move(clock)), helpers_(helpers) {}

void Submissions::Move(const storage::StoredReturn& stored, const CollectionSchema* judged_by,
                       const ReturnValues* values) {
  state_->Move(stored, judged_by, values);
  if (helpers_.watchers != nullptr) helpers_.watchers->Tell(stored);
}

Submissions::Done Submissions::Limited(const Principal& caller, const std::string& collection_id, v1::Verdict* verdict,
                                       Done done) const {
  if (caller.SeesEverybody()) return done;
  return [this, caller, collection_id, verdict, done = std::move(done)](const absl::Status& status) {
    const auto collection = state_->FindCollection(collection_id);
    if (status.ok() && verdict->position_size() > 0) {
      const absl::StatusOr<Period> period = Period::Parse(verdict->period());
      if (!collection.ok() || !period.ok()) return done(absl::InternalError("a verdict is of no known collection"));
      disclosure_->Limit(caller, **collection, *period, verdict->mutable_position());
    }
    done(status);
  };
}

void Submissions::AnswerStored(storage::StoredReturn stored, v1::Verdict* verdict, Done done) const {
  if (helpers_.signer == nullptr) return AnswerHere(stored, verdict, done);
  // std::function wants what can be copied.
  auto shared = std::make_shared<const storage::StoredReturn>(std::move(stored));
  helpers_.signer->Sign(ReceiptStatement(shared->key, shared->record.receipt()),
                        [this, shared, verdict, done = std::move(done)](v1::ReceiptSignature signature) {
                          const absl::Status status = FillStored(*shared, verdict);
                          *verdict->mutable_receipt()->mutable_signature() = std::move(signature);
                          done(status);
                        });
}

void Submissions::AnswerHere(const storage::StoredReturn& stored, v1::Verdict* verdict, const Done& done) const {
  const absl::Status status = FillStored(stored, verdict);
  if (helpers_.signer != nullptr) {
    const std::string statement = ReceiptStatement(stored.key, stored.record.receipt());
    *verdict->mutable_receipt()->mutable_signature() = helpers_.signer->SignAlone(statement);
  }
  done(status);
}

Submissions::WithdrawDone Submissions::Signed(WithdrawDone done) const {
  if (helpers_.signer == nullptr) return done;
  return [this, done = std::move(done)](absl::StatusOr<storage::StoredReturn> stored) {
    if (!stored.ok()) return done(stored.status());
    auto shared = std::make_shared<storage::StoredReturn>(*std::move(stored));
    helpers_.signer->Sign(ReceiptStatement(shared->key, shared->record.receipt()),
                          [shared, done](v1::ReceiptSignature signature) {
                            *shared->record.mutable_receipt()->mutable_signature() = std::move(signature);
                            done(std::move(*shared));
                          });
  };
}

Submissions::Done Submissions::Counted(Done done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++outstanding_;
  }
  return [this, done = std::move(done)](const absl::Status& status) {
    done(status);
    // Under the lock: whoever waits for it may destroy this at once.
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--outstanding_ == 0) answered_.notify_all();
  };
}

void Submissions::AwaitAnswers() {
  std::unique_lock<std::mutex> lock(mutex_);
  answered_.wait(lock, [this] { return outstanding_ == 0; });
}

bool Submissions::IsBusy() const { return std::chrono::steady_clock::now() - last_came_.load() < kBusyAfterReturn; }

void Submissions::Submit(const v1::SubmitReturnRequest& request, const Principal& caller, v1::Verdict* verdict,
                         Done done, storage::CommitOn commit_on) {
  last_came_ = std::chrono::steady_clock::now();
  done = Counted(std::move(done));
  const v1::ReturnContent& content = request.content();
  if (absl::Status status = CheckOwns(caller, content.participant()); !status.ok()) return done(status);
  done = Limited(caller, content.collection(), verdict, std::move(done));
  absl::StatusOr<std::string> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) return done(request_id.status());
  if (absl::Status status = CheckExplanations(request.explanations()); !status.ok()) return done(status);
  absl::StatusOr<std::shared_ptr<const LiveCollection>> collection = state_->FindCollection(content.collection());
  if (!collection.ok()) return done(collection.status());

  const std::string content_sha256 = ContentSha256(content.data().value(), content.not_available());
  const absl::StatusOr<storage::ReturnKey> key =
      KeyOf(content.collection(), content.service(), content.participant(), content.period());
  // What could not be read is no part of the hash, so with it the content is another than the one that was accepted.
  if (!request_id->empty() && key.ok() && !request.validate_only() && content.unreadable().empty()) {
    const auto found = store_->FindSubmission(*request_id, *key, content_sha256);
    if (!found.ok()) return done(NamingTheDifference(found.status(), *store_, *(*collection)->schema, *key, content));
    if (*found) return AnswerAgain(**found, *std::move(request_id), verdict, std::move(done));
  }

  const absl::Time now = clock_();
  const Windows windows(state_->window_grants());
  if (absl::Status status = CheckWindow(*(*collection)->schema, windows, content.participant(), content.period(), now);
      !status.ok()) {
    // Whoever sent it before, and heard nothing, need not ask for an extension.
    const bool is_stored = key.ok() && IsStored(*store_, *key, content, content_sha256);
    return done(is_stored ? WithSentence(status, "But this return is stored, as it was sent now.") : status);
  }

  const std::shared_ptr<const Participants> participants = state_->participants();
  const std::shared_ptr<const StandingExceptions> exceptions = state_->exceptions();
  Judged judged{*std::move(collection), {}};
  judged.judgement = Judge(*judged.collection->schema, content,
                           MakeReference(*judged.collection, *participants, *exceptions, windows, &pending_, now));
  if (!judged.judgement.accepted() || request.validate_only()) {
    if (!request.validate_only()) AuditRejection(content, judged.judgement, caller.name);
    return done(FillUnstored(request, judged, verdict));
  }
  auto explanations = NewExplanations(*store_, request.explanations(), *key, judged.judgement.findings, caller.name);
  if (!explanations.ok()) return done(explanations.status());
  storage::Submission submission = MakeSubmission(request, judged, caller.name, *std::move(request_id), content_sha256);
  submission.query_events = *std::move(explanations);
  submission.audit = AuditOf(kSubmitReturn, submission.key, caller.name)
                         .Number("explanations", submission.query_events.size())
                         .Text("request_id", RequestIdText(submission.request_id))
                         .members();
  Store(std::move(submission), std::move(judged), verdict, std::move(done), commit_on);
}

storage::Submission Submissions::MakeSubmission(const v1::SubmitReturnRequest& request, const Judged& judged,
                                                const std::string& submitter, std::string request_id,
                                                std::string content_sha256) {
  const v1::ReturnContent& content = request.content();
  storage::Submission submission;
  submission.key = {content.collection(), content.service(), content.participant(),
                    judged.judgement.period->ToString()};
  submission.record.set_data(content.data().value());
  *submission.record.mutable_not_available() = content.not_available();
  for (const v1::Finding& finding : judged.judgement.findings) *submission.record.add_findings() = finding;
  for (const v1::Finding& finding : judged.judgement.shadow_findings) {
    *submission.record.add_shadow_findings() = finding;
  }
  v1::Receipt* receipt = submission.record.mutable_receipt();
  receipt->set_submitter(submitter);
  receipt->set_content_sha256(std::move(content_sha256));
  receipt->set_rule_version(judged.collection->schema->version());
  submission.request_id = std::move(request_id);
  if (request.has_expected_revision()) submission.expected_revision = request.expected_revision();
  return submission;
}

void Submissions::AuditRejection(const v1::ReturnContent& content, const Judgement& judgement,
                                 const std::string& submitter) const {
  if (helpers_.audit == nullptr) return;
  const auto errors =
      std::count_if(judgement.findings.begin(), judgement.findings.end(),
                    [](const v1::Finding& finding) { return finding.severity() == schema::v1::SEVERITY_ERROR; });
  helpers_.audit->Add(
      AuditEntry(submitter, kSubmitReturn, kRejected).About(content).Number("errors", static_cast<uint64_t>(errors)));
}

absl::Status Submissions::FillUnstored(const v1::SubmitReturnRequest& request, const Judged& judged,
                                       v1::Verdict* verdict) const {
  const v1::ReturnContent& content = request.content();
  const Judgement& judgement = judged.judgement;
  verdict->set_participant(ShortText(content.participant()));
  verdict->set_service(ShortText(content.service()));
  verdict->set_period(judgement.period ? judgement.period->ToString() : ShortText(content.period()));
  verdict->set_accepted(judgement.accepted());
  for (const v1::Finding& finding : judgement.findings) *verdict->add_findings() = finding;
  if (!verdict->accepted()) return absl::OkStatus();
  const storage::ReturnKey key{content.collection(), content.service(), content.participant(),
                               judgement.period->ToString()};
  if (absl::Status status = AddStandings(*store_, key, request.explanations(), verdict); !status.ok()) return status;
  judged.collection->national->Foretell(*judgement.service, content.participant(), *judgement.period, *judgement.values,
                                        verdict->mutable_position());
  return absl::OkStatus();
}

void Submissions::Store(storage::Submission submission, Judged judged, v1::Verdict* verdict, Done done,
                        storage::CommitOn commit_on) {
  const PendingReturns::Key pending_key{submission.key.collection, submission.key.service, submission.key.participant,
                                        *judged.judgement.period};
  const uint64_t ticket = pending_.Put(pending_key, judged.judgement.service, judged.judgement.values->fields());
  // std::function wants what can be copied.
  auto shared = std::make_shared<Judged>(std::move(judged));
  store_->Submit(
      std::move(submission),
      [this, shared](const storage::SubmissionResult& result) {
        Move(result.stored, shared->collection->schema.get(), &*shared->judgement.values);
      },
      [this, shared, pending_key, ticket, verdict, caller = std::this_thread::get_id(),
       done = std::move(done)](absl::StatusOr<storage::SubmissionResult> result) {
        pending_.Remove(pending_key, ticket);
        if (!result.ok()) return done(result.status());
        if (result->repeated) {
          if (absl::Status status = AddWhatCameSince(result->stored, verdict); !status.ok()) return done(status);
        }
        // Whose thread it is waits for this answer alone, and no other receipt is there to share a signature.
        if (std::this_thread::get_id() == caller) return AnswerHere(result->stored, verdict, done);
        AnswerStored(std::move(result->stored), verdict, done);
      },
      commit_on);
}

absl::Status Submissions::FillStored(const storage::StoredReturn& stored, v1::Verdict* verdict) const {
  const absl::StatusOr<std::shared_ptr<const LiveCollection>> collection =
      state_->FindCollection(stored.key.collection);
  if (!collection.ok()) return collection.status();
  verdict->set_participant(stored.key.participant);
  verdict->set_service(stored.key.service);
  verdict->set_period(stored.key.period);
  verdict->set_accepted(true);
  verdict->set_revision(stored.record.receipt().revision());
  *verdict->mutable_receipt() = stored.record.receipt();
  *verdict->mutable_findings() = stored.record.findings();
  const bool is_past = verdict->has_replaced_by_revision() || verdict->withdrawn_since();
  const absl::Status standings = is_past ? absl::OkStatus() : AddStandings(*store_, stored.key, {}, verdict);
  if (!standings.ok()) return standings;
  const ServiceSchema* service = (*collection)->schema->FindService(stored.key.service);
  const absl::StatusOr<Period> period = Period::Parse(stored.key.period);
  if (service != nullptr && period.ok()) {
    (*collection)
        ->national->AddPosition({service}, stored.key.participant, *period, /*options=*/{},
                                verdict->mutable_position());
  }
  return absl::OkStatus();
}

absl::Status Submissions::AddWhatCameSince(const storage::StoredReturn& first, v1::Verdict* verdict) const {
  verdict->set_answered_before(true);
  const absl::StatusOr<storage::StoredReturn> latest = store_->GetReturn(first.key, absl::nullopt);
  if (!latest.ok()) return latest.status();
  const uint32_t revision = latest->record.receipt().revision();
  if (revision != first.record.receipt().revision()) verdict->set_replaced_by_revision(revision);
  if (latest->withdrawal) verdict->set_withdrawn_since(true);
  return absl::OkStatus();
}

void Submissions::AnswerAgain(const storage::StoredReturn& stored, std::string request_id, v1::Verdict* verdict,
                              Done done) {
  if (absl::Status status = AddWhatCameSince(stored, verdict); !status.ok()) return done(status);
  if (stored.record.receipt().sequence() <= state_->sequence()) return AnswerStored(stored, verdict, std::move(done));
  // It is durable, but its group is still being counted. The store answers the same request again in its turn.
  storage::Submission again;
  again.key = stored.key;
  again.record = stored.record;
  again.request_id = std::move(request_id);
  store_->Submit(std::move(again), /*follow=*/nullptr,
                 [this, verdict, done = std::move(done)](absl::StatusOr<storage::SubmissionResult> result) {
                   if (!result.ok()) return done(result.status());
                   AnswerStored(std::move(result->stored), verdict, done);
                 });
}

void Submissions::Withdraw(const v1::WithdrawReturnRequest& request, const Principal& caller, WithdrawDone done) {
  if (absl::Status status = CheckOwnsOrSteward(caller, request.participant()); !status.ok()) return done(status);
  done = Signed(std::move(done));
  absl::StatusOr<std::string> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) return done(request_id.status());
  absl::StatusOr<std::shared_ptr<const LiveCollection>> collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return done(collection.status());
  absl::StatusOr<storage::ReturnKey> key =
      KeyOf(request.collection(), request.service(), request.participant(), request.period());
  if (!key.ok()) return done(key.status());
  absl::Status checked = CheckText("reason", request.reason(), /*may_be_empty=*/false, kMaxReasonCharacters);
  if (!checked.ok()) return done(checked);
  // A retry gets its first answer from the store after the window closed too, whatever was sent in between; and what is
  // withdrawn already is refused as that, not for its window.
  const absl::StatusOr<bool> is_retry = store_->HasWithdrawn(*request_id, *key, request.reason());
  if (!is_retry.ok()) return done(is_retry.status());
  const absl::StatusOr<storage::StoredReturn> latest = store_->GetReturn(*key, absl::nullopt);
  if (!latest.ok()) return done(latest.status());
  if (!*is_retry && !latest->withdrawal) {
    checked = CheckWindow(*(*collection)->schema, Windows(state_->window_grants()), request.participant(), key->period,
                          clock_());
    if (!checked.ok()) return done(checked);
  }
  storage::WithdrawalRequest withdrawal;
  withdrawal.key = *std::move(key);
  withdrawal.submitter = caller.name;
  withdrawal.reason = request.reason();
  withdrawal.request_id = *std::move(request_id);
  if (request.has_expected_revision()) withdrawal.expected_revision = request.expected_revision();
  withdrawal.audit = AuditOf("WithdrawReturn", withdrawal.key, caller.name)
                         .Text("request_id", RequestIdText(withdrawal.request_id))
                         .members();
  store_->Withdraw(
      std::move(withdrawal), [this](const storage::WithdrawalResult& result) { Move(result.stored, nullptr, nullptr); },
      [done = std::move(done)](absl::StatusOr<storage::WithdrawalResult> result) {
        if (!result.ok()) return done(result.status());
        done(std::move(result->stored));
      });
}

}  // namespace quartermaster::server
