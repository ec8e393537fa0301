#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/standing_exception_service.grpc.pb.h"
#include "server/exception_grants.h"
#include "server/services/services.h"
#include "server/services/unary.h"

namespace quartermaster::server {
namespace {

class StandingExceptionServiceImpl : public v1::StandingExceptionService::CallbackService {
 public:
  explicit StandingExceptionServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* GrantStandingException(grpc::CallbackServerContext* context,
                                                   const v1::GrantStandingExceptionRequest* request,
                                                   v1::GrantStandingExceptionResponse* response) override {
    return AnswerLater(dependencies_, context, "GrantStandingException", *request,
                       [&](const Principal& caller, auto finish) {
                         dependencies_.exceptions->Grant(request->exception(), caller.name, Fill(response, finish));
                       });
  }

  grpc::ServerUnaryReactor* EndStandingException(grpc::CallbackServerContext* context,
                                                 const v1::EndStandingExceptionRequest* request,
                                                 v1::EndStandingExceptionResponse* response) override {
    return AnswerLater(dependencies_, context, "EndStandingException", *request,
                       [&](const Principal& caller, auto finish) {
                         dependencies_.exceptions->End(request->id(), caller.name, Fill(response, finish));
                       });
  }

  grpc::ServerUnaryReactor* ListStandingExceptions(grpc::CallbackServerContext* context,
                                                   const v1::ListStandingExceptionsRequest* request,
                                                   v1::ListStandingExceptionsResponse* response) override {
    return Answer(dependencies_, context, "ListStandingExceptions", *request, [&](const Principal& caller) {
      absl::StatusOr<v1::ListStandingExceptionsResponse> listed = dependencies_.exceptions->List(*request, caller);
      if (listed.ok()) *response = *std::move(listed);
      return listed.status();
    });
  }

  grpc::ServerUnaryReactor* ListExceptionUses(grpc::CallbackServerContext* context,
                                              const v1::ListExceptionUsesRequest* request,
                                              v1::ListExceptionUsesResponse* response) override {
    return Answer(dependencies_, context, "ListExceptionUses", *request, [&](const Principal&) {
      absl::StatusOr<v1::ListExceptionUsesResponse> listed = dependencies_.exceptions->ListUses(*request);
      if (listed.ok()) *response = *std::move(listed);
      return listed.status();
    });
  }

 private:
  template <typename Response, typename Finish>
  static auto Fill(Response* response, Finish finish) {
    return [response, finish](absl::StatusOr<v1::StandingException> exception) {
      if (exception.ok()) *response->mutable_exception() = *std::move(exception);
      finish(exception.status());
    };
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStandingExceptionService(const ServiceDependencies& dependencies) {
  return std::make_unique<StandingExceptionServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
