// gRPC's server as this one runs it: connections within limits, encrypted where there is a certificate, health and
// reflection. It knows no service of ours.
#ifndef QUARTERMASTER_SERVER_GRPC_SERVER_H_
#define QUARTERMASTER_SERVER_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/certificate_reload.h"
#include "server/clock.h"
#include "server/connection_acceptor.h"
#include "server/listening.h"
#include "server/taken_back_watch.h"

namespace grpc {
class Server;
class Service;
namespace experimental {
class ExternalConnectionAcceptor;
}  // namespace experimental
}  // namespace grpc

namespace quartermaster::server {

// Thread-compatible, but for SetHealth.
class GrpcServer {
 public:
  // Reads the certificates and listens; connections wait until Serve. Requires that the options are checked. The error
  // names the option or the file and says what to do.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(const ListeningOptions& options, const Clock& clock);
  // Shuts down at once.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // HOST:PORT, with the port that is really listened on.
  const std::string& address() const { return address_; }

  // Serves what was registered, which must outlive this. Once.
  absl::Status Serve(const std::vector<std::unique_ptr<grpc::Service>>& services);

  // What the health service says of this name, the server as a whole being the empty one; thread-safe. Requires Serve.
  void SetHealth(const std::string& name, bool serving);

  // Takes no connections any more, and says so to whoever asks for its health. Those that are there go on.
  void StopListening();
  // Takes no calls any more and returns once those in flight have ended, which are cut off after `patience`. Once.
  void Shutdown(absl::Duration patience);

 private:
  GrpcServer() = default;

  ListeningOptions options_;
  Clock clock_;
  std::string address_;
  // Before the server, which reads from it. Null where nothing is encrypted.
  std::unique_ptr<CertificateReload> certificates_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::unique_ptr<TakenBackWatch> taken_back_watch_;  // While it listens.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_GRPC_SERVER_H_
