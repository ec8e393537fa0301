#include "server/server.h"

#include <grpcpp/impl/service_type.h>

#include <filesystem>
#include <future>
#include <iostream>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/shipped_collections.h"
#include "server/access.h"
#include "server/audit.h"
#include "server/backups.h"
#include "server/disclosure.h"
#include "server/exception_grants.h"
#include "server/grpc_server.h"
#include "server/imports.h"
#include "server/limits.h"
#include "server/live_state.h"
#include "server/national_figures.h"
#include "server/national_replies.h"
#include "server/offline.h"
#include "server/progress.h"
#include "server/queries.h"
#include "server/receipt_key.h"
#include "server/receipt_signer.h"
#include "server/releases.h"
#include "server/services/services.h"
#include "server/store_watch.h"
#include "server/submissions.h"
#include "server/token_control.h"
#include "server/watchers.h"
#include "server/window_control.h"
#include "server/windows.h"
#include "server/worker.h"
#include "storage/disk_full.h"
#include "storage/opening_error.h"
#include "storage/store.h"

namespace quartermaster::server {
namespace {

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

// Destroyed in the reverse of this order: whatever calls back goes before what its callbacks use.
struct Server::Parts {
  // Nothing may be on its way to the audit when the store closes.
  ~Parts() {
    if (audit != nullptr && store != nullptr) audit->Close();
  }

  std::unique_ptr<Audit> audit;
  std::unique_ptr<LiveState> state;
  std::unique_ptr<Disclosure> disclosure;
  std::unique_ptr<NationalFigures> national_figures;
  std::unique_ptr<NationalReplies> national_replies;
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
  std::unique_ptr<Backups> backups;
  std::unique_ptr<Worker> maintenance_worker;
  std::unique_ptr<Worker> reading_worker;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<GrpcServer> server;
  std::unique_ptr<StoreWatch> store_watch;

