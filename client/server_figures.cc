// The calls about figures over time: trends, and extracts, which are streamed.
#include "client/ask.h"
#include "client/ask_stream.h"
#include "client/connection.h"
#include "client/server.h"
#include "quartermaster/v1/extract_service.grpc.pb.h"
#include "quartermaster/v1/national_service.grpc.pb.h"

namespace quartermaster::client {

absl::StatusOr<v1::GetTrendResponse> Server::GetTrend(const v1::GetTrendRequest& request) {
  v1::NationalService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::NationalService::Stub::GetTrend, request);
}

absl::Status Server::Extract(const v1::ExtractRequest& request,
                             const std::function<absl::Status(const v1::ExtractRow&)>& on_row) {
  v1::ExtractService::Stub stub(connection_->channel());
  return AskForStream<v1::ExtractResponse>(
      *connection_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub.PrepareAsyncExtract(context, request, queue);
      },
      [&](const v1::ExtractResponse& response) {
        for (const v1::ExtractRow& row : response.rows()) {
          if (absl::Status status = on_row(row); !status.ok()) return status;
        }
        return absl::OkStatus();
      });
}

}  // namespace quartermaster::client
