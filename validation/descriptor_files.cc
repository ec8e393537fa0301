#include "validation/descriptor_files.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "validation/schema_size.h"

namespace quartermaster {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

void Report(SchemaProblem problem, std::vector<SchemaProblem>* problems) {
  if (problems->size() < kMaxSchemaProblems) problems->push_back(std::move(problem));
}

// Files whose meaning this program fixes.
bool IsOurs(const std::string& name) {
  return absl::StartsWith(name, "google/protobuf/") || absl::StartsWith(name, "quartermaster/schema/");
}

class ProblemCollector : public DescriptorPool::ErrorCollector {
 public:
  explicit ProblemCollector(std::vector<SchemaProblem>* problems) : problems_(problems) {}
  void AddError(const std::string& file, const std::string& element, const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    Report({file, 0, 0, element, message}, problems_);
  }

 private:
  std::vector<SchemaProblem>* problems_;
};

class FileBuilder {
 public:
  FileBuilder(const FileDescriptorSet& set, DescriptorPool* pool, std::vector<SchemaProblem>* problems)
      : pool_(pool), problems_(problems), collector_(problems) {
    for (const FileDescriptorProto& file : set.file()) files_[file.name()] = &file;
  }

  const FileDescriptor* Build(const std::string& name) {
    if (const FileDescriptor* built = pool_->FindFileByName(name)) return built;
    if (!visited_.insert(name).second) return nullptr;  // It imports itself, or was refused before.
    FileDescriptorProto own;
    const FileDescriptorProto* file = nullptr;
    if (const FileDescriptor* known = IsOurs(name) ? DescriptorPool::generated_pool()->FindFileByName(name) : nullptr) {
      known->CopyTo(&own);
      file = &own;
    } else if (const auto found = files_.find(name); found != files_.end()) {
      file = found->second;
    } else {
      Report({name, 0, 0, "", "The file is imported, but it is not in the descriptor set."}, problems_);
      return nullptr;
    }
    for (const std::string& dependency : file->dependency()) Build(dependency);
    return pool_->BuildFileCollectingErrors(*file, &collector_);
  }

 private:
  DescriptorPool* pool_;
  std::vector<SchemaProblem>* problems_;
  ProblemCollector collector_;
  absl::flat_hash_map<std::string, const FileDescriptorProto*> files_;
  absl::flat_hash_set<std::string> visited_;
};

}  // namespace

const FileDescriptor* BuildFiles(const FileDescriptorSet& set, const std::string& file_name, DescriptorPool* pool,
                                 std::vector<SchemaProblem>* problems) {
  *problems = SizeProblems(set);
  if (!problems->empty()) return nullptr;
  const FileDescriptor* file = FileBuilder(set, pool, problems).Build(file_name);
  if (file == nullptr && problems->empty()) {
    problems->push_back({file_name, 0, 0, "", "The file could not be built; it may import itself."});
  }
  return file;
}

}  // namespace quartermaster
