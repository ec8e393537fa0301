// Compiles a collection's .proto file with protobuf's own importer, so that publishing a collection needs no rebuild of
// anything.
#ifndef QUARTERMASTER_CLIENT_PROTO_COMPILER_H_
#define QUARTERMASTER_CLIENT_PROTO_COMPILER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

struct CompiledProto {
  // The file and all that it imports, with source code info; empty if there is a problem.
  google::protobuf::FileDescriptorSet descriptor_set;
  // The name of the file within the set: relative to the folder of imports that holds it.
  std::string file_name;
  // Syntax errors and unknown names, with the file as it was named, line and column.
  std::vector<SchemaProblem> problems;
};

// Imports are looked up in `import_folders`, then in the folder of the file; Quartermaster's annotations and protobuf's
// own files are built in. Errors: those of ReadFile, and OUT_OF_RANGE for a file past kMaxSchemaBytes.
absl::StatusOr<CompiledProto> CompileProto(const std::string& path, const std::vector<std::string>& import_folders);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_PROTO_COMPILER_H_
