// How a unary call is answered: authenticated and permitted first, then computed, at once or later. Internal to
// server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_UNARY_H_
#define QUARTERMASTER_SERVER_SERVICES_UNARY_H_

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access.h"
#include "server/errors.h"
#include "server/permissions.h"
#include "server/principal.h"
#include "server/services/call.h"
#include "server/worker.h"

namespace quartermaster::server {

// The certificate that the client has shown, in PEM; empty if none. gRPC knows of one only where it asked for it, and
// it never asks without verifying (server/listening.cc).
inline std::string VerifiedCertificate(const grpc::CallbackServerContext& context) {
  const std::vector<grpc::string_ref> shown =
      context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return shown.empty() ? "" : std::string(shown.front().data(), shown.front().size());
}

// The principal that calls, if it may call this RPC, which is named without its service.
inline absl::StatusOr<Principal> Caller(const Access& access, const grpc::CallbackServerContext& context,
                                        absl::string_view rpc) {
  const auto found = context.client_metadata().find("authorization");
  const bool given = found != context.client_metadata().end();
  absl::StatusOr<Principal> caller = access.Authenticate(
      given ? absl::string_view(found->second.data(), found->second.size()) : "", VerifiedCertificate(context));
  if (!caller.ok()) return caller;
  if (absl::Status status = CheckMayCall(*caller, rpc); !status.ok()) return WithHolder(status, caller->name);
  return caller;
}

// Answers with what `compute(caller)` gives: an absl::Status, after it has filled the response.
template <typename Compute>
grpc::ServerUnaryReactor* Answer(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context,
                                 absl::string_view rpc, const google::protobuf::Message& request, Compute compute) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Call call(dependencies, context, rpc, &request);
  const absl::Status status = call.caller().ok() ? compute(*call.caller()) : call.caller().status();
  if (status.ok()) call.AuditRead();
  reactor->Finish(call.End(status));
  return reactor;
}

// Calls `start(caller, finish)`, which calls `finish(status)` once, now or later on any thread, after the response is
// filled. gRPC keeps the request until then.
template <typename Start>
grpc::ServerUnaryReactor* AnswerLater(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context,
                                      absl::string_view rpc, const google::protobuf::Message& request, Start start) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto call = std::make_shared<const Call>(dependencies, context, rpc, &request);
  if (!call->caller().ok()) {
    reactor->Finish(call->End(call->caller().status()));
  } else {
    start(*call->caller(), [reactor, call](const absl::Status& status) {
      if (status.ok()) call->AuditRead();
      reactor->Finish(call->End(status));
    });
  }
  return reactor;
}

// Has `answer`, which calls `finish(status)`, called on the worker. Where the caller has gone by then, or too many wait
// already, `finish` gets that instead.
template <typename Finish, typename Work>
void AnswerOn(Worker* worker, const grpc::CallbackServerContext* context, const Finish& finish, Work answer) {
  const bool taken = worker->Do([context, finish, answer = std::move(answer)] {
    if (context->IsCancelled()) return finish(absl::CancelledError("the caller has gone"));
    answer();
  });
  if (!taken) finish(Busy());
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_UNARY_H_
