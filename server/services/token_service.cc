#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/token_service.grpc.pb.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/token_control.h"

namespace quartermaster::server {
namespace {

class TokenServiceImpl : public v1::TokenService::CallbackService {
 public:
  explicit TokenServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context, const v1::CreateTokenRequest* request,
                                        v1::CreateTokenResponse* response) override {
    return AnswerLater(dependencies_, context, "CreateToken", *request, [&](const Principal& caller, auto finish) {
      dependencies_.token_control->Create(*request, caller.name, Fill(response, finish));
    });
  }

  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context, const v1::ListTokensRequest* request,
                                       v1::ListTokensResponse* response) override {
    return Answer(dependencies_, context, "ListTokens", *request, [&](const Principal&) {
      absl::StatusOr<v1::ListTokensResponse> listed = dependencies_.token_control->List(*request);
      if (listed.ok()) *response = *std::move(listed);
      return listed.status();
    });
  }

  grpc::ServerUnaryReactor* RevokeToken(grpc::CallbackServerContext* context, const v1::RevokeTokenRequest* request,
                                        v1::RevokeTokenResponse* response) override {
    return AnswerLater(dependencies_, context, "RevokeToken", *request, [&](const Principal& caller, auto finish) {
      dependencies_.token_control->Revoke(*request, caller.name, Fill(response, finish));
    });
  }

 private:
  template <typename Response, typename Finish>
  static auto Fill(Response* response, Finish finish) {
    return [response, finish](absl::StatusOr<Response> answer) {
      if (answer.ok()) *response = *std::move(answer);
      finish(answer.status());
    };
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTokenService(const ServiceDependencies& dependencies) {
  return std::make_unique<TokenServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
