// One call: who makes it, and what the audit gets of it. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_CALL_H_
#define QUARTERMASTER_SERVER_SERVICES_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/principal.h"
#include "server/services/services.h"

namespace quartermaster::server {

// Thread-compatible. Every call ends through End, and a refusal for which its limits have it told something else is
// seen by the constructor, so no refusal gets by the audit.
class Call {
 public:
  // Finds out who calls, whether it may call this RPC, which is named without its service, and whether it is within its
  // limits. The context must outlive this, and the request the last call of a method; it is null where the requests
  // come in a stream.
  Call(const ServiceDependencies& dependencies, const grpc::CallbackServerContext* context, absl::string_view rpc,
       const google::protobuf::Message* request);

  // The caller, as it is in a call about the collections of the request, or why the call is refused.
  const absl::StatusOr<Principal>& caller() const { return caller_; }
  // Asks again: a stream may outlive its token.
  void FindCaller();
  // The same, and leaves the caller as it is: to be called before each message of an answer. OK, or what End shall get.
  absl::Status CheckCaller() const;

  // To be called before an answer goes out: a read of other participants' data is put into the audit.
  void AuditRead() const;
  // The same; then calls `done` once its line and those of all calls before are stored, or were not taken.
  // Requires a caller and a request.
  void AuditReadThen(std::function<void()> done) const;
  // Puts it into the audit where one request of a stream ends with a refusal.
  void AuditRefusal(const absl::Status& status, const google::protobuf::Message* request) const;

  // What goes over the wire, once the audit has it.
  grpc::Status End(const absl::Status& status) const;

 private:
  absl::StatusOr<Principal> Find() const;

  const Access* const access_;
  const LiveState* const state_;
  Audit* const audit_;
  const grpc::CallbackServerContext* const context_;
  const std::string rpc_;
  const google::protobuf::Message* const request_;
  absl::StatusOr<Principal> caller_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_CALL_H_
