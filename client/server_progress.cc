// The calls about how far a period is.
#include <utility>

#include "client/ask.h"
#include "quartermaster/v1/progress_service.grpc.pb.h"

namespace quartermaster::client {

absl::StatusOr<v1::GetStatusResponse> Server::GetStatus(const v1::GetStatusRequest& request) {
  v1::ProgressService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ProgressService::Stub::GetStatus, request);
}

absl::Status Server::Watch(v1::WatchRequest request, const OnWatched& on_watched,
                           const std::function<void()>& on_interrupted) {
  v1::ProgressService::Stub stub(connection_->channel());
  bool is_interrupted = false;
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;  // Without a deadline: nobody knows when the next return comes.
    connection_->Authorise(&context);
    const auto stream = stub.Watch(&context, request);
    v1::WatchResponse response;
    while (stream->Read(&response)) {
      // A stream that got somewhere begins the count again, so a watch survives any number of short interruptions.
      attempt = 0;
      is_interrupted = false;
      request.set_after_sequence(response.sequence());
      if (on_watched(response)) continue;
      context.TryCancel();
      stream->Finish();
      return absl::OkStatus();
    }
    const absl::Status ended = connection_->Explain(stream->Finish());
    if (ended.ok()) return absl::InternalError("the server ended the stream without a reason.");
    if (!MaySendAgain(ended) || attempt == kMaxWatchAttempts) return ended;
    if (!std::exchange(is_interrupted, true)) on_interrupted();
    connection_->WaitAfter(attempt == 0 ? 1 : attempt);
  }
}

}  // namespace quartermaster::client
