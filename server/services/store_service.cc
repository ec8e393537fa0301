#include <grpcpp/grpcpp.h>

#include <utility>

#include "quartermaster/v1/store_service.grpc.pb.h"
#include "server/backups.h"
#include "server/services/progress_stream.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/verification.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

class StoreServiceImpl : public v1::StoreService::CallbackService {
 public:
  explicit StoreServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerWriteReactor<v1::CreateBackupResponse>* CreateBackup(grpc::CallbackServerContext* context,
                                                                   const v1::CreateBackupRequest* request) override {
    return new ProgressStream<v1::CreateBackupResponse>(
        dependencies_, context, "CreateBackup", request,
        [this](const OnProgress& on_progress) -> absl::StatusOr<v1::CreateBackupResponse> {
          absl::StatusOr<v1::Backup> backup = dependencies_.backups->Create(on_progress);
          if (!backup.ok()) return backup.status();
          v1::CreateBackupResponse response;
          *response.mutable_backup() = *std::move(backup);
          return response;
        });
  }

  grpc::ServerUnaryReactor* ListBackups(grpc::CallbackServerContext* context, const v1::ListBackupsRequest* request,
                                        v1::ListBackupsResponse* response) override {
    return AnswerLater(dependencies_, context, "ListBackups", *request, [&](const Principal&, auto finish) {
      // Not after a backup that is under way, which takes minutes: reading the folder changes nothing in it.
      AnswerOn(dependencies_.worker, context, finish, [this, response, finish] {
        absl::StatusOr<v1::ListBackupsResponse> list = dependencies_.backups->List();
        if (list.ok()) *response = *std::move(list);
        finish(list.status());
      });
    });
  }

  grpc::ServerWriteReactor<v1::VerifyStoreResponse>* VerifyStore(grpc::CallbackServerContext* context,
                                                                 const v1::VerifyStoreRequest* request) override {
    return new ProgressStream<v1::VerifyStoreResponse>(
        dependencies_, context, "VerifyStore", request,
        [this](const OnProgress& on_progress) -> absl::StatusOr<v1::VerifyStoreResponse> {
          const Backups* const backups = dependencies_.backups;
          absl::StatusOr<v1::VerificationReport> report = server::VerifyStore(
              dependencies_.store, dependencies_.state, on_progress, [backups] { return backups->is_stopped(); });
          if (!report.ok()) return report.status();
          v1::VerifyStoreResponse response;
          *response.mutable_report() = *std::move(report);
          return response;
        });
  }

 private:
  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStoreService(const ServiceDependencies& dependencies) {
  return std::make_unique<StoreServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
