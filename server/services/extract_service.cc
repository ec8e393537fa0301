#include <grpcpp/grpcpp.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/time/clock.h"
#include "quartermaster/v1/extract_service.grpc.pb.h"
#include "server/access.h"
#include "server/call_limits.h"
#include "server/errors.h"
#include "server/extract.h"
#include "server/limits.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

// The threads on which extracts are made, each for one at a time: for as long as its caller reads, with the values of
// one period and service. Thread-safe.
class ExtractThreads {
 public:
  // Null if all are taken.
  Worker* Take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < workers_.size(); ++i) {
      if (!std::exchange(taken_[i], true)) return &workers_[i];
    }
    return nullptr;
  }
  void GiveBack(const Worker* worker) {
    const std::lock_guard<std::mutex> lock(mutex_);
    taken_[static_cast<size_t>(worker - workers_.data())] = false;
  }

 private:
  std::mutex mutex_;
  std::array<bool, kMaxDownloads> taken_ = {};  // guarded by mutex_
  std::array<Worker, kMaxDownloads> workers_;
};

// Makes rows and writes them in turn: the next message is made when the one before was taken. It deletes itself when
// the call is over.
class ExtractStream : public grpc::ServerWriteReactor<v1::ExtractResponse> {
 public:
  ExtractStream(const ServiceDependencies& dependencies, ExtractThreads* threads, grpc::CallbackServerContext* context,
                const v1::ExtractRequest* request)
      : dependencies_(dependencies),
        threads_(threads),
        context_(context),
        request_(*request),
        call_(dependencies, context, "Extract", &request_),
        timer_(context) {
    if (!call_.caller().ok()) {
      Finish(call_.End(call_.caller().status()));
      return;
    }
    absl::StatusOr<StreamPlace> place = dependencies.access->limits().Open(kExtracts, call_.caller()->name);
    if (!place.ok()) {
      Finish(call_.End(place.status()));
      return;
    }
    place_ = *std::move(place);
    thread_ = threads_->Take();  // There are as many as places.
    if (thread_ == nullptr || !thread_->Do([this] { Make(); })) Finish(call_.End(Busy()));
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    is_broken_ = !ok;
    written_.notify_one();
  }

  void OnDone() override {
    if (thread_ != nullptr) threads_->GiveBack(thread_);
    delete this;
  }

 private:
  // The other views hold nobody's values but one's own, or no names.
  bool NamesOthers() const {
    return request_.view() == v1::EXTRACT_VIEW_UNSPECIFIED || request_.view() == v1::EXTRACT_VIEW_EXACT;
  }

  static absl::Status NotRead() { return absl::CancelledError("the rows were not read to their end"); }

  void Make() {
    Finish(call_.End(MakeExtract(request_, *call_.caller(), *dependencies_.state, *dependencies_.store,
                                 dependencies_.disclosure, absl::Now(),
                                 [this](v1::ExtractResponse* message) { return Write(message); })));
  }

  // Waits until the message is taken.
  absl::Status Write(v1::ExtractResponse* message) {
    if (context_->IsCancelled()) return NotRead();
    if (absl::Status status = call_.CheckCaller(); !status.ok()) return status;
    if (!std::exchange(is_audited_, true) && NamesOthers()) call_.AuditRead();
    message_.Swap(message);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_writing_ = true;
    }
    timer_.Restart();
    StartWrite(&message_);
    std::unique_lock<std::mutex> lock(mutex_);
    written_.wait(lock, [this] { return !is_writing_; });
    timer_.Stop();
    return is_broken_ ? NotRead() : absl::OkStatus();
  }

  const ServiceDependencies dependencies_;
  ExtractThreads* const threads_;
  grpc::CallbackServerContext* const context_;
  const v1::ExtractRequest request_;
  const Call call_;
  bool is_audited_ = false;  // Only the thread that makes rows touches it.
  StallTimer timer_;         // The same.
  StreamPlace place_;
  Worker* thread_ = nullptr;
  v1::ExtractResponse message_;  // On its way.
  std::mutex mutex_;             // Guards what follows.
  std::condition_variable written_;
  bool is_writing_ = false;
  bool is_broken_ = false;
};

class ExtractServiceImpl : public v1::ExtractService::CallbackService {
 public:
  explicit ExtractServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerWriteReactor<v1::ExtractResponse>* Extract(grpc::CallbackServerContext* context,
                                                         const v1::ExtractRequest* request) override {
    return new ExtractStream(dependencies_, &threads_, context, request);
  }

 private:
  const ServiceDependencies dependencies_;
  ExtractThreads threads_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeExtractService(const ServiceDependencies& dependencies) {
  return std::make_unique<ExtractServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
