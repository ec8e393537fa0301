// How a unary call is answered: authenticated first, then computed, at once or later. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_UNARY_H_
#define QUARTERMASTER_SERVER_SERVICES_UNARY_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access.h"
#include "server/grpc_status.h"

namespace quartermaster::server {

// The name of the principal that calls.
inline absl::StatusOr<std::string> Caller(const Access& access, const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return access.Authenticate("");
  return access.Authenticate(absl::string_view(found->second.data(), found->second.size()));
}

// Answers with what `compute(caller)` gives: an absl::Status, after it has filled the response.
template <typename Compute>
grpc::ServerUnaryReactor* Answer(const Access& access, grpc::CallbackServerContext* context, Compute compute) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<std::string> caller = Caller(access, *context);
  reactor->Finish(ToGrpcStatus(caller.ok() ? compute(*caller) : caller.status()));
  return reactor;
}

// Calls `start(caller, finish)`, which calls `finish(status)` once, now or later on any thread, after the response is
// filled.
template <typename Start>
grpc::ServerUnaryReactor* AnswerLater(const Access& access, grpc::CallbackServerContext* context, Start start) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<std::string> caller = Caller(access, *context);
  if (!caller.ok()) {
    reactor->Finish(ToGrpcStatus(caller.status()));
  } else {
    start(*caller, [reactor](const absl::Status& status) { reactor->Finish(ToGrpcStatus(status)); });
  }
  return reactor;
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_UNARY_H_
