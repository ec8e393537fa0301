#include <grpcpp/grpcpp.h>

#include <atomic>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "quartermaster/v1/bundle_service.grpc.pb.h"
#include "server/bundles.h"
#include "server/errors.h"
#include "server/permissions.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

// A bundle stays in memory until its caller has read it; so many at once take half a gigabyte at the worst.
constexpr int kMaxBundlesAtOnce = 4;

absl::Status CheckMayReadAll(const Principal& caller, const v1::DownloadBundleRequest& request) {
  for (const std::string& participant : request.participants()) {
    if (absl::Status status = CheckMayRead(caller, participant); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Makes the bundle on the worker, then writes its parts one after the other. It deletes itself when the call is over.
class BundleStream : public grpc::ServerWriteReactor<v1::DownloadBundleResponse> {
 public:
  BundleStream(const ServiceDependencies& dependencies, std::atomic<int>* streams, grpc::CallbackServerContext* context,
               const v1::DownloadBundleRequest* request)
      : dependencies_(dependencies),
        streams_(streams),
        context_(context),
        timer_(context),
        call_(dependencies, context, "DownloadBundle", request) {
    const bool has_room = ++*streams_ <= kMaxBundlesAtOnce;
    if (!call_.caller().ok()) {
      Finish(call_.End(call_.caller().status()));
    } else if (const absl::Status status = CheckMayReadAll(*call_.caller(), *request); !status.ok()) {
      Finish(call_.End(status));
    } else if (!has_room || !dependencies.worker->Do([this, request = *request] { Make(request); })) {
      Finish(call_.End(Busy()));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(NotRead());
    parts_[next_ - 1].Clear();
    WriteNext();
  }

  void OnDone() override {
    --*streams_;
    delete this;
  }

 private:
  static grpc::Status NotRead() { return {grpc::StatusCode::CANCELLED, "the bundle was not read to its end"}; }

  void Make(const v1::DownloadBundleRequest& request) {
    if (context_->IsCancelled()) return Finish(NotRead());
    absl::StatusOr<std::vector<v1::DownloadBundleResponse>> parts =
        MakeBundle(request, *dependencies_.state, *dependencies_.store, absl::Now());
    if (!parts.ok()) return Finish(call_.End(parts.status()));
    call_.AuditRead();
    parts_ = *std::move(parts);
    WriteNext();
  }

  void WriteNext() {
    if (next_ == parts_.size()) return Finish(grpc::Status::OK);
    timer_.Restart();
    StartWrite(&parts_[next_++]);
  }

  const ServiceDependencies dependencies_;
  std::atomic<int>* const streams_;  // How many there are.
  grpc::CallbackServerContext* const context_;
  StallTimer timer_;
  const Call call_;
  std::vector<v1::DownloadBundleResponse> parts_;
  size_t next_ = 0;
};

class BundleServiceImpl : public v1::BundleService::CallbackService {
 public:
  explicit BundleServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerWriteReactor<v1::DownloadBundleResponse>* DownloadBundle(
      grpc::CallbackServerContext* context, const v1::DownloadBundleRequest* request) override {
    return new BundleStream(dependencies_, &streams_, context, request);
  }

 private:
  const ServiceDependencies dependencies_;
  std::atomic<int> streams_{0};
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBundleService(const ServiceDependencies& dependencies) {
  return std::make_unique<BundleServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
