#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/participant_service.grpc.pb.h"
#include "server/imports.h"
#include "server/live_state.h"
#include "server/paging.h"
#include "server/services/services.h"
#include "server/services/unary.h"

namespace quartermaster::server {
namespace {

class ParticipantServiceImpl : public v1::ParticipantService::CallbackService {
 public:
  explicit ParticipantServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* ImportParticipants(grpc::CallbackServerContext* context,
                                               const v1::ImportParticipantsRequest* request,
                                               v1::ImportParticipantsResponse* response) override {
    return AnswerLater(dependencies_, context, "ImportParticipants", *request,
                       [&](const Principal& caller, auto finish) {
                         dependencies_.imports->ImportParticipants(*request, caller.name, Fill(response, finish));
                       });
  }

  grpc::ServerUnaryReactor* ImportPopulations(grpc::CallbackServerContext* context,
                                              const v1::ImportPopulationsRequest* request,
                                              v1::ImportPopulationsResponse* response) override {
    return AnswerLater(dependencies_, context, "ImportPopulations", *request,
                       [&](const Principal& caller, auto finish) {
                         dependencies_.imports->ImportPopulations(*request, caller.name, Fill(response, finish));
                       });
  }

  grpc::ServerUnaryReactor* ImportEnrolments(grpc::CallbackServerContext* context,
                                             const v1::ImportEnrolmentsRequest* request,
                                             v1::ImportEnrolmentsResponse* response) override {
    return AnswerLater(dependencies_, context, "ImportEnrolments", *request, [&](const Principal& caller, auto finish) {
      dependencies_.imports->ImportEnrolments(*request, caller.name, Fill(response, finish));
    });
  }

  grpc::ServerUnaryReactor* ListEnrolments(grpc::CallbackServerContext* context,
                                           const v1::ListEnrolmentsRequest* request,
                                           v1::ListEnrolmentsResponse* response) override {
    return Answer(dependencies_, context, "ListEnrolments", *request, [&](const Principal&) -> absl::Status {
      if (!request->collection().empty()) {
        const auto collection = dependencies_.state->FindCollection(request->collection());
        if (!collection.ok()) return collection.status();
      }
      auto page = server::ListEnrolments(*dependencies_.state->enrolments(), *request);
      if (page.ok()) *response = *std::move(page);
      return page.status();
    });
  }

  grpc::ServerUnaryReactor* ListParticipants(grpc::CallbackServerContext* context,
                                             const v1::ListParticipantsRequest* request,
                                             v1::ListParticipantsResponse* response) override {
    return Answer(dependencies_, context, "ListParticipants", *request, [&](const Principal&) -> absl::Status {
      const absl::StatusOr<size_t> page_size = PageSize(request->page_size());
      if (!page_size.ok()) return page_size.status();
      const std::shared_ptr<const Participants> participants = dependencies_.state->participants();
      // The token is the code after which the page starts.
      auto next = participants->all().upper_bound(request->page_token());
      size_t page_bytes = 0;
      for (; next != participants->all().end(); ++next) {
        if (static_cast<size_t>(response->participants_size()) == *page_size || page_bytes >= kMaxPageBytes) {
          response->set_next_page_token(response->participants(response->participants_size() - 1).code());
          break;
        }
        *response->add_participants() = next->second;
        page_bytes += next->second.ByteSizeLong();
      }
      return absl::OkStatus();
    });
  }

 private:
  template <typename Response, typename Finish>
  static auto Fill(Response* response, Finish finish) {
    return [response, finish](absl::StatusOr<Response> computed) {
      if (computed.ok()) *response = *std::move(computed);
      finish(computed.status());
    };
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeParticipantService(const ServiceDependencies& dependencies) {
  return std::make_unique<ParticipantServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
