#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/shipped_collections.h"
#include "re2/re2.h"
#include "server/access.h"
#include "server/connection_acceptor.h"
#include "server/disclosure.h"
#include "server/exception_grants.h"
#include "server/imports.h"
#include "server/limits.h"
#include "server/live_state.h"
#include "server/national_figures.h"
#include "server/progress.h"
#include "server/queries.h"
#include "server/receipt_key.h"
#include "server/receipt_signer.h"
#include "server/releases.h"
#include "server/services/services.h"
#include "server/submissions.h"
#include "server/token_control.h"
#include "server/watchers.h"
#include "server/window_control.h"
#include "server/windows.h"
#include "server/worker.h"
#include "storage/rocksdb_store.h"

namespace quartermaster::server {
namespace {

struct HostAndPort {
  std::string host;
  int port = 0;
};

// Of HOST:PORT; a host with colons stands in brackets.
absl::StatusOr<HostAndPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: \"", address, "\" is not HOST:PORT, such as 127.0.0.1:7443"));
  }
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("--listen: the port of \"", address, "\" is not 0 to 65535"));
  }
  return HostAndPort{address.substr(0, colon), port};
}

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
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, milliseconds(kMinPingInterval));
  grpc::ResourceQuota quota("qm-server");
  quota.Resize(kMaxTransportBytes);
  quota.SetMaxThreads(kMaxGrpcThreads);
  builder->SetResourceQuota(quota);
}

absl::Status CheckLoopback(const std::string& host) {
  static const RE2& loopback = *new RE2(R"(localhost|\[::1\]|127(\.\d{1,3}){3})");
  if (RE2::FullMatch(host, loopback)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--listen: ", host, " is not the loopback, and nothing is encrypted yet. Listen on 127.0.0.1"));
}

absl::Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("--data-dir: cannot make ", path, ": ", std::strerror(errno)));
}

// Puts the shipped collections into a new store.
absl::Status PublishShipped(Imports* imports) {
  std::vector<v1::PublishCollectionRequest> requests;
  for (const ShippedCollection& collection : ShippedCollections()) {
    v1::PublishCollectionRequest& request = requests.emplace_back();
    *request.mutable_descriptor_set() = DescriptorsOf(collection);
    request.set_file_name(collection.file_name);
  }
  std::promise<absl::Status> published;
  imports->PublishFirst(requests, "shipped", [&](absl::Status status) { published.set_value(std::move(status)); });
  return published.get_future().get();
}

}  // namespace

// Declared in the order in which they come up; destroyed in the reverse, so nothing outlives what it uses.
struct Server::Parts {
  std::unique_ptr<LiveState> state;
  std::unique_ptr<Disclosure> disclosure;
  std::unique_ptr<NationalFigures> national_figures;
  absl::optional<Access> access;
  std::unique_ptr<const ReceiptKey> receipt_key;
  std::unique_ptr<ReceiptSigner> receipt_signer;
  std::unique_ptr<Watchers> watchers;
  std::unique_ptr<Submissions> submissions;
  std::unique_ptr<Imports> imports;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<ExceptionGrants> exceptions;
  std::unique_ptr<WindowControl> window_control;
  std::unique_ptr<Releases> releases;
  std::unique_ptr<TokenControl> token_control;
  std::unique_ptr<Progress> progress;
  // After what its callbacks use: closing it calls those that wait.
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<Worker> watch_worker;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<ConnectionAcceptor> acceptor;
  std::string address;

  // Opens the store, builds what is derived from it, and publishes the shipped collections into a new one.
  absl::Status OpenState(const std::string& data_dir, const Clock& clock);
  // Requires that the state is open.
  void MakeServices(const Clock& clock);
  // Serves what the acceptor takes. Requires that the services are made.
  void Serve();
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Shutdown(); }
const std::string& Server::address() const { return parts_->address; }

