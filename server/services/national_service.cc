#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/national_service.grpc.pb.h"
#include "server/national_figures.h"
#include "server/services/services.h"
#include "server/services/unary.h"

namespace quartermaster::server {
namespace {

class NationalServiceImpl : public v1::NationalService::CallbackService {
 public:
  explicit NationalServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* ListNationalStatistics(grpc::CallbackServerContext* context,
                                                   const v1::ListNationalStatisticsRequest* request,
                                                   v1::ListNationalStatisticsResponse* response) override {
    return AnswerLater(dependencies_, context, "ListNationalStatistics", *request,
                       [&](const Principal& caller, auto finish) {
                         dependencies_.national_figures->List(*request, caller, FillThen(response, finish));
                       });
  }

  grpc::ServerUnaryReactor* GetPosition(grpc::CallbackServerContext* context, const v1::GetPositionRequest* request,
                                        v1::GetPositionResponse* response) override {
    return AnswerLater(dependencies_, context, "GetPosition", *request, [&](const Principal& caller, auto finish) {
      dependencies_.national_figures->Position(*request, caller, FillThen(response, finish));
    });
  }

  grpc::ServerUnaryReactor* GetTrend(grpc::CallbackServerContext* context, const v1::GetTrendRequest* request,
                                     v1::GetTrendResponse* response) override {
    return Answer(dependencies_, context, "GetTrend", *request, [&](const Principal& caller) {
      absl::StatusOr<v1::GetTrendResponse> trend = dependencies_.national_figures->Trend(*request, caller);
      if (trend.ok()) *response = *std::move(trend);
      return trend.status();
    });
  }

 private:
  // Fills the response with what comes, then finishes.
  template <typename Response, typename Finish>
  static auto FillThen(Response* response, Finish finish) {
    return [response, finish](absl::StatusOr<Response> answer) {
      if (answer.ok()) *response = *std::move(answer);
      finish(answer.status());
    };
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNationalService(const ServiceDependencies& dependencies) {
  return std::make_unique<NationalServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
