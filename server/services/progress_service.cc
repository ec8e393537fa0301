#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/progress_service.grpc.pb.h"
#include "server/errors.h"
#include "server/progress.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/services/watch_stream.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

class ProgressServiceImpl : public v1::ProgressService::CallbackService {
 public:
  explicit ProgressServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    return AnswerLater(dependencies_, context, "GetStatus", *request, [&](const Principal& caller, auto finish) {
      AnswerOn(dependencies_.worker, context, finish, [this, request, response, caller, finish] {
        absl::StatusOr<v1::GetStatusResponse> answer = dependencies_.progress->GetStatus(*request, caller);
        if (answer.ok()) *response = *std::move(answer);
        finish(answer.status());
      });
    });
  }

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override {
    return new WatchStream(dependencies_, context, request);
  }

 private:
  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeProgressService(const ServiceDependencies& dependencies) {
  return std::make_unique<ProgressServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
