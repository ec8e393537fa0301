// Where the rules come from by which a file is read and judged: the collections that this program carries, a schema in
// a file, or those that a server has now.
#ifndef QUARTERMASTER_CLIENT_SCHEMA_SOURCE_H_
#define QUARTERMASTER_CLIENT_SCHEMA_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/server.h"
#include "validation/schema.h"

namespace quartermaster::client {

class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  // The ids of the collections that there are.
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  // NOT_FOUND if there is none of this id.
  virtual absl::StatusOr<std::shared_ptr<const CollectionSchema>> Get(const std::string& id) = 0;
};

// The shipped collections, for judging without a server.
std::unique_ptr<SchemaSource> ShippedSchemas();

// The one collection of a .proto file. INVALID_ARGUMENT where the file is wrong, with its problems.
absl::StatusOr<std::unique_ptr<SchemaSource>> SchemaOfFile(const std::string& path,
                                                           const std::vector<std::string>& import_folders);

// One collection that is compiled already.
std::unique_ptr<SchemaSource> SourceOf(std::shared_ptr<const CollectionSchema> schema);

// The current versions at a server, which must outlive the source.
std::unique_ptr<SchemaSource> SchemasOfServer(Server* server);

// The schema of a collection as a server sent it. INTERNAL where this program cannot compile it.
absl::StatusOr<std::shared_ptr<const CollectionSchema>> CompileReceived(const v1::Collection& collection);

// "FILE:LINE:COL: element: message", as compilers write it, so that editors jump there.
std::string DescribeProblem(const SchemaProblem& problem);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_SCHEMA_SOURCE_H_
