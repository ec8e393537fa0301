#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/release_service.grpc.pb.h"
#include "server/call_limits.h"
#include "server/errors.h"
#include "server/releases.h"
#include "server/services/part_stream.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

class ReleaseServiceImpl : public v1::ReleaseService::CallbackService {
 public:
  explicit ReleaseServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* PreviewRelease(grpc::CallbackServerContext* context,
                                           const v1::PreviewReleaseRequest* request,
                                           v1::PreviewReleaseResponse* response) override {
    return OnWorker(context, "PreviewRelease", *request, response,
                    [this, request](const Principal&) { return dependencies_.releases->Preview(*request); });
  }

  grpc::ServerUnaryReactor* PublishRelease(grpc::CallbackServerContext* context,
                                           const v1::PublishReleaseRequest* request,
                                           v1::PublishReleaseResponse* response) override {
    return OnWorker(context, "PublishRelease", *request, response, [this, request](const Principal& caller) {
      return dependencies_.releases->Publish(*request, caller.name);
    });
  }

  grpc::ServerUnaryReactor* ListReleases(grpc::CallbackServerContext* context, const v1::ListReleasesRequest* request,
                                         v1::ListReleasesResponse* response) override {
    return Answer(dependencies_, context, "ListReleases", *request, [&](const Principal& caller) {
      return Take(dependencies_.releases->List(*request, caller), response);
    });
  }

  grpc::ServerUnaryReactor* GetRelease(grpc::CallbackServerContext* context, const v1::GetReleaseRequest* request,
                                       v1::GetReleaseResponse* response) override {
    return Answer(dependencies_, context, "GetRelease", *request, [&](const Principal& caller) {
      return Take(dependencies_.releases->Get(*request, caller), response);
    });
  }

  grpc::ServerWriteReactor<v1::DownloadReleaseResponse>* DownloadRelease(
      grpc::CallbackServerContext* context, const v1::DownloadReleaseRequest* request) override {
    return new PartStream<v1::DownloadReleaseResponse>(
        dependencies_, kReleaseDownloads, context, "DownloadRelease", request,
        [this, asked = *request] { return dependencies_.releases->Download(asked); },
        [](const Principal&) { return absl::OkStatus(); });
  }

  grpc::ServerUnaryReactor* DiffReleases(grpc::CallbackServerContext* context, const v1::DiffReleasesRequest* request,
                                         v1::DiffReleasesResponse* response) override {
    return OnWorker(context, "DiffReleases", *request, response,
                    [this, request](const Principal&) { return dependencies_.releases->Diff(*request); });
  }

 private:
  template <typename Response>
  static absl::Status Take(absl::StatusOr<Response> answer, Response* response) {
    if (answer.ok()) *response = *std::move(answer);
    return answer.status();
  }

  // Answers with what `compute(caller)` gives on the worker.
  template <typename Request, typename Response, typename Compute>
  grpc::ServerUnaryReactor* OnWorker(grpc::CallbackServerContext* context, absl::string_view rpc, const Request& asked,
                                     Response* response, Compute compute) {
    return AnswerLater(dependencies_, context, rpc, asked, [&](const Principal& caller, auto finish) {
      // gRPC keeps the request and the response until the call is finished.
      AnswerOn(dependencies_.worker, context, finish,
               [response, compute, caller, finish] { finish(Take(compute(caller), response)); });
    });
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReleaseService(const ServiceDependencies& dependencies) {
  return std::make_unique<ReleaseServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
