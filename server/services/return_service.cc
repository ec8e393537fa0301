#include <grpcpp/grpcpp.h>

#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/v1/return_service.grpc.pb.h"
#include "server/errors.h"
#include "server/live_state.h"
#include "server/paging.h"
#include "server/receipt_signer.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/stored_returns.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {
namespace {

// Fills one page with returns as they come, ordered by key, newest revision first.
class ReturnPage {
 public:
  // `after` is the return that the page before ended with.
  ReturnPage(size_t page_size, const absl::optional<storage::ReturnKey>& after, v1::ListReturnsResponse* response)
      : page_size_(page_size), response_(response), last_(after) {}

  // False where the return does not fit any more.
  bool Add(const storage::StoredReturn& stored) {
    if (static_cast<size_t>(response_->returns_size()) == page_size_ || page_bytes_ >= kMaxPageBytes) {
      response_->set_next_page_token(PageToken{*last_, last_revision_}.ToString());
      return false;
    }
    // A later one of the same return is superseded.
    const bool newest = !last_ || !(*last_ == stored.key);
    *response_->add_returns() = Describe(stored, newest ? v1::RETURN_STATE_CURRENT : v1::RETURN_STATE_SUPERSEDED);
    page_bytes_ += response_->returns(response_->returns_size() - 1).ByteSizeLong();
    last_ = stored.key;
    last_revision_ = stored.record.receipt().revision();
    return true;
  }

  bool is_full() const { return !response_->next_page_token().empty(); }

 private:
  const size_t page_size_;
  v1::ListReturnsResponse* const response_;
  absl::optional<storage::ReturnKey> last_;
  uint32_t last_revision_ = 0;
  size_t page_bytes_ = 0;
};

// Signs the receipts of all returns together.
void SignReceipts(const ReceiptKey& key, const std::vector<v1::StoredReturn*>& returns) {
  std::vector<std::string> statements;
  for (const v1::StoredReturn* one : returns) {
    statements.push_back(
        ReceiptStatement({one->collection(), one->service(), one->participant(), one->period()}, one->receipt()));
  }
  std::vector<v1::ReceiptSignature> signatures = SignTogether(key, statements);
  for (size_t i = 0; i < returns.size(); ++i) {
    *returns[i]->mutable_receipt()->mutable_signature() = std::move(signatures[i]);
  }
}

class ReturnServiceImpl : public v1::ReturnService::CallbackService {
 public:
  explicit ReturnServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* GetReturn(grpc::CallbackServerContext* context, const v1::GetReturnRequest* request,
                                      v1::GetReturnResponse* response) override {
    return Answer(dependencies_, context, "GetReturn", *request,
                  [&](const Principal& caller) { return Get(*request, caller, response); });
  }

  grpc::ServerUnaryReactor* ListReturns(grpc::CallbackServerContext* context, const v1::ListReturnsRequest* request,
                                        v1::ListReturnsResponse* response) override {
    return Answer(dependencies_, context, "ListReturns", *request,
                  [&](const Principal& caller) { return List(*request, caller, response); });
  }

  grpc::ServerUnaryReactor* WithdrawReturn(grpc::CallbackServerContext* context,
                                           const v1::WithdrawReturnRequest* request,
                                           v1::WithdrawReturnResponse* response) override {
    return AnswerLater(dependencies_, context, "WithdrawReturn", *request, [&](const Principal& caller, auto finish) {
      dependencies_.submissions->Withdraw(
          *request, caller, [response, finish](absl::StatusOr<storage::StoredReturn> stored) {
            if (stored.ok()) *response->mutable_stored_return() = Describe(*stored, v1::RETURN_STATE_CURRENT);
            finish(stored.status());
          });
    });
  }

