// The calls about tokens.
#include <utility>

#include "client/ask.h"
#include "quartermaster/v1/token_service.grpc.pb.h"

namespace quartermaster::client {

absl::StatusOr<v1::CreateTokenResponse> Server::CreateToken(const v1::CreateTokenRequest& request) {
  v1::TokenService::Stub stub(connection_->channel());
  return AskOnce(*connection_, stub, &v1::TokenService::Stub::CreateToken, request);
}

absl::StatusOr<v1::RevokeTokenResponse> Server::RevokeToken(const v1::RevokeTokenRequest& request) {
  v1::TokenService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::TokenService::Stub::RevokeToken, request);
}

absl::StatusOr<v1::ListTokensResponse> Server::ListTokens(v1::ListTokensRequest request) {
  v1::TokenService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::TokenService::Stub::ListTokens, std::move(request), kRowsPerPage,
                        &v1::ListTokensResponse::mutable_tokens);
}

}  // namespace quartermaster::client
