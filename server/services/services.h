// The gRPC services: each turns requests into calls of what lies below, and results into responses. Nothing else of the
// server knows gRPC but server/grpc_status and the program that listens.
#ifndef QUARTERMASTER_SERVER_SERVICES_SERVICES_H_
#define QUARTERMASTER_SERVER_SERVICES_SERVICES_H_

#include <memory>
#include <vector>

namespace grpc {
class Service;
}  // namespace grpc

namespace quartermaster::storage {
class Store;
}  // namespace quartermaster::storage

namespace quartermaster::server {

class Access;
class Backups;
class Audit;
class Disclosure;
class ExceptionGrants;
class Imports;
class LiveState;
class NationalFigures;
class NationalReplies;
class Progress;
class Queries;
class ReceiptKey;
class Releases;
class Submissions;
class TokenControl;
class Watchers;
class WindowControl;
class Worker;

// What the services use. All of it outlives them.
struct ServiceDependencies {
  const Access* access;
  Audit* audit;
  const LiveState* state;
  storage::Store* store;
  Submissions* submissions;
  Imports* imports;
  Queries* queries;
  ExceptionGrants* exceptions;
  // For calls that take seconds.
  Worker* worker;
  WindowControl* window_control;
  Releases* releases;
  const NationalFigures* national_figures;
  NationalReplies* national_replies;
  TokenControl* token_control;
  Disclosure* disclosure;
  const Progress* progress;
  Watchers* watchers;
  // For what watchers are told: it has room for a task of each.
  Worker* watch_worker;
  // Of the receipts that are read; Submissions signs those that it gives.
  const ReceiptKey* receipt_key;
  Backups* backups;
  // For backups and checks, which take minutes: one after the other.
  Worker* maintenance_worker;
  // For looks at national figures while returns come in: those who send come first.
  Worker* reading_worker;
};

std::unique_ptr<grpc::Service> MakeSubmissionService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeReturnService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeNationalService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeCollectionService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeParticipantService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeQueryService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeStandingExceptionService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeBundleService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeWindowService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeReleaseService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeTokenService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeExtractService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeProgressService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeStoreService(const ServiceDependencies& dependencies);
std::unique_ptr<grpc::Service> MakeAuditService(const ServiceDependencies& dependencies);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_SERVICES_H_