absl::Status Server::Parts::OpenState(const std::string& data_dir, const Clock& clock) {
  storage::RocksDbStoreOptions store_options;
  store_options.data_dir = absl::StrCat(data_dir, "/store");
  absl::StatusOr<std::unique_ptr<storage::Store>> opened = storage::OpenRocksDbStore(store_options);
  if (!opened.ok()) return opened.status();
  store = *std::move(opened);
  absl::StatusOr<std::unique_ptr<LiveState>> built = LiveState::Build(store.get());
  if (!built.ok()) return built.status();
  state = *std::move(built);
  absl::StatusOr<Access> read = Access::Open(data_dir, state.get(), clock);
  if (!read.ok()) return read.status();
  access = *std::move(read);
  absl::StatusOr<std::unique_ptr<const ReceiptKey>> key = ReceiptKey::Open(data_dir);
  if (!key.ok()) return key.status();
  receipt_key = *std::move(key);
  imports = std::make_unique<Imports>(store.get(), state.get(), clock);
  if (store->last_sequence() == 0) {
    if (absl::Status status = PublishShipped(imports.get()); !status.ok()) return status;
  }
  for (const auto& [id, collection] : state->collections()) {
    if (absl::Status status = CheckTimeZones(*collection->schema); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Server::Parts::MakeServices(const Clock& clock) {
  watchers = std::make_unique<Watchers>(store->last_sequence());
  disclosure = std::make_unique<Disclosure>(store.get(), state.get(), clock);
  national_figures = std::make_unique<NationalFigures>(state.get(), disclosure.get());
  receipt_signer = std::make_unique<ReceiptSigner>(receipt_key.get());
  submissions = std::make_unique<Submissions>(store.get(), state.get(), disclosure.get(), clock, watchers.get(),
                                              receipt_signer.get());
  queries = std::make_unique<Queries>(store.get(), state.get());
  exceptions = std::make_unique<ExceptionGrants>(store.get(), state.get(), clock);
  window_control = std::make_unique<WindowControl>(store.get(), state.get(), clock);
  releases = std::make_unique<Releases>(store.get(), state.get(), disclosure.get(), clock);
  progress = std::make_unique<Progress>(store.get(), state.get(), clock);
  token_control = std::make_unique<TokenControl>(store.get(), state.get(), clock);
  worker = std::make_unique<Worker>();
  watch_worker = std::make_unique<Worker>(Watchers::kMaxWatchers);

  const ServiceDependencies dependencies{.access = &*access,
                                         .state = state.get(),
                                         .store = store.get(),
                                         .submissions = submissions.get(),
                                         .imports = imports.get(),
                                         .queries = queries.get(),
                                         .exceptions = exceptions.get(),
                                         .worker = worker.get(),
                                         .window_control = window_control.get(),
                                         .releases = releases.get(),
                                         .national_figures = national_figures.get(),
                                         .token_control = token_control.get(),
                                         .disclosure = disclosure.get(),
                                         .progress = progress.get(),
                                         .watchers = watchers.get(),
                                         .watch_worker = watch_worker.get(),
                                         .receipt_key = receipt_key.get()};
  services.push_back(MakeSubmissionService(dependencies));
  services.push_back(MakeReturnService(dependencies));
  services.push_back(MakeNationalService(dependencies));
  services.push_back(MakeCollectionService(dependencies));
  services.push_back(MakeParticipantService(dependencies));
  services.push_back(MakeQueryService(dependencies));
  services.push_back(MakeStandingExceptionService(dependencies));
  services.push_back(MakeBundleService(dependencies));
  services.push_back(MakeWindowService(dependencies));
  services.push_back(MakeReleaseService(dependencies));
  services.push_back(MakeTokenService(dependencies));
  services.push_back(MakeExtractService(dependencies));
  services.push_back(MakeProgressService(dependencies));
}

void Server::Parts::Serve() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetTransportLimits(&builder);
  connections = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
  for (const auto& service : services) builder.RegisterService(service.get());
  server = builder.BuildAndStart();
  if (server == nullptr) return;
  acceptor->Start([this](int listener, int connection) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters taken;
    taken.listener_fd = listener;
    taken.fd = connection;
    connections->HandleNewConnection(&taken);
  });
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  const absl::StatusOr<HostAndPort> listen = SplitAddress(options.listen);
  if (!listen.ok()) return listen.status();
  if (absl::Status status = CheckLoopback(listen->host); !status.ok()) return status;
  if (absl::Status status = MakeFolder(options.data_dir); !status.ok()) return status;

  auto parts = std::make_unique<Parts>();
  const Clock clock = [] { return absl::Now(); };
  if (absl::Status status = parts->OpenState(options.data_dir, clock); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> acceptor = ConnectionAcceptor::Listen(listen->host, listen->port);
  if (!acceptor.ok()) return acceptor.status();
  parts->acceptor = *std::move(acceptor);
  parts->address = absl::StrCat(listen->host, ":", parts->acceptor->port());
  parts->MakeServices(clock);
  parts->Serve();
  if (parts->server == nullptr) return absl::InternalError("gRPC does not start. Its own message above says why");
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::Shutdown() {
  if (parts_->server == nullptr) return;
  parts_->acceptor->Stop();
  parts_->watchers->Close();  // They would stay for ever.
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(kShutdownSeconds));
  parts_->server->Wait();
  parts_->server.reset();
  parts_->worker.reset();
  parts_->watch_worker.reset();
  parts_->store.reset();
  parts_->receipt_signer.reset();  // After what the store has stored last.
}

}  // namespace quartermaster::server
