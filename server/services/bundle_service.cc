#include <grpcpp/grpcpp.h>

#include "absl/time/clock.h"
#include "quartermaster/v1/bundle_service.grpc.pb.h"
#include "server/bundles.h"
#include "server/call_limits.h"
#include "server/permissions.h"
#include "server/services/part_stream.h"
#include "server/services/services.h"

namespace quartermaster::server {
namespace {

absl::Status CheckMayReadAll(const Principal& caller, const v1::DownloadBundleRequest& request) {
  for (const std::string& participant : request.participants()) {
    if (absl::Status status = CheckMayRead(caller, participant); !status.ok()) return status;
  }
  return absl::OkStatus();
}

class BundleServiceImpl : public v1::BundleService::CallbackService {
 public:
  explicit BundleServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerWriteReactor<v1::DownloadBundleResponse>* DownloadBundle(
      grpc::CallbackServerContext* context, const v1::DownloadBundleRequest* request) override {
    return new PartStream<v1::DownloadBundleResponse>(
        dependencies_, kBundleDownloads, context, "DownloadBundle", request,
        [this, asked = *request] { return MakeBundle(asked, *dependencies_.state, *dependencies_.store, absl::Now()); },
        [request](const Principal& caller) { return CheckMayReadAll(caller, *request); });
  }

 private:
  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBundleService(const ServiceDependencies& dependencies) {
  return std::make_unique<BundleServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
