// Where the server listens, and whether what goes over the line is encrypted: off the loopback always, on it as soon as
// there is a certificate.
#ifndef QUARTERMASTER_SERVER_LISTENING_H_
#define QUARTERMASTER_SERVER_LISTENING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/certificate_files.h"
#include "server/certificate_reload.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace quartermaster::server {

struct ListeningOptions {
  // HOST:PORT; port 0 lets the kernel pick. A host with colons stands in brackets. Off the loopback it needs a
  // certificate.
  std::string address = "127.0.0.1:7443";
  // With a certificate and its key the server speaks TLS 1.2 and later, and nothing else.
  CertificateFiles certificates;
  // Whether who shows no certificate is refused in the handshake. It needs an authority of clients' certificates.
  bool require_client_certificate = false;
};

// INVALID_ARGUMENT, naming the option, where the address is none, or is off the loopback without a certificate, or an
// option is given without another one that it needs. Looks at no file, and resolves no name: what a name stands for is
// checked by whoever listens (server/connection_acceptor.h).
absl::Status CheckListening(const ListeningOptions& options);

// The host and the port of the address. They require that it was checked.
std::string HostOf(const ListeningOptions& options);
int PortOf(const ListeningOptions& options);

// What gRPC listens with: TLS with certificates that were read, which must outlive the server; or none, for the
// loopback.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ListeningOptions& options,
                                                               const CertificateReload* certificates);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_LISTENING_H_