  // Opens the store, builds what is derived from it, and publishes the shipped collections into a new one.
  absl::Status OpenState(const ServerOptions& options, const Clock& clock);
  // Requires that the state is open.
  void MakeServices(const std::string& backup_dir, const Clock& clock);
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Shutdown(); }
const std::string& Server::address() const { return parts_->server->address(); }

absl::Status Server::Parts::OpenState(const ServerOptions& options, const Clock& clock) {
  absl::StatusOr<std::unique_ptr<storage::Store>> opened = OpenToServe(options.data_dir, options.reserved_bytes);
  if (!opened.ok()) return opened.status();
  store = *std::move(opened);
  const bool is_new = store->last_sequence() == 0;
  const auto is_missing = [&](const char* file) {
    std::error_code error;
    return !is_new && !std::filesystem::exists(absl::StrCat(options.data_dir, "/", file), error);
  };
  const bool needs_token = is_missing("operator.token");
  const bool needs_key = is_missing("receipt.key");
  absl::StatusOr<std::unique_ptr<LiveState>> built = LiveState::Build(store.get());
  if (!built.ok()) return storage::ExplainOpening(built.status(), StoreFolderOf(options.data_dir));
  state = *std::move(built);
  absl::StatusOr<Access> read = Access::Open(options.data_dir, options.certificate_principals, state.get(), clock);
  if (!read.ok()) return read.status();
  access = *std::move(read);
  absl::StatusOr<std::unique_ptr<const ReceiptKey>> key = ReceiptKey::Open(options.data_dir);
  if (!key.ok()) return key.status();
  receipt_key = *std::move(key);
  if (needs_token) {
    std::cerr << "qm-server: operator.token was gone; a new one is made, and the old one opens nothing" << std::endl;
  }
  if (needs_key) {
    std::cerr << "qm-server: receipt.key was gone; a new key signs receipts, and those so far are checked with the old "
                 "receipt-public.pem"
              << std::endl;
  }
  imports = std::make_unique<Imports>(store.get(), state.get(), clock);
  if (is_new) {
    // Where a folder was mistyped, somebody would look for the returns of another.
    std::cerr << "qm-server: a new store is begun in " << options.data_dir << std::endl;
    const absl::Status published = PublishShipped(imports.get());
    if (storage::IsDiskFull(published)) {
      return absl::FailedPreconditionError(
          absl::StrCat("--data-dir: the disk of ", options.data_dir, " has less free than --reserved-mib keeps, 640 MiB ",
                       "unless given. Make room on it, or name a smaller reserve, then start again."));
    }
    if (!published.ok()) return published;
  }
  for (const auto& [id, collection] : state->collections()) {
    if (absl::Status status = CheckTimeZones(*collection->schema); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Server::Parts::MakeServices(const std::string& backup_dir, const Clock& clock) {
  audit = std::make_unique<Audit>(store.get(), clock);
  // Waited for: a start that a kill cuts short is seen, too.
  std::promise<void> settled;
  audit->AddThen(AuditEntry(kOwnPrincipal, "", kStarted)
                     .Text("version", QM_VERSION)
                     .Number("last_sequence", store->last_sequence()),
                 [&settled] { settled.set_value(); });
  settled.get_future().wait();
  watchers = std::make_unique<Watchers>(store->last_sequence());
  disclosure = std::make_unique<Disclosure>(store.get(), state.get(), clock);
  national_figures = std::make_unique<NationalFigures>(state.get(), disclosure.get());
  national_replies = std::make_unique<NationalReplies>(state.get(), national_figures.get());
  receipt_signer = std::make_unique<ReceiptSigner>(receipt_key.get());
  submissions = std::make_unique<Submissions>(store.get(), state.get(), disclosure.get(), clock,
                                              SubmissionHelpers{watchers.get(), receipt_signer.get(), audit.get()});
  queries = std::make_unique<Queries>(store.get(), state.get());
  exceptions = std::make_unique<ExceptionGrants>(store.get(), state.get(), clock);
  window_control = std::make_unique<WindowControl>(store.get(), state.get(), clock);
  releases = std::make_unique<Releases>(store.get(), state.get(), disclosure.get(), clock);
  progress = std::make_unique<Progress>(store.get(), state.get(), clock);
  token_control = std::make_unique<TokenControl>(store.get(), state.get(), clock);
  worker = std::make_unique<Worker>();
  watch_worker = std::make_unique<Worker>(Watchers::kMaxWatchers);
  backups = std::make_unique<Backups>(store.get(), backup_dir);
  maintenance_worker = std::make_unique<Worker>();
  reading_worker = std::make_unique<Worker>(kMaxWaitingReads, kReadingShare);

  const ServiceDependencies dependencies{.access = &*access,
                                         .audit = audit.get(),
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
                                         .national_replies = national_replies.get(),
                                         .token_control = token_control.get(),
                                         .disclosure = disclosure.get(),
                                         .progress = progress.get(),
                                         .watchers = watchers.get(),
                                         .watch_worker = watch_worker.get(),
                                         .receipt_key = receipt_key.get(),
                                         .backups = backups.get(),
                                         .maintenance_worker = maintenance_worker.get(),
                                         .reading_worker = reading_worker.get()};
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
  services.push_back(MakeStoreService(dependencies));
  services.push_back(MakeAuditService(dependencies));
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  if (absl::Status status = CheckListening(options.listening); !status.ok()) return status;
  if (!options.certificate_principals.empty() && options.listening.certificates.client_authority.empty()) {
    return absl::InvalidArgumentError(
        "certificate_principals: no client can show a certificate. Give --client-authority-file as well.");
  }
  if (!options.backup_dir.empty()) {
    if (absl::Status status = CheckIsApart(options.backup_dir, options.data_dir); !status.ok()) return status;
  }
  auto parts = std::make_unique<Parts>();
  const Clock clock = [] { return absl::Now(); };
  // First, so that nothing is made where it cannot serve. Who connects meanwhile waits.
  absl::StatusOr<std::unique_ptr<GrpcServer>> listening = GrpcServer::Listen(options.listening, clock);
  if (!listening.ok()) return listening.status();
  parts->server = *std::move(listening);
  if (absl::Status status = MakeDataDir(options.data_dir); !status.ok()) return status;
  if (absl::Status status = parts->OpenState(options, clock); !status.ok()) return status;
  parts->MakeServices(options.backup_dir, clock);
  // Nobody waits for it, since it takes some tens of milliseconds to begin; backups and checks, which take minutes,
  // come after it. A new worker has room.
  std::ignore = parts->maintenance_worker->Do([store = parts->store.get()] {
    const absl::Status begun = store->StartUpkeep();
    if (begun.ok()) return;
    std::cerr << "qm-server: the store does not put its files in order until it is started again: " << begun
              << std::endl;
  });
  if (absl::Status status = parts->server->Serve(parts->services); !status.ok()) return status;
  GrpcServer* const server = parts->server.get();
  server->SetHealth(kReadsHealthName, true);
  parts->store_watch = std::make_unique<StoreWatch>(parts->store.get(), [server](const absl::Status& writes) {
    server->SetHealth("", writes.ok());
    if (writes.ok()) {
      std::cerr << "qm-server: writes are taken again" << std::endl;
    } else {
      std::cerr << "qm-server: no writes are taken: " << writes.message() << std::endl;
    }
  });
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::Shutdown() {
  if (parts_->store == nullptr) return;
  parts_->store_watch.reset();
  parts_->server->StopListening();
  parts_->watchers->Close();  // They would stay for ever.
  parts_->backups->Stop();
  parts_->server->Shutdown(absl::Seconds(kShutdownSeconds));
  parts_->submissions->AwaitAnswers();  // They read the store.
  parts_->worker.reset();
  parts_->watch_worker.reset();
  parts_->maintenance_worker.reset();
  parts_->audit->Add(AuditEntry(kOwnPrincipal, "", kStopped).Number("last_sequence", parts_->store->last_sequence()));
  parts_->audit->Close();
  parts_->store.reset();
  parts_->receipt_signer.reset();  // After what the store has stored last.
}

}  // namespace quartermaster::server
