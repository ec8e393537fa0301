#include "tests/testing/compile_collection.h"

#include <cstdlib>
#include <iostream>

#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor_database.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "quartermaster/schema/v1/annotations.pb.h"

namespace quartermaster::testing {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

class PrintedErrors : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    std::cerr << kCollectionFile << ":" << line + 1 << ":" << column + 1 << ": " << message << "\n";
  }
};

void AddWithImports(const FileDescriptor* file, FileDescriptorSet* set) {
  for (const FileDescriptorProto& known : set->file()) {
    if (known.name() == file->name()) return;
  }
  for (int i = 0; i < file->dependency_count(); ++i) AddWithImports(file->dependency(i), set);
  FileDescriptorProto* copy = set->add_file();
  file->CopyTo(copy);
  file->CopySourceCodeInfoTo(copy);
}

[[noreturn]] void Die(const std::string& problem) {
  std::cerr << "The collection of the test is not right: " << problem << "\n";
  std::abort();
}

}  // namespace

FileDescriptorSet DescriptorSetFromText(const std::string& proto_text) {
  schema::v1::Collection::descriptor();  // Links the annotations into the generated pool.
  PrintedErrors errors;
  google::protobuf::io::ArrayInputStream input(proto_text.data(), static_cast<int>(proto_text.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, &errors);
  google::protobuf::compiler::Parser parser;
  parser.RecordErrorsTo(&errors);
  FileDescriptorProto parsed;
  if (!parser.Parse(&tokenizer, &parsed)) Die("it does not parse");
  parsed.set_name(kCollectionFile);

  google::protobuf::DescriptorPoolDatabase annotations(*google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::SimpleDescriptorDatabase own;
  own.Add(parsed);
  google::protobuf::MergedDescriptorDatabase both(&own, &annotations);
  google::protobuf::DescriptorPool pool(&both);
  const FileDescriptor* file = pool.FindFileByName(kCollectionFile);
  if (file == nullptr) Die("it does not link; protobuf says why above");
  FileDescriptorSet set;
  AddWithImports(file, &set);
  return set;
}

SchemaResult CompileCollection(const std::string& proto_text) {
  return CollectionSchema::Compile(DescriptorSetFromText(proto_text), kCollectionFile, 1);
}

std::shared_ptr<const CollectionSchema> CollectionFromText(const std::string& proto_text) {
  SchemaResult result = CompileCollection(proto_text);
  for (const SchemaProblem& problem : result.problems) {
    std::cerr << problem.file << ":" << problem.line << ": " << problem.element << ": " << problem.message << "\n";
  }
  if (result.schema == nullptr) Die("it is no collection");
  return result.schema;
}

}  // namespace quartermaster::testing
