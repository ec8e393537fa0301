// The calls about what was judged: queries, standing exceptions, trials of rules, bundles.
#include <chrono>

#include "client/ask.h"
#include "client/connection.h"
#include "client/server.h"
#include "quartermaster/v1/bundle_service.grpc.pb.h"
#include "quartermaster/v1/collection_service.grpc.pb.h"
#include "quartermaster/v1/query_service.grpc.pb.h"
#include "quartermaster/v1/standing_exception_service.grpc.pb.h"

namespace quartermaster::client {

absl::StatusOr<v1::CheckCollectionResponse> Server::CheckCollection(const v1::CheckCollectionRequest& request) {
  v1::CollectionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::CollectionService::Stub::CheckCollection, request);
}

absl::StatusOr<v1::Bundle> Server::DownloadBundle(const v1::DownloadBundleRequest& request) {
  v1::BundleService::Stub stub(connection_->channel());
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    connection_->Authorise(&context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(connection_->timeout_seconds()));
    const std::unique_ptr<grpc::ClientReader<v1::DownloadBundleResponse>> reader =
        stub.DownloadBundle(&context, request);
    v1::Bundle bundle;
    v1::DownloadBundleResponse response;
    while (reader->Read(&response)) bundle.MergeFrom(response.part());
    const grpc::Status status = reader->Finish();
    if (status.ok()) return bundle;
    const absl::Status explained = connection_->Explain(status);
    if (!MaySendAgain(explained) || attempt == kMaxAttempts) return explained;
    connection_->WaitAfter(attempt);
  }
}

absl::StatusOr<v1::ExplainQueryResponse> Server::ExplainQuery(const v1::ExplainQueryRequest& request) {
  v1::QueryService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::QueryService::Stub::ExplainQuery, request);
}

absl::StatusOr<v1::AcceptQueryResponse> Server::AcceptQuery(const v1::AcceptQueryRequest& request) {
  v1::QueryService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::QueryService::Stub::AcceptQuery, request);
}

absl::StatusOr<v1::ReturnQueryResponse> Server::ReturnQuery(const v1::ReturnQueryRequest& request) {
  v1::QueryService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::QueryService::Stub::ReturnQuery, request);
}

absl::StatusOr<v1::CommentOnQueryResponse> Server::CommentOnQuery(const v1::CommentOnQueryRequest& request) {
  v1::QueryService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::QueryService::Stub::CommentOnQuery, request);
}

absl::StatusOr<v1::GrantStandingExceptionResponse> Server::GrantStandingException(
    const v1::GrantStandingExceptionRequest& request) {
  v1::StandingExceptionService::Stub stub(connection_->channel());
  return AskOnce(*connection_, stub, &v1::StandingExceptionService::Stub::GrantStandingException, request);
}

absl::StatusOr<v1::EndStandingExceptionResponse> Server::EndStandingException(
    const v1::EndStandingExceptionRequest& request) {
  v1::StandingExceptionService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::StandingExceptionService::Stub::EndStandingException, request);
}

absl::StatusOr<v1::ListQueriesResponse> Server::ListQueries(v1::ListQueriesRequest request) {
  v1::QueryService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::QueryService::Stub::ListQueries, std::move(request), kRowsPerPage,
                        &v1::ListQueriesResponse::mutable_queries);
}

absl::StatusOr<v1::ListStandingExceptionsResponse> Server::ListStandingExceptions(
    v1::ListStandingExceptionsRequest request) {
  v1::StandingExceptionService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::StandingExceptionService::Stub::ListStandingExceptions,
                        std::move(request), kRowsPerPage, &v1::ListStandingExceptionsResponse::mutable_exceptions);
}

absl::StatusOr<v1::ListExceptionUsesResponse> Server::ListExceptionUses(v1::ListExceptionUsesRequest request) {
  v1::StandingExceptionService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::StandingExceptionService::Stub::ListExceptionUses, std::move(request),
                        kRowsPerPage, &v1::ListExceptionUsesResponse::mutable_uses);
}

}  // namespace quartermaster::client
