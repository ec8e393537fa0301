// The one place where an absl::Status becomes gRPC's, with google.rpc.ErrorInfo and BadRequest as details.
#ifndef QUARTERMASTER_SERVER_GRPC_STATUS_H_
#define QUARTERMASTER_SERVER_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace quartermaster::server {

// Details ride in trailers, of which clients take 8 KiB by default; a longer message is cut so that all stays under 4
// KiB.
google::rpc::Status ToRpcStatus(const absl::Status& status);

grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_GRPC_STATUS_H_
