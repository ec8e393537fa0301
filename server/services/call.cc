#include "server/services/call.h"

#include <utility>

#include "server/asked_collections.h"
#include "server/audit.h"
#include "server/errors.h"
#include "server/grpc_status.h"
#include "server/permissions.h"
#include "server/services/unary.h"

namespace quartermaster::server {

Call::Call(const ServiceDependencies& dependencies, const grpc::CallbackServerContext* context, absl::string_view rpc,
           const google::protobuf::Message* request)
    : access_(dependencies.access),
      state_(dependencies.state),
      audit_(dependencies.audit),
      context_(context),
      rpc_(rpc),
      request_(request),
      caller_(Find()) {
  absl::Status within_limits = access_->limits().Note(caller_, context_->peer());
  if (within_limits.ok()) return;
  // A refusal stays one for the audit, whatever is said instead of it.
  AuditRefusal(caller_.status(), request_);
  caller_ = std::move(within_limits);
}

absl::StatusOr<Principal> Call::Find() const {
  absl::StatusOr<Principal> caller = Caller(*access_, *context_, rpc_);
  if (!caller.ok() || caller->collections.empty()) return caller;
  // What comes in a stream is not known yet: about whichever collection there is.
  const std::set<std::string> collections =
      request_ == nullptr ? std::set<std::string>() : AskedCollections(*request_, *state_);
  absl::StatusOr<Principal> narrowed = InCallAbout(collections, rpc_, *caller);
  if (!narrowed.ok()) return WithHolder(narrowed.status(), caller->name);
  return narrowed;
}

void Call::FindCaller() { caller_ = Find(); }

absl::Status Call::CheckCaller() const { return Find().status(); }

void Call::AuditRead() const {
  if (!caller_.ok() || request_ == nullptr || !IsAuditedRead(*caller_, rpc_, *request_)) return;
  audit_->Add(AuditEntry(caller_->name, rpc_, kRead).About(*request_));
}

void Call::AuditReadThen(std::function<void()> done) const {
  audit_->AddThen(AuditEntry(caller_->name, rpc_, kRead).About(*request_), std::move(done));
}

// Of a caller that is not known nothing is kept that it chose itself; where it came from is.
void Call::AuditRefusal(const absl::Status& status, const google::protobuf::Message* request) const {
  if (absl::IsUnauthenticated(status)) {
    audit_->AddRefusal(
        AuditEntry(HolderOf(status), rpc_, kRefused).Text("reason", ReasonOf(status)).Text("peer", context_->peer()));
  } else if (absl::IsPermissionDenied(status)) {
    AuditEntry entry(caller_.ok() ? caller_->name : HolderOf(status), rpc_, kRefused);
    entry.Text("reason", ReasonOf(status));
    if (request != nullptr) entry.About(*request);
    audit_->AddRefusal(entry);
  }
}

grpc::Status Call::End(const absl::Status& status) const {
  AuditRefusal(status, request_);
  return ToGrpcStatus(status);
}

}  // namespace quartermaster::server
