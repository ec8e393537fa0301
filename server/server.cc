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
#include "server/disclosure.h"
#include "server/exception_grants.h"
#include "server/imports.h"
#include "server/live_state.h"
#include "server/national_figures.h"
#include "server/queries.h"
#include "server/releases.h"
#include "server/services/services.h"
#include "server/submissions.h"
#include "server/token_control.h"
#include "server/window_control.h"
#include "server/windows.h"
#include "server/worker.h"
#include "storage/rocksdb_store.h"

namespace quartermaster::server {
namespace {

constexpr int kMaxReceiveBytes =
    4 << 20;  // gRPC's default, said here: a return has kilobytes, a large schema under one MiB.

// The host of HOST:PORT; one with colons stands in brackets.
absl::StatusOr<std::string> HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: \"", address, "\" is not HOST:PORT, such as 127.0.0.1:7443"));
  }
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("--listen: the port of \"", address, "\" is not 0 to 65535"));
  }
  return address.substr(0, colon);
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
  std::unique_ptr<Submissions> submissions;
  std::unique_ptr<Imports> imports;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<ExceptionGrants> exceptions;
  std::unique_ptr<WindowControl> window_control;
  std::unique_ptr<Releases> releases;
  std::unique_ptr<TokenControl> token_control;
  // After what its callbacks use: closing it calls those that wait.
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Worker> worker;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Shutdown(); }
const std::string& Server::address() const { return parts_->address; }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  const absl::StatusOr<std::string> host = HostOf(options.listen);
  if (!host.ok()) return host.status();
  if (absl::Status status = CheckLoopback(*host); !status.ok()) return status;
  if (absl::Status status = MakeFolder(options.data_dir); !status.ok()) return status;

  auto parts = std::make_unique<Parts>();
  storage::RocksDbStoreOptions store_options;
  store_options.data_dir = absl::StrCat(options.data_dir, "/store");
  absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::OpenRocksDbStore(store_options);
  if (!store.ok()) return store.status();
  parts->store = *std::move(store);
  absl::StatusOr<std::unique_ptr<LiveState>> state = LiveState::Build(parts->store.get());
  if (!state.ok()) return state.status();
  parts->state = *std::move(state);
  const Clock clock = [] { return absl::Now(); };
  parts->disclosure = std::make_unique<Disclosure>(parts->store.get(), parts->state.get(), clock);
  parts->national_figures = std::make_unique<NationalFigures>(parts->state.get(), parts->disclosure.get());
  parts->submissions =
      std::make_unique<Submissions>(parts->store.get(), parts->state.get(), parts->disclosure.get(), clock);
  absl::StatusOr<Access> access = Access::Open(options.data_dir, parts->state.get(), clock);
  if (!access.ok()) return access.status();
  parts->access = *std::move(access);
  parts->imports = std::make_unique<Imports>(parts->store.get(), parts->state.get(), clock);
  if (parts->store->last_sequence() == 0) {
    if (absl::Status status = PublishShipped(parts->imports.get()); !status.ok()) return status;
  }

  for (const auto& [id, collection] : parts->state->collections()) {
    if (absl::Status status = CheckTimeZones(*collection->schema); !status.ok()) return status;
  }

  parts->queries = std::make_unique<Queries>(parts->store.get(), parts->state.get());
  parts->exceptions = std::make_unique<ExceptionGrants>(parts->store.get(), parts->state.get(), clock);
  parts->window_control = std::make_unique<WindowControl>(parts->store.get(), parts->state.get(), clock);
  parts->releases = std::make_unique<Releases>(parts->store.get(), parts->state.get(), parts->disclosure.get(), clock);
  parts->worker = std::make_unique<Worker>();

  parts->token_control = std::make_unique<TokenControl>(parts->store.get(), parts->state.get(), clock);
  const ServiceDependencies dependencies{&*parts->access,
                                         parts->state.get(),
                                         parts->store.get(),
                                         parts->submissions.get(),
                                         parts->imports.get(),
                                         parts->queries.get(),
                                         parts->exceptions.get(),
                                         parts->worker.get(),
                                         parts->window_control.get(),
                                         parts->releases.get(),
                                         parts->national_figures.get(),
                                         parts->token_control.get(),
                                         parts->disclosure.get()};
  parts->services.push_back(MakeSubmissionService(dependencies));
  parts->services.push_back(MakeReturnService(dependencies));
  parts->services.push_back(MakeNationalService(dependencies));
  parts->services.push_back(MakeCollectionService(dependencies));
  parts->services.push_back(MakeParticipantService(dependencies));
  parts->services.push_back(MakeQueryService(dependencies));
  parts->services.push_back(MakeStandingExceptionService(dependencies));
  parts->services.push_back(MakeBundleService(dependencies));
  parts->services.push_back(MakeWindowService(dependencies));
  parts->services.push_back(MakeReleaseService(dependencies));
  parts->services.push_back(MakeTokenService(dependencies));
  parts->services.push_back(MakeExtractService(dependencies));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  // Two servers on one port would each get half of the calls; the second must fail instead.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  for (const auto& service : parts->services) builder.RegisterService(service.get());
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || port == 0) {
    return absl::UnavailableError(
        absl::StrCat("--listen: cannot listen on ", options.listen, ". Another program may; choose another port"));
  }
  parts->address = absl::StrCat(*host, ":", port);
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::Shutdown() {
  if (parts_->server == nullptr) return;
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(kShutdownSeconds));
  parts_->server->Wait();
  parts_->server.reset();
  parts_->worker.reset();
  parts_->store.reset();
}

}  // namespace quartermaster::server
