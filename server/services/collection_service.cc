#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "quartermaster/v1/collection_service.grpc.pb.h"
#include "server/collection_trial.h"
#include "server/errors.h"
#include "server/imports.h"
#include "server/live_state.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/worker.h"
#include "storage/store.h"

namespace quartermaster::server {
namespace {

class CollectionServiceImpl : public v1::CollectionService::CallbackService {
 public:
  explicit CollectionServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* PublishCollection(grpc::CallbackServerContext* context,
                                              const v1::PublishCollectionRequest* request,
                                              v1::PublishCollectionResponse* response) override {
    return AnswerLater(
        dependencies_, context, "PublishCollection", *request, [&](const Principal& caller, auto finish) {
          dependencies_.imports->PublishCollection(
              *request, caller.name, [response, finish](absl::StatusOr<v1::PublishCollectionResponse> published) {
                if (published.ok()) *response = *std::move(published);
                finish(published.status());
              });
        });
  }

  grpc::ServerUnaryReactor* GetCollection(grpc::CallbackServerContext* context, const v1::GetCollectionRequest* request,
                                          v1::GetCollectionResponse* response) override {
    return Answer(dependencies_, context, "GetCollection", *request,
                  [&](const Principal&) { return Get(*request, response); });
  }

  grpc::ServerUnaryReactor* CheckCollection(grpc::CallbackServerContext* context,
                                            const v1::CheckCollectionRequest* request,
                                            v1::CheckCollectionResponse* response) override {
    return AnswerLater(dependencies_, context, "CheckCollection", *request, [&](const Principal&, auto finish) {
      // gRPC keeps the request and the response until the call is finished.
      AnswerOn(dependencies_.worker, context, finish, [this, context, request, response, finish] {
        absl::StatusOr<v1::CheckCollectionResponse> checked =
            TryRules(*request, *dependencies_.state, *dependencies_.store, absl::Now(),
                     [context] { return context->IsCancelled(); });
        if (checked.ok()) *response = *std::move(checked);
        finish(checked.status());
      });
    });
  }

  grpc::ServerUnaryReactor* ListCollections(grpc::CallbackServerContext* context,
                                            const v1::ListCollectionsRequest* request,
                                            v1::ListCollectionsResponse* response) override {
    return Answer(dependencies_, context, "ListCollections", *request, [&](const Principal&) {
      for (const auto& [id, collection] : dependencies_.state->collections()) {
        *response->add_collections() = DescribeCollection(collection->record, *collection->schema);
      }
      return absl::OkStatus();
    });
  }

 private:
  absl::Status Get(const v1::GetCollectionRequest& request, v1::GetCollectionResponse* response) const {
    const auto current = dependencies_.state->FindCollection(request.collection());
    if (!current.ok()) return current.status();
    if (!request.has_version() || request.version() == (*current)->record.version()) {
      return Describe((*current)->record, *(*current)->schema, response);
    }
    const absl::StatusOr<storage::Catalogue> catalogue = dependencies_.store->ReadCatalogue();
    if (!catalogue.ok()) return catalogue.status();
    for (const auto& record : catalogue->collections) {
      if (record.id() != request.collection() || record.version() != request.version()) continue;
      const SchemaResult compiled =
          CollectionSchema::Compile(record.descriptor_set(), record.file_name(), record.version());
      if (compiled.schema == nullptr) return absl::DataLossError("the stored version does not compile any more");
      return Describe(record, *compiled.schema, response);
    }
    return NotFound(
        "version", absl::StrCat(request.version()),
        absl::StrCat("The current one of ", request.collection(), " is ", (*current)->record.version(), "."));
  }

  static absl::Status Describe(const storage::v1::CollectionRecord& record, const CollectionSchema& schema,
                               v1::GetCollectionResponse* response) {
    *response->mutable_collection() = DescribeCollection(record, schema);
    *response->mutable_collection()->mutable_descriptor_set() = record.descriptor_set();
    return absl::OkStatus();
  }

  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCollectionService(const ServiceDependencies& dependencies) {
  return std::make_unique<CollectionServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
