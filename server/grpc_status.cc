#include "server/grpc_status.h"

#include <grpcpp/support/status.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "server/errors.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

// The message is sent three times: as text (where a byte that is not ASCII takes three), in the status, in BadRequest.
constexpr size_t kMaxStatusTextBytes = 600;

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  const std::string message = ShortText(status.message(), kMaxStatusTextBytes);
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));  // Abseil's codes have gRPC's numbers.
  rpc.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(status));
  info.set_domain("quartermaster");
  rpc.add_details()->PackFrom(info);
  if (const std::string field = FieldOf(status); !field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(ShortText(field));
    violation->set_description(message);
    rpc.add_details()->PackFrom(bad_request);
  }
  return rpc;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rpc = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(rpc.code()), rpc.message(), rpc.SerializeAsString());
}

}  // namespace quartermaster::server
