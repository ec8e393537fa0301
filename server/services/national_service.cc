#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "quartermaster/v1/national_service.grpc.pb.h"
#include "server/errors.h"
#include "server/live_state.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "validation/suggest.h"

namespace quartermaster::server {
namespace {

// The services that a request asks for: the one that it names, or all.
absl::StatusOr<std::vector<const ServiceSchema*>> ServicesOf(const CollectionSchema& schema, const std::string& id) {
  std::vector<const ServiceSchema*> services;
  std::vector<absl::string_view> ids;
  for (const auto& service : schema.services()) {
    ids.push_back(service->id());
    if (id.empty() || service->id() == id) services.push_back(service.get());
  }
  if (services.empty()) return NotFound("service", id, absl::StrCat("There are: ", absl::StrJoin(ids, ", "), "."));
  return services;
}

// NOT_FOUND for an indicator that none of the services has.
absl::Status CheckIndicators(const std::vector<const ServiceSchema*>& services,
                             const google::protobuf::RepeatedPtrField<std::string>& wanted) {
  std::vector<absl::string_view> known;
  for (const ServiceSchema* service : services) {
    for (const IndicatorSchema& indicator : service->indicators()) known.push_back(indicator.id);
  }
  for (const std::string& id : wanted) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string near = NearestName(id, known);
    return NotFound("indicator", id,
                    near.empty() ? "`qm collection show` lists them." : absl::StrCat("Did you mean ", near, "?"));
  }
  return absl::OkStatus();
}

class NationalServiceImpl : public v1::NationalService::CallbackService {
 public:
  explicit NationalServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* ListNationalStatistics(grpc::CallbackServerContext* context,
                                                   const v1::ListNationalStatisticsRequest* request,
                                                   v1::ListNationalStatisticsResponse* response) override {
    return Answer(*dependencies_.access, context, "ListNationalStatistics", [&](const Principal&) { return List(*request, response); });
  }

  grpc::ServerUnaryReactor* GetPosition(grpc::CallbackServerContext* context, const v1::GetPositionRequest* request,
                                        v1::GetPositionResponse* response) override {
    return Answer(*dependencies_.access, context, "GetPosition", [&](const Principal&) { return Position(*request, response); });
  }

 private:
  absl::Status List(const v1::ListNationalStatisticsRequest& request,
                    v1::ListNationalStatisticsResponse* response) const {
    // Read first: a commit that comes while the figures are read may be in them, but none up to this one is missing.
    response->set_sequence(dependencies_.state->sequence());
    const auto collection = dependencies_.state->FindCollection(request.collection());
    if (!collection.ok()) return collection.status();
    const absl::StatusOr<Period> period = Period::Parse(request.period());
    if (!period.ok()) return InvalidField("period", period.status().message());
    const auto services = ServicesOf(*(*collection)->schema, request.service());
    if (!services.ok()) return services.status();
    if (absl::Status status = CheckIndicators(*services, request.indicators()); !status.ok()) return status;

    response->set_collection(request.collection());
    response->set_period(period->ToString());
    const std::vector<std::string> wanted(request.indicators().begin(), request.indicators().end());
    for (auto& statistics : (*collection)->national->Statistics(*services, *period, wanted)) {
      *response->add_statistics() = std::move(statistics);
    }
    return absl::OkStatus();
  }

  absl::Status Position(const v1::GetPositionRequest& request, v1::GetPositionResponse* response) const {
    // Read first: a commit that comes while the figures are read may be in them, but none up to this one is missing.
    response->set_sequence(dependencies_.state->sequence());
    const auto collection = dependencies_.state->FindCollection(request.collection());
    if (!collection.ok()) return collection.status();
    const absl::StatusOr<Period> period = Period::Parse(request.period());
    if (!period.ok()) return InvalidField("period", period.status().message());
    const auto services = ServicesOf(*(*collection)->schema, request.service());
    if (!services.ok()) return services.status();
    const std::shared_ptr<const Participants> participants = dependencies_.state->participants();
    if (participants->Find(request.participant()) == nullptr) {
      const std::string near = participants->Suggest(request.participant());
      return NotFound("participant", request.participant(),
                      near.empty() ? "" : absl::StrCat("Did you mean ", near, "?"));
    }

    response->set_participant(request.participant());
    response->set_collection(request.collection());
    response->set_period(period->ToString());
    for (auto& position : (*collection)->national->Position(*services, request.participant(), *period)) {
      *response->add_position() = std::move(position);
    }
    return absl::OkStatus();
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNationalService(const ServiceDependencies& dependencies) {
  return std::make_unique<NationalServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
