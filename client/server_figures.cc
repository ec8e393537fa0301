// The calls about figures over time: trends, and extracts, which are streamed.
#include <chrono>

#include "client/ask.h"
#include "client/connection.h"
#include "client/server.h"
#include "quartermaster/v1/extract_service.grpc.pb.h"
#include "quartermaster/v1/national_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

using OnRow = std::function<absl::Status(const v1::ExtractRow&)>;

// One life of the stream. A completion queue, because it can give up when no part has come for the time that the user
// allows, however long the whole may take.
class ExtractStream {
 public:
  grpc::ClientContext* context() { return &context_; }
  bool has_rows() const { return has_rows_; }
  // What `on_row` gave last.
  const absl::Status& taken() const { return taken_; }

  grpc::Status Run(v1::ExtractService::Stub* stub, const v1::ExtractRequest& request, int timeout_seconds,
                   const OnRow& on_row) {
    call_ = stub->PrepareAsyncExtract(&context_, request, &queue_);
    call_->StartCall(this);
    bool going_on = Wait(timeout_seconds);
    while (going_on) {
      v1::ExtractResponse response;
      call_->Read(&response, this);
      going_on = Wait(timeout_seconds) && Take(response, on_row);
    }
    grpc::Status status;
    call_->Finish(&status, this);
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

  // False where there is no use in going on.
  bool Take(const v1::ExtractResponse& response, const OnRow& on_row) {
    for (const v1::ExtractRow& row : response.rows()) {
      has_rows_ = true;
      taken_ = on_row(row);
      if (taken_.ok()) continue;
      context_.TryCancel();
      return false;
    }
    return true;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<v1::ExtractResponse>> call_;
  absl::Status taken_;
  bool has_rows_ = false;
  bool timed_out_ = false;
};

}  // namespace

absl::StatusOr<v1::GetTrendResponse> Server::GetTrend(const v1::GetTrendRequest& request) {
  v1::NationalService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::NationalService::Stub::GetTrend, request);
}

absl::Status Server::Extract(const v1::ExtractRequest& request, const OnRow& on_row) {
  v1::ExtractService::Stub stub(connection_->channel());
  for (int attempt = 1;; ++attempt) {
    ExtractStream stream;
    connection_->Authorise(stream.context());
    const absl::Status ended = connection_->Explain(stream.Run(&stub, request, connection_->timeout_seconds(), on_row));
    if (!stream.taken().ok()) return stream.taken();
    if (ended.ok() || stream.has_rows() || !MaySendAgain(ended) || attempt == kMaxAttempts) return ended;
    connection_->WaitAfter(attempt);
  }
}

}  // namespace quartermaster::client
