// A call that is answered with a stream of responses. Internal to client/server.
#ifndef QUARTERMASTER_CLIENT_ASK_STREAM_H_
#define QUARTERMASTER_CLIENT_ASK_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/connection.h"
#include "client/server.h"

namespace quartermaster::client {

// One life of the stream. A completion queue, because it can give up when no response has come for the time that the
// user allows, however long the whole may take.
template <typename Response>
class ResponseStream {
 public:
  using Prepare = std::function<std::unique_ptr<grpc::ClientAsyncReader<Response>>(grpc::ClientContext* context,
                                                                                   grpc::CompletionQueue* queue)>;
  using OnResponse = std::function<absl::Status(const Response& response)>;

  grpc::ClientContext* context() { return &context_; }
  bool has_responses() const { return has_responses_; }
  // What `on_response` gave last.
  const absl::Status& taken() const { return taken_; }

  grpc::Status Run(const Prepare& prepare, int timeout_seconds, const OnResponse& on_response) {
    call_ = prepare(&context_, &queue_);
    call_->StartCall(this);
    bool going_on = Wait(timeout_seconds);
    while (going_on) {
      Response response;
      call_->Read(&response, this);
      going_on = Wait(timeout_seconds) && Take(response, on_response);
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
  bool Take(const Response& response, const OnResponse& on_response) {
    has_responses_ = true;
    taken_ = on_response(response);
    if (!taken_.ok()) context_.TryCancel();
    return taken_.ok();
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<Response>> call_;
  absl::Status taken_;
  bool has_responses_ = false;
  bool timed_out_ = false;
};

// Calls `on_response` for each response as it comes, until it gives an error, which is then the result. Asked again
// only while none has come. The timeout is for each response.
template <typename Response, typename Connection>
absl::Status AskForStream(const Connection& connection, const typename ResponseStream<Response>::Prepare& prepare,
                          const typename ResponseStream<Response>::OnResponse& on_response) {
  for (int attempt = 1;; ++attempt) {
    ResponseStream<Response> stream;
    connection.Authorise(stream.context());
    const absl::Status ended = connection.Explain(stream.Run(prepare, connection.timeout_seconds(), on_response));
    if (!stream.taken().ok()) return stream.taken();
    if (ended.ok() || stream.has_responses() || !MaySendAgain(ended) || attempt == Server::kMaxAttempts) return ended;
    connection.WaitAfter(attempt);
  }
}

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_ASK_STREAM_H_
