// The call about the audit, whose lines are streamed.
#include "client/ask_stream.h"
#include "quartermaster/v1/audit_service.grpc.pb.h"

namespace quartermaster::client {

absl::Status Server::ReadAudit(const v1::ReadAuditRequest& request,
                               const std::function<absl::Status(const v1::ReadAuditResponse&)>& on_response) {
  v1::AuditService::Stub stub(connection_->channel());
  return AskForStream<v1::ReadAuditResponse>(
      *connection_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub.PrepareAsyncReadAudit(context, request, queue);
      },
      on_response);
}

}  // namespace quartermaster::client
