#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/v1/return_service.grpc.pb.h"
#include "server/errors.h"
#include "server/live_state.h"
#include "server/paging.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/stored_returns.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {
namespace {

class ReturnServiceImpl : public v1::ReturnService::CallbackService {
 public:
  explicit ReturnServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* GetReturn(grpc::CallbackServerContext* context, const v1::GetReturnRequest* request,
                                      v1::GetReturnResponse* response) override {
    return Answer(*dependencies_.access, context, "GetReturn",
                  [&](const Principal&) { return Get(*request, response); });
  }

  grpc::ServerUnaryReactor* ListReturns(grpc::CallbackServerContext* context, const v1::ListReturnsRequest* request,
                                        v1::ListReturnsResponse* response) override {
    return Answer(*dependencies_.access, context, "ListReturns",
                  [&](const Principal&) { return List(*request, response); });
  }

  grpc::ServerUnaryReactor* WithdrawReturn(grpc::CallbackServerContext* context,
                                           const v1::WithdrawReturnRequest* request,
                                           v1::WithdrawReturnResponse* response) override {
    return AnswerLater(*dependencies_.access, context, "WithdrawReturn", [&](const Principal& caller, auto finish) {
      dependencies_.submissions->Withdraw(
          *request, caller, [response, finish](absl::StatusOr<storage::StoredReturn> stored) {
            if (stored.ok()) *response->mutable_stored_return() = Describe(*stored, v1::RETURN_STATE_CURRENT);
            finish(stored.status());
          });
    });
  }

 private:
  absl::Status Get(const v1::GetReturnRequest& request, v1::GetReturnResponse* response) const {
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
    return absl::OkStatus();
  }

  absl::Status List(const v1::ListReturnsRequest& request, v1::ListReturnsResponse* response) const {
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
    absl::optional<storage::ReturnKey> last = filter.after;
    uint32_t last_revision = 0;
    size_t page_bytes = 0;
    return dependencies_.store->ScanReturns(filter, [&](const storage::StoredReturn& stored) {
      if (static_cast<size_t>(response->returns_size()) == *page_size || page_bytes >= kMaxPageBytes) {
        response->set_next_page_token(PageToken{*last, last_revision}.ToString());
        return false;
      }
      // Newest first: a later one of the same return is superseded.
      const bool newest = !last || !(*last == stored.key);
      *response->add_returns() = Describe(stored, newest ? v1::RETURN_STATE_CURRENT : v1::RETURN_STATE_SUPERSEDED);
      page_bytes += response->returns(response->returns_size() - 1).ByteSizeLong();
      last = stored.key;
      last_revision = stored.record.receipt().revision();
      return true;
    });
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReturnService(const ServiceDependencies& dependencies) {
  return std::make_unique<ReturnServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
