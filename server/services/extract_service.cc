#include <grpcpp/grpcpp.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/time/clock.h"
#include "quartermaster/v1/extract_service.grpc.pb.h"
#include "server/errors.h"
#include "server/extract.h"
#include "server/limits.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

// Each takes a thread for as long as its caller reads, and the values of one period and service.
constexpr size_t kMaxExtractsAtOnce = 4;

// The threads on which extracts are made, each for one at a time. Thread-safe.
class Places {
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
  std::array<bool, kMaxExtractsAtOnce> taken_ = {};  // guarded by mutex_
  std::array<Worker, kMaxExtractsAtOnce> workers_;
};

// Makes rows and writes them in turn: the next message is made when the one before was taken. It deletes itself when
// the call is over.
class ExtractStream : public grpc::ServerWriteReactor<v1::ExtractResponse> {
 public:
  ExtractStream(const ServiceDependencies& dependencies, Places* places, grpc::CallbackServerContext* context,
                const v1::ExtractRequest* request)
      : dependencies_(dependencies),
        places_(places),
        context_(context),
        request_(*request),
        call_(dependencies, context, "Extract", &request_) {
    if (!call_.caller().ok()) {
      Finish(call_.End(call_.caller().status()));
      return;
    }
    place_ = places_->Take();
    if (place_ == nullptr || !place_->Do([this] { Make(); })) Finish(call_.End(Busy()));
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    is_broken_ = !ok;
    written_.notify_one();
  }

  void OnDone() override {
    if (place_ != nullptr) places_->GiveBack(place_);
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
                                 *dependencies_.disclosure, absl::Now(),
                                 [this](v1::ExtractResponse* message) { return Write(message); })));
  }

  // Waits until the message is taken.
  absl::Status Write(v1::ExtractResponse* message) {
    if (context_->IsCancelled()) return NotRead();
    if (!std::exchange(is_audited_, true) && NamesOthers()) call_.AuditRead();
    message_.Swap(message);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_writing_ = true;
    }
    StartWrite(&message_);
    std::unique_lock<std::mutex> lock(mutex_);
    const auto is_over = [this] { return !is_writing_; };
    if (!written_.wait_for(lock, absl::ToChronoSeconds(kMaxWaitForReader), is_over)) {
      context_->TryCancel();
      written_.wait(lock, is_over);
    }
    return is_broken_ ? NotRead() : absl::OkStatus();
  }

  const ServiceDependencies dependencies_;
  Places* const places_;
  grpc::CallbackServerContext* const context_;
  const v1::ExtractRequest request_;
  const Call call_;
  bool is_audited_ = false;  // Only the thread that makes rows touches it.
  Worker* place_ = nullptr;
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
    return new ExtractStream(dependencies_, &places_, context, request);
  }

 private:
  const ServiceDependencies dependencies_;
  Places places_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeExtractService(const ServiceDependencies& dependencies) {
  return std::make_unique<ExtractServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
