#include "client/proto_compiler.h"

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "google/protobuf/compiler/importer.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "quartermaster/schema/v1/annotations.pb.h"

namespace quartermaster::client {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::compiler::DiskSourceTree;

// Lines and columns come counted from 0, or as -1 where they are unknown.
class ProblemCollector : public google::protobuf::compiler::MultiFileErrorCollector {
 public:
  ProblemCollector(DiskSourceTree* tree, std::vector<SchemaProblem>* problems) : tree_(tree), problems_(problems) {}

  void AddError(const std::string& file_name, int line, int column, const std::string& message) override {
    std::string path;
    if (!tree_->VirtualFileToDiskFile(file_name, &path)) path = file_name;
    // In a package that does not begin with quartermaster the options have their full names.
    const bool is_half_name = absl::StartsWith(message, "Option \"(schema.v1.");
    problems_->push_back({path, line + 1, column + 1, "",
                          is_half_name ? absl::StrCat(message, " Write (quartermaster.schema.v1....).") : message});
  }

 private:
  DiskSourceTree* const tree_;
  std::vector<SchemaProblem>* const problems_;
};

// The file after all that it imports.
void AddWithImports(const FileDescriptor& file, std::set<std::string>* added,
                    google::protobuf::FileDescriptorSet* set) {
  if (!added->insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), added, set);
  google::protobuf::FileDescriptorProto* proto = set->add_file();
  file.CopyTo(proto);
  file.CopyJsonNameTo(proto);
  file.CopySourceCodeInfoTo(proto);
}

}  // namespace

absl::StatusOr<CompiledProto> CompileProto(const std::string& path, const std::vector<std::string>& import_folders) {
  // The importer reads the file again; this finds out what is wrong with it in plain words first.
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxSchemaBytes);
  if (!bytes.ok()) return bytes.status();

  DiskSourceTree tree;
  for (const std::string& folder : import_folders) tree.MapPath("", folder);
  const std::string own_folder = std::filesystem::path(path).parent_path().string();
  tree.MapPath("", own_folder.empty() ? "." : own_folder);

  CompiledProto compiled;
  std::string shadowing_file;
  if (tree.DiskFileToVirtualFile(path, &compiled.file_name, &shadowing_file) != DiskSourceTree::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", shadowing_file, " would be read in its place. Change the order of the import folders."));
  }

  ProblemCollector collector(&tree, &compiled.problems);
  // Names the generated code's descriptors, so that the annotations are linked in.
  schema::v1::Collection::descriptor();
  google::protobuf::DescriptorPoolDatabase built_in(*DescriptorPool::generated_pool());
  google::protobuf::compiler::SourceTreeDescriptorDatabase database(&tree, &built_in);
  database.RecordErrorsTo(&collector);
  DescriptorPool pool(&database, database.GetValidationErrorCollector());
  pool.EnforceWeakDependencies(true);
  const FileDescriptor* file = pool.FindFileByName(compiled.file_name);
  if (file == nullptr && compiled.problems.empty()) {
    compiled.problems.push_back({path, 0, 0, "", "The file could not be compiled."});
  }
  if (!compiled.problems.empty()) return compiled;
  std::set<std::string> added;
  AddWithImports(*file, &added, &compiled.descriptor_set);
  return compiled;
}

}  // namespace quartermaster::client
