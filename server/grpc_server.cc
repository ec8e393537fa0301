#include "server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "server/limits.h"

namespace quartermaster::server {
namespace {

// What gRPC holds callers to (server/limits.h).
void SetTransportLimits(grpc::ServerBuilder* builder) {
  const auto milliseconds = [](absl::Duration duration) { return static_cast<int>(duration / absl::Milliseconds(1)); };
  builder->SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxCallsOfConnection);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(kMaxHandshake));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(kMaxIdle));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(kKeepaliveInterval));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(kKeepaliveTimeout));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Pings are answered, however many come. gRPC 1.51 would close the connection after some, and then spend far more on
  // each that has come already: it adds an error to the errors of those before.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  grpc::ResourceQuota quota("qm-server");
  quota.Resize(kMaxTransportBytes);
  quota.SetMaxThreads(kMaxGrpcThreads);
  builder->SetResourceQuota(quota);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(const ListeningOptions& options, const Clock& clock) {
  std::unique_ptr<GrpcServer> made(new GrpcServer);
  made->options_ = options;
  if (!options.certificates.certificate.empty()) {
    const auto log = [](const std::string& line) { std::cerr << "qm-server: " << line << std::endl; };
    absl::StatusOr<std::unique_ptr<CertificateReload>> read =
        CertificateReload::Start(options.certificates, clock, log);
    if (!read.ok()) return read.status();
    made->certificates_ = *std::move(read);
  }
  absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> acceptor = ConnectionAcceptor::Listen(
      HostOf(options), PortOf(options), made->certificates_ == nullptr ? Reach::kThisMachine : Reach::kAnywhere);
  if (!acceptor.ok()) return acceptor.status();
  made->acceptor_ = *std::move(acceptor);
  made->clock_ = clock;
  made->address_ = absl::StrCat(HostOf(options), ":", made->acceptor_->port());
  return made;
}

GrpcServer::~GrpcServer() {
  StopListening();
  if (server_ != nullptr) Shutdown(absl::ZeroDuration());
}

absl::Status GrpcServer::Serve(const std::vector<std::unique_ptr<grpc::Service>>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetTransportLimits(&builder);
  connections_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeServerCredentials(options_, certificates_.get()));
  for (const auto& service : services) builder.RegisterService(service.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start. Its own message above says why");
  acceptor_->Start([this](int listener, int connection) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters taken;
    taken.listener_fd = listener;
    taken.fd = connection;
    connections_->HandleNewConnection(&taken);
  });
  taken_back_watch_ =
      std::make_unique<TakenBackWatch>(clock_, [this](absl::string_view peer) { acceptor_->Block(peer); });
  return absl::OkStatus();
}

void GrpcServer::SetHealth(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

void GrpcServer::StopListening() {
  taken_back_watch_.reset();
  if (acceptor_ != nullptr) acceptor_->Stop();
  if (server_ != nullptr) server_->GetHealthCheckService()->SetServingStatus(false);
}

void GrpcServer::Shutdown(absl::Duration patience) {
  server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  server_->Wait();
  server_.reset();
}

}  // namespace quartermaster::server
