#include "client/schema_source.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/proto_compiler.h"
#include "proto/shipped_collections.h"

namespace quartermaster::client {
namespace {

class LocalSchemas : public SchemaSource {
 public:
  void Add(std::shared_ptr<const CollectionSchema> schema) { schemas_[schema->id()] = std::move(schema); }

  absl::StatusOr<std::vector<std::string>> List() override {
    std::vector<std::string> ids;
    for (const auto& [id, schema] : schemas_) ids.push_back(id);
    return ids;
  }

  absl::StatusOr<std::shared_ptr<const CollectionSchema>> Get(const std::string& id) override {
    const auto found = schemas_.find(id);
    if (found == schemas_.end()) return absl::NotFoundError(absl::StrCat("There is no collection \"", id, "\"."));
    return found->second;
  }

 private:
  std::map<std::string, std::shared_ptr<const CollectionSchema>> schemas_;
};

// Each is compiled when it is asked for: all of them take longer than judging a file.
class CarriedSchemas : public SchemaSource {
 public:
  absl::StatusOr<std::vector<std::string>> List() override {
    std::vector<std::string> ids;
    for (const ShippedCollection& collection : ShippedCollections()) ids.push_back(collection.id);
    return ids;
  }

  absl::StatusOr<std::shared_ptr<const CollectionSchema>> Get(const std::string& id) override {
    for (const ShippedCollection& collection : ShippedCollections()) {
      if (collection.id == id) return Compile(collection);
    }
    return absl::NotFoundError(absl::StrCat("There is no collection \"", id, "\"."));
  }

 private:
  static absl::StatusOr<std::shared_ptr<const CollectionSchema>> Compile(const ShippedCollection& collection) {
    // Version 0: the versions of a server count its own publications.
    SchemaResult result = CollectionSchema::Compile(DescriptorsOf(collection), collection.file_name, 0);
    if (result.schema != nullptr) return std::move(result.schema);
    return absl::InternalError(
        absl::StrCat("this program carries a collection that does not compile: ",
                     result.problems.empty() ? collection.file_name : DescribeProblem(result.problems.front())));
  }
};

class RemoteSchemas : public SchemaSource {
 public:
  explicit RemoteSchemas(Server* server) : server_(server) {}

  absl::StatusOr<std::vector<std::string>> List() override {
    const absl::StatusOr<v1::ListCollectionsResponse> response = server_->ListCollections();
    if (!response.ok()) return response.status();
    std::vector<std::string> ids;
    for (const v1::Collection& collection : response->collections()) ids.push_back(collection.id());
    return ids;
  }

  absl::StatusOr<std::shared_ptr<const CollectionSchema>> Get(const std::string& id) override {
    v1::GetCollectionRequest request;
    request.set_collection(id);
    const absl::StatusOr<v1::GetCollectionResponse> response = server_->GetCollection(request);
    if (!response.ok()) return response.status();
    return CompileReceived(response->collection());
  }

 private:
  Server* const server_;
};

}  // namespace

std::unique_ptr<SchemaSource> ShippedSchemas() { return std::make_unique<CarriedSchemas>(); }

absl::StatusOr<std::unique_ptr<SchemaSource>> SchemaOfFile(const std::string& path,
                                                           const std::vector<std::string>& import_folders) {
  absl::StatusOr<CompiledProto> compiled = CompileProto(path, import_folders);
  if (!compiled.ok()) return absl::InvalidArgumentError(compiled.status().message());
  SchemaResult result;
  result.problems = std::move(compiled->problems);
  if (result.problems.empty()) result = CollectionSchema::Compile(compiled->descriptor_set, compiled->file_name, 0);
  if (result.schema == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        result.problems.empty() ? path : DescribeProblem(result.problems.front()),
        result.problems.size() > 1 ? absl::StrCat(" There are ", result.problems.size() - 1, " more problems:") : "",
        " 'qm collection publish --check' lists what is wrong with a schema."));
  }
  return SourceOf(std::move(result.schema));
}

std::unique_ptr<SchemaSource> SourceOf(std::shared_ptr<const CollectionSchema> schema) {
  auto source = std::make_unique<LocalSchemas>();
  source->Add(std::move(schema));
  return source;
}

std::unique_ptr<SchemaSource> SchemasOfServer(Server* server) { return std::make_unique<RemoteSchemas>(server); }

absl::StatusOr<std::shared_ptr<const CollectionSchema>> CompileReceived(const v1::Collection& collection) {
  SchemaResult result =
      CollectionSchema::Compile(collection.descriptor_set(), collection.file_name(), collection.version());
  if (result.schema != nullptr) return std::move(result.schema);
  return absl::InternalError(absl::StrCat(
      "this program cannot read version ", collection.version(), " of the collection ", collection.id(), ": ",
      result.problems.empty() ? "" : DescribeProblem(result.problems.front()), " Get the qm of the server's release."));
}

std::string DescribeProblem(const SchemaProblem& problem) {
  std::string place = problem.file;
  if (problem.line > 0) absl::StrAppend(&place, ":", problem.line);
  if (problem.line > 0 && problem.column > 0) absl::StrAppend(&place, ":", problem.column);
  return absl::StrCat(place, ": ", problem.element, problem.element.empty() ? "" : ": ", problem.message);
}

}  // namespace quartermaster::client
