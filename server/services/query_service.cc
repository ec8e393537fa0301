#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/query_service.grpc.pb.h"
#include "server/queries.h"
#include "server/services/services.h"
#include "server/services/unary.h"

namespace quartermaster::server {
namespace {

class QueryServiceImpl : public v1::QueryService::CallbackService {
 public:
  explicit QueryServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* ListQueries(grpc::CallbackServerContext* context, const v1::ListQueriesRequest* request,
                                        v1::ListQueriesResponse* response) override {
    return Answer(dependencies_, context, "ListQueries", *request, [&](const Principal& caller) {
      absl::StatusOr<v1::ListQueriesResponse> listed = dependencies_.queries->List(*request, caller);
      if (listed.ok()) *response = *std::move(listed);
      return listed.status();
    });
  }

  grpc::ServerUnaryReactor* ExplainQuery(grpc::CallbackServerContext* context, const v1::ExplainQueryRequest* request,
                                         v1::ExplainQueryResponse* response) override {
    v1::QueryEvent event = MakeEvent(v1::QueryEvent::KIND_EXPLAINED, request->text());
    event.set_reason(request->reason());
    return Say(context, "ExplainQuery", &CheckOwns, *request, std::move(event), /*may_be_empty=*/false, response);
  }

  grpc::ServerUnaryReactor* AcceptQuery(grpc::CallbackServerContext* context, const v1::AcceptQueryRequest* request,
                                        v1::AcceptQueryResponse* response) override {
    return Say(context, "AcceptQuery", &CheckOwnsOrSteward, *request,
               MakeEvent(v1::QueryEvent::KIND_ACCEPTED, request->text()),
               /*may_be_empty=*/true, response);
  }

  grpc::ServerUnaryReactor* ReturnQuery(grpc::CallbackServerContext* context, const v1::ReturnQueryRequest* request,
                                        v1::ReturnQueryResponse* response) override {
    return Say(context, "ReturnQuery", &CheckOwnsOrSteward, *request,
               MakeEvent(v1::QueryEvent::KIND_RETURNED, request->text()),
               /*may_be_empty=*/false, response);
  }

  grpc::ServerUnaryReactor* CommentOnQuery(grpc::CallbackServerContext* context,
                                           const v1::CommentOnQueryRequest* request,
                                           v1::CommentOnQueryResponse* response) override {
    return Say(context, "CommentOnQuery", &CheckOwnsOrSteward, *request,
               MakeEvent(v1::QueryEvent::KIND_COMMENTED, request->text()),
               /*may_be_empty=*/false, response);
  }

 private:
  using Check = absl::Status (*)(const Principal& principal, const std::string& participant);

  static v1::QueryEvent MakeEvent(v1::QueryEvent::Kind kind, const std::string& text) {
    v1::QueryEvent event;
    event.set_kind(kind);
    event.set_text(text);
    return event;
  }

  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Say(grpc::CallbackServerContext* context, absl::string_view rpc, Check may_say,
                                const Request& request, v1::QueryEvent event, bool may_be_empty, Response* response) {
    return AnswerLater(dependencies_, context, rpc, request, [&](const Principal& caller, auto finish) {
      absl::Status status = may_say(caller, request.name().participant());
      status.Update(CheckText("text", event.text(), may_be_empty));
      status.Update(CheckReason("reason", event.reason()));
      if (!status.ok()) return finish(status);
      dependencies_.queries->Say(request.name(), std::move(event), caller.name,
                                 [response, finish](absl::StatusOr<v1::Query> query) {
                                   if (query.ok()) *response->mutable_query() = *std::move(query);
                                   finish(query.status());
                                 });
    });
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeQueryService(const ServiceDependencies& dependencies) {
  return std::make_unique<QueryServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
