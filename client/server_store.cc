// The calls about backups and checks of the store, two of which take minutes and tell how far they are.
#include <chrono>

#include "client/ask.h"
#include "client/connection.h"
#include "client/server.h"
#include "quartermaster/v1/store_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

// One call that answers with progress, at last with something else. A completion queue, because it can give up when
// nothing has come for the time that the user allows, however long the whole may take.
template <typename Response>
class ProgressCall {
 public:
  grpc::ClientContext* context() { return &context_; }
  grpc::CompletionQueue* queue() { return &queue_; }

  // `last` gets what came last.
  grpc::Status Run(std::unique_ptr<grpc::ClientAsyncReader<Response>> call, int timeout_seconds,
                   const Server::OnProgress& on_progress, Response* last) {
    call->StartCall(this);
    bool going_on = Wait(timeout_seconds);
    while (going_on) {
      Response response;
      call->Read(&response, this);
      going_on = Wait(timeout_seconds);
      if (!going_on) break;
      if (response.has_progress()) on_progress(response.progress());
      *last = std::move(response);
    }
    grpc::Status status;
    call->Finish(&status, this);
    Wait(timeout_seconds);
    queue_.Shutdown();
    return timed_out_ ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "") : status;
  }

 private:
  // For the one thing that was begun. False where it failed, as the last reading does.
  bool Wait(int timeout_seconds) {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(timeout_seconds);
    if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::TIMEOUT) {
      timed_out_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);  // Soon, since it is cancelled.
    }
    return ok && !timed_out_;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  bool timed_out_ = false;
};

absl::Status EndedEarly() { return absl::UnavailableError("the server ended the call before it said how it went."); }

}  // namespace

absl::StatusOr<v1::Backup> Server::CreateBackup(const OnProgress& on_progress) {
  v1::StoreService::Stub stub(connection_->channel());
  ProgressCall<v1::CreateBackupResponse> call;
  connection_->Authorise(call.context());
  v1::CreateBackupResponse last;
  const absl::Status ended = connection_->Explain(
      call.Run(stub.PrepareAsyncCreateBackup(call.context(), v1::CreateBackupRequest(), call.queue()),
               connection_->timeout_seconds(), on_progress, &last));
  if (!ended.ok()) return ended;
  if (!last.has_backup()) return EndedEarly();
  return last.backup();
}

absl::StatusOr<v1::ListBackupsResponse> Server::ListBackups() {
  v1::StoreService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::StoreService::Stub::ListBackups, v1::ListBackupsRequest());
}

absl::StatusOr<v1::VerificationReport> Server::VerifyStore(const OnProgress& on_progress) {
  v1::StoreService::Stub stub(connection_->channel());
  ProgressCall<v1::VerifyStoreResponse> call;
  connection_->Authorise(call.context());
  v1::VerifyStoreResponse last;
  const absl::Status ended = connection_->Explain(
      call.Run(stub.PrepareAsyncVerifyStore(call.context(), v1::VerifyStoreRequest(), call.queue()),
               connection_->timeout_seconds(), on_progress, &last));
  if (!ended.ok()) return ended;
  if (!last.has_report()) return EndedEarly();
  return last.report();
}

}  // namespace quartermaster::client
