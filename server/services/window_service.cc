#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/window_service.grpc.pb.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/window_control.h"

namespace quartermaster::server {
namespace {

class WindowServiceImpl : public v1::WindowService::CallbackService {
 public:
  explicit WindowServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* GetWindow(grpc::CallbackServerContext* context, const v1::GetWindowRequest* request,
                                      v1::GetWindowResponse* response) override {
    return Answer(dependencies_, context, "GetWindow", *request, [&](const Principal& caller) {
      return Take(dependencies_.window_control->Get(*request, caller), response);
    });
  }

  grpc::ServerUnaryReactor* GrantWindow(grpc::CallbackServerContext* context, const v1::GrantWindowRequest* request,
                                        v1::GrantWindowResponse* response) override {
    return AnswerLater(dependencies_, context, "GrantWindow", *request, [&](const Principal& caller, auto finish) {
      dependencies_.window_control->Grant(*request, caller.name, Fill(response, finish));
    });
  }

  grpc::ServerUnaryReactor* EndWindowGrant(grpc::CallbackServerContext* context,
                                           const v1::EndWindowGrantRequest* request,
                                           v1::EndWindowGrantResponse* response) override {
    return AnswerLater(dependencies_, context, "EndWindowGrant", *request, [&](const Principal& caller, auto finish) {
      dependencies_.window_control->End(*request, caller.name, Fill(response, finish));
    });
  }

  grpc::ServerUnaryReactor* ListWindowGrants(grpc::CallbackServerContext* context,
                                             const v1::ListWindowGrantsRequest* request,
                                             v1::ListWindowGrantsResponse* response) override {
    return Answer(dependencies_, context, "ListWindowGrants", *request,
                  [&](const Principal&) { return Take(dependencies_.window_control->List(*request), response); });
  }

 private:
  template <typename Response>
  static absl::Status Take(absl::StatusOr<Response> answer, Response* response) {
    if (answer.ok()) *response = *std::move(answer);
    return answer.status();
  }

  template <typename Response, typename Finish>
  static auto Fill(Response* response, Finish finish) {
    return [response, finish](absl::StatusOr<v1::WindowGrant> grant) {
      if (grant.ok()) *response->mutable_grant() = *std::move(grant);
      finish(grant.status());
    };
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWindowService(const ServiceDependencies& dependencies) {
  return std::make_unique<WindowServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