 private:
  absl::Status Get(const v1::GetReturnRequest& request, const Principal& caller,
                   v1::GetReturnResponse* response) const {
    if (absl::Status status = CheckMayRead(caller, request.participant()); !status.ok()) return status;
    const auto collection = dependencies_.state->FindCollection(request.collection());
    if (!collection.ok()) return collection.status();
    const absl::StatusOr<storage::ReturnKey> key =
        KeyOf(request.collection(), request.service(), request.participant(), request.period());
    if (!key.ok()) return key.status();
    const absl::StatusOr<storage::StoredReturn> latest = dependencies_.store->GetReturn(*key, absl::nullopt);
    if (!latest.ok()) return latest.status();
    storage::StoredReturn stored = *latest;
    v1::ReturnState state = v1::RETURN_STATE_CURRENT;
    if (request.has_revision() && request.revision() != latest->record.receipt().revision()) {
      absl::StatusOr<storage::StoredReturn> earlier = dependencies_.store->GetReturn(*key, request.revision());
      if (!earlier.ok()) return earlier.status();
      stored = *std::move(earlier);
      state = v1::RETURN_STATE_SUPERSEDED;
    }
    const ServiceSchema* service = (*collection)->schema->FindService(key->service);
    if (service == nullptr)
      return absl::DataLossError(absl::StrCat("the service ", key->service, " is not in the schema"));
    *response->mutable_stored_return() = DescribeWithData(stored, state, *service);
    AddShadowFindings(stored, caller, response->mutable_stored_return());
    SignReceipts(*dependencies_.receipt_key, {response->mutable_stored_return()});
    return absl::OkStatus();
  }

  absl::Status List(const v1::ListReturnsRequest& request, const Principal& caller,
                    v1::ListReturnsResponse* response) const {
    if (!request.participant().empty()) {
      if (absl::Status status = CheckMayRead(caller, request.participant()); !status.ok()) return status;
    }
    const auto collection = dependencies_.state->FindCollection(request.collection());
    if (!collection.ok()) return collection.status();
    if (!request.service().empty() && (*collection)->schema->FindService(request.service()) == nullptr) {
      return NotFound("service", request.service(), "`qm collection show` lists them.");
    }
    if (!request.participant().empty() && dependencies_.state->participants()->Find(request.participant()) == nullptr) {
      return NotFound("participant", request.participant(), "`qm participant list` lists them.");
    }
    const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
    if (!page_size.ok()) return page_size.status();
    storage::ReturnFilter filter;
    filter.collection = request.collection();
    filter.service = request.service();
    filter.participant = request.participant();
    filter.all_revisions = request.all_revisions();
    if (!request.period().empty()) {
      const absl::StatusOr<Period> period = Period::Parse(request.period());
      if (!period.ok()) return InvalidField("period", period.status().message());
      filter.period = period->ToString();
    }
    if (!request.page_token().empty()) {
      const absl::StatusOr<PageToken> token = PageToken::Parse(request.page_token(), request.collection());
      if (!token.ok()) return token.status();
      filter.after = token->key;
      filter.after_revision = token->number;
    }
    ReturnPage page(*page_size, filter.after, response);
    for (const storage::ReturnFilter& scan : ScansFor(filter, caller, *(*collection)->schema)) {
      const absl::Status scanned = dependencies_.store->ScanReturns(
          scan, [&page](const storage::StoredReturn& stored) { return page.Add(stored); });
      if (!scanned.ok()) return scanned;
      if (page.is_full()) break;
    }
    SignReceipts(*dependencies_.receipt_key,
                 {response->mutable_returns()->pointer_begin(), response->mutable_returns()->pointer_end()});
    return absl::OkStatus();
  }

  // The scans that visit what is asked for, in the order of keys. Who may not read everything, and names no
  // participant, gets one for each service and participant of its own: its pages cost what they hold, not what all
  // others have sent.
  std::vector<storage::ReturnFilter> ScansFor(const storage::ReturnFilter& filter, const Principal& caller,
                                              const CollectionSchema& schema) const {
    if (caller.SeesEverybody() || !filter.participant.empty()) return {filter};
    std::set<std::string> services;
    for (const auto& service : schema.services()) {
      if (filter.service.empty() || filter.service == service->id()) services.insert(service->id());
    }
    std::vector<storage::ReturnFilter> scans;
    for (const std::string& service : services) {
      for (const auto& [code, participant] : dependencies_.state->participants()->all()) {
        if (!caller.Owns(code)) continue;
        if (filter.after && std::tie(service, code) < std::tie(filter.after->service, filter.after->participant)) {
          continue;
        }
        storage::ReturnFilter& scan = scans.emplace_back(filter);
        scan.service = service;
        scan.participant = code;
      }
    }
    return scans;
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReturnService(const ServiceDependencies& dependencies) {
  return std::make_unique<ReturnServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
