// Makes collections from .proto text, as a client does from a file.
#ifndef QUARTERMASTER_TESTS_TESTING_COMPILE_COLLECTION_H_
#define QUARTERMASTER_TESTS_TESTING_COMPILE_COLLECTION_H_

#include <memory>
#include <string>

#include "google/protobuf/descriptor.pb.h"
#include "validation/schema.h"

namespace quartermaster::testing {

// The name that the text gets within the descriptor set.
inline constexpr char kCollectionFile[] = "test_collection.proto";

// Compiles the text of a .proto file with protobuf's importer. Ends the test program if it is no valid protobuf.
google::protobuf::FileDescriptorSet DescriptorSetFromText(const std::string& proto_text);

// The same, then as a collection of version 1.
SchemaResult CompileCollection(const std::string& proto_text);

// The same where the text is known to be right; ends the test program with the problems where it is not.
std::shared_ptr<const CollectionSchema> CollectionFromText(const std::string& proto_text);

}  // namespace quartermaster::testing

#endif  // QUARTERMASTER_TESTS_TESTING_COMPILE_COLLECTION_H_
