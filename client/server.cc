// The calls with one request and one response.
#include "client/server.h"

#include <utility>

#include "client/ask.h"
#include "client/connection.h"
#include "quartermaster/v1/collection_service.grpc.pb.h"
#include "quartermaster/v1/national_service.grpc.pb.h"
#include "quartermaster/v1/participant_service.grpc.pb.h"
#include "quartermaster/v1/return_service.grpc.pb.h"
#include "quartermaster/v1/submission_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

// Two hundred returns with a hundred findings each stay below what a reply may have.
constexpr uint32_t kReturnsPerPage = 200;

}  // namespace

Server::Server(ServerOptions options) : connection_(std::make_unique<Connection>(std::move(options))) {}
Server::~Server() = default;

absl::StatusOr<v1::ListCollectionsResponse> Server::ListCollections() {
  v1::CollectionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::CollectionService::Stub::ListCollections, v1::ListCollectionsRequest());
}

absl::StatusOr<v1::GetCollectionResponse> Server::GetCollection(const v1::GetCollectionRequest& request) {
  v1::CollectionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::CollectionService::Stub::GetCollection, request);
}

absl::StatusOr<v1::PublishCollectionResponse> Server::PublishCollection(const v1::PublishCollectionRequest& request) {
  v1::CollectionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::CollectionService::Stub::PublishCollection, request);
}

absl::StatusOr<v1::ImportParticipantsResponse> Server::ImportParticipants(
    const v1::ImportParticipantsRequest& request) {
  v1::ParticipantService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ParticipantService::Stub::ImportParticipants, request);
}

absl::StatusOr<v1::ImportPopulationsResponse> Server::ImportPopulations(const v1::ImportPopulationsRequest& request) {
  v1::ParticipantService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ParticipantService::Stub::ImportPopulations, request);
}

absl::StatusOr<v1::ImportEnrolmentsResponse> Server::ImportEnrolments(const v1::ImportEnrolmentsRequest& request) {
  v1::ParticipantService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ParticipantService::Stub::ImportEnrolments, request);
}

absl::StatusOr<v1::ListNationalStatisticsResponse> Server::ListNationalStatistics(
    const v1::ListNationalStatisticsRequest& request) {
  v1::NationalService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::NationalService::Stub::ListNationalStatistics, request);
}

absl::StatusOr<v1::GetPositionResponse> Server::GetPosition(const v1::GetPositionRequest& request) {
  v1::NationalService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::NationalService::Stub::GetPosition, request);
}

absl::StatusOr<v1::GetReturnResponse> Server::GetReturn(const v1::GetReturnRequest& request) {
  v1::ReturnService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReturnService::Stub::GetReturn, request);
}

absl::StatusOr<v1::WithdrawReturnResponse> Server::WithdrawReturn(const v1::WithdrawReturnRequest& request) {
  v1::ReturnService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReturnService::Stub::WithdrawReturn, request);
}

absl::StatusOr<v1::ListReturnsResponse> Server::ListReturns(v1::ListReturnsRequest request) {
  v1::ReturnService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::ReturnService::Stub::ListReturns, std::move(request), kReturnsPerPage,
                        &v1::ListReturnsResponse::mutable_returns);
}

absl::StatusOr<v1::ListParticipantsResponse> Server::ListParticipants(v1::ListParticipantsRequest request) {
  v1::ParticipantService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::ParticipantService::Stub::ListParticipants, std::move(request),
                        kRowsPerPage, &v1::ListParticipantsResponse::mutable_participants);
}

absl::StatusOr<v1::ListEnrolmentsResponse> Server::ListEnrolments(v1::ListEnrolmentsRequest request) {
  v1::ParticipantService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::ParticipantService::Stub::ListEnrolments, std::move(request),
                        kRowsPerPage, &v1::ListEnrolmentsResponse::mutable_enrolments);
}

absl::StatusOr<v1::GetReceiptKeyResponse> Server::GetReceiptKey() {
  v1::SubmissionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::SubmissionService::Stub::GetReceiptKey, v1::GetReceiptKeyRequest());
}

void Server::SubmitOneByOne(const std::vector<v1::SubmitReturnRequest>& submissions,
                            const v1::SubmitReturnRequest& common, const OnVerdict& on_verdict) {
  v1::SubmissionService::Stub stub(connection_->channel());
  for (size_t i = 0; i < submissions.size(); ++i) {
    v1::SubmitReturnRequest request = common;
    request.MergeFrom(submissions[i]);
    absl::StatusOr<v1::SubmitReturnResponse> response =
        Ask(*connection_, stub, &v1::SubmissionService::Stub::SubmitReturn, request);
    if (!response.ok()) {
      on_verdict(i, response.status());
    } else {
      on_verdict(i, std::move(*response->mutable_verdict()));
    }
  }
}

}  // namespace quartermaster::client
