#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "quartermaster/v1/national_service.grpc.pb.h"
#include "server/errors.h"
#include "server/national_figures.h"
#include "server/national_replies.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/submissions.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

// A buffer that shares the bytes of the reply.
grpc::ByteBuffer Share(const NationalReplies::Reply& reply) {
  auto* holder = new NationalReplies::Reply(reply);
  const grpc::Slice slice(
      const_cast<char*>(reply->data()), reply->size(),
      [](void* held) { delete static_cast<NationalReplies::Reply*>(held); }, holder);
  return grpc::ByteBuffer(&slice, 1);
}

using Base = v1::NationalService::WithRawCallbackMethod_ListNationalStatistics<
    v1::NationalService::WithRawCallbackMethod_GetPosition<
        v1::NationalService::WithCallbackMethod_GetTrend<v1::NationalService::Service>>>;

// Tables and positions are answered with bytes that may be ready.
class NationalServiceImpl : public Base {
 public:
  explicit NationalServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* ListNationalStatistics(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) override {
    return AnswerWithBytes<v1::ListNationalStatisticsRequest, &NationalReplies::List>(context, "ListNationalStatistics",
                                                                                      *request, response);
  }

  grpc::ServerUnaryReactor* GetPosition(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override {
    return AnswerWithBytes<v1::GetPositionRequest, &NationalReplies::Position>(context, "GetPosition", *request,
                                                                               response);
  }

  grpc::ServerUnaryReactor* GetTrend(grpc::CallbackServerContext* context, const v1::GetTrendRequest* request,
                                     v1::GetTrendResponse* response) override {
    return AnswerLater(dependencies_, context, "GetTrend", *request, [&](const Principal& caller, auto finish) {
      dependencies_.national_figures->Trend(*request, caller,
                                            [response, finish](absl::StatusOr<v1::GetTrendResponse> trend) {
                                              if (trend.ok()) *response = *std::move(trend);
                                              finish(trend.status());
                                            });
    });
  }

 private:
  template <typename Request, auto kReply>
  grpc::ServerUnaryReactor* AnswerWithBytes(grpc::CallbackServerContext* context, absl::string_view rpc,
                                            grpc::ByteBuffer bytes, grpc::ByteBuffer* response) {
    auto request = std::make_shared<Request>();
    const grpc::Status parsed = grpc::SerializationTraits<Request>::Deserialize(&bytes, request.get());
    return AnswerLater(dependencies_, context, rpc, *request, [&](const Principal& caller, auto finish) {
      if (!parsed.ok())
        return finish(absl::InvalidArgumentError("the bytes of the request are no message of its type"));
      const auto look = [this, request, response, caller, finish] {
        (dependencies_.national_replies->*kReply)(
            *request, caller, [request, response, finish](absl::StatusOr<NationalReplies::Reply> ready) {
              if (ready.ok()) *response = Share(*ready);
              finish(ready.status());
            });
      };
      if (!dependencies_.submissions->IsBusy()) return look();
      AnswerOn(dependencies_.reading_worker, context, finish, look);
    });
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNationalService(const ServiceDependencies& dependencies) {
  return std::make_unique<NationalServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
