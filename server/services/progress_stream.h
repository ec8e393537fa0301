// How a call is answered that takes minutes: with its progress every few seconds, so that its caller knows that the
// server is there, and at last with its result. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_PROGRESS_STREAM_H_
#define QUARTERMASTER_SERVER_SERVICES_PROGRESS_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/backups.h"
#include "server/errors.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/worker.h"

namespace quartermaster::server {

// It deletes itself when the call is over. `Response` has the field `progress`.
template <typename Response>
class ProgressStream : public grpc::ServerWriteReactor<Response> {
 public:
  // Callers wait a minute by default, and proxies no longer.
  static constexpr std::chrono::seconds kTellEvery{5};

  // `work` is called on a thread of its own while the worker for maintenance waits for it, unless the caller may not
  // call the RPC, which is named without its service. It goes on when the caller goes away.
  using Work = std::function<absl::StatusOr<Response>(const OnProgress& on_progress)>;
  ProgressStream(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context, absl::string_view rpc,
                 const google::protobuf::Message* request, Work work)
      : call_(dependencies, context, rpc, request), work_(std::move(work)) {
    if (!call_.caller().ok()) {
      this->Finish(call_.End(call_.caller().status()));
    } else if (!dependencies.maintenance_worker->Do([this] { Run(); })) {
      this->Finish(call_.End(Busy()));
    }
  }

  void OnWriteDone(bool) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    if (result_.has_value()) End();
  }

  void OnDone() override {
    { const std::lock_guard<std::mutex> lock(mutex_); }  // Whoever ended the call has left the stream.
    delete this;
  }

 private:
  void Run() {
    call_.AuditRead();
    std::future<absl::StatusOr<Response>> result = std::async(std::launch::async, [this] {
      return work_([this](const v1::Progress& progress) {
        const std::lock_guard<std::mutex> lock(mutex_);
        latest_ = progress;
      });
    });
    while (result.wait_for(kTellEvery) == std::future_status::timeout) Tell();
    const std::lock_guard<std::mutex> lock(mutex_);
    result_ = result.get();
    if (!is_writing_) End();
  }

  void Tell() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_writing_) return;  // Its caller is slow, or gone.
    is_writing_ = true;
    *message_.mutable_progress() = latest_;
    this->StartWrite(&message_);
  }

  // Once, with the lock held, when nothing is being written.
  void End() {
    const absl::StatusOr<Response> result = *std::move(result_);
    result_.reset();
    if (!result.ok()) return this->Finish(call_.End(result.status()));
    message_ = *result;
    this->StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
  }

  const Call call_;
  const Work work_;
  std::mutex mutex_;  // Guards what follows.
  v1::Progress latest_;
  bool is_writing_ = false;
  absl::optional<absl::StatusOr<Response>> result_;
  Response message_;  // What is being written.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_PROGRESS_STREAM_H_
