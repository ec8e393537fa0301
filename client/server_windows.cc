// The calls about windows.
#include <utility>

#include "client/ask.h"
#include "quartermaster/v1/window_service.grpc.pb.h"

namespace quartermaster::client {

absl::StatusOr<v1::GetWindowResponse> Server::GetWindow(const v1::GetWindowRequest& request) {
  v1::WindowService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::WindowService::Stub::GetWindow, request);
}

absl::StatusOr<v1::GrantWindowResponse> Server::GrantWindow(const v1::GrantWindowRequest& request) {
  v1::WindowService::Stub stub(connection_->channel());
  return AskOnce(*connection_, stub, &v1::WindowService::Stub::GrantWindow, request);
}

absl::StatusOr<v1::EndWindowGrantResponse> Server::EndWindowGrant(const v1::EndWindowGrantRequest& request) {
  v1::WindowService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::WindowService::Stub::EndWindowGrant, request);
}

absl::StatusOr<v1::ListWindowGrantsResponse> Server::ListWindowGrants(v1::ListWindowGrantsRequest request) {
  v1::WindowService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::WindowService::Stub::ListWindowGrants, std::move(request),
                        kRowsPerPage, &v1::ListWindowGrantsResponse::mutable_grants);
}

}  // namespace quartermaster::client
