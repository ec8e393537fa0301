#include "tests/fuzz/fuzz.h"

#include <cstdio>
#include <cstdlib>

#include "google/protobuf/stubs/logging.h"
#include "validation/utf8.h"

// The fuzzer calls it once. What protobuf says of each broken message would fill the log.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

namespace quartermaster {

// Made by the build from collection.proto.
extern const unsigned char kFuzzDescriptorSet[];
extern const size_t kFuzzDescriptorSetSize;

namespace fuzz {
namespace {

constexpr size_t kScreenBytes = 8000;

}  // namespace

void Require(bool holds, absl::string_view promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", std::string(promise).c_str());
  std::abort();
}

void RequireSound(const v1::Finding& finding) {
  Require(!finding.rule_id().empty(), "a finding names its rule");
  Require(finding.class_() != schema::v1::CLASS_UNSPECIFIED, "a finding has a class");
  Require(finding.severity() != schema::v1::SEVERITY_UNSPECIFIED, "a finding has a severity");
  Require(!finding.message().empty(), "a finding says what is wrong");
  Require(!finding.has_row() || finding.row() > 0, "rows count from 1");
  std::string bytes;
  v1::Finding copy;
  Require(finding.SerializeToString(&bytes) && copy.ParseFromString(bytes), "a finding can be sent");
  Require(bytes.size() < kScreenBytes, "a finding fits a screen");
}

void RequireSound(const absl::Status& status) {
  Require(!status.ok(), "an error is one");
  Require(!status.message().empty(), "an error says what is wrong");
  Require(status.message().size() < kScreenBytes, "an error fits a screen");
  Require(IsUtf8(status.message()), "an error is UTF-8");
}

const google::protobuf::FileDescriptorSet& FuzzDescriptors() {
  static const auto& set = *[] {
    auto* parsed = new google::protobuf::FileDescriptorSet;
    Require(parsed->ParseFromArray(kFuzzDescriptorSet, static_cast<int>(kFuzzDescriptorSetSize)), "the build made it");
    return parsed;
  }();
  return set;
}

const std::shared_ptr<const CollectionSchema>& FuzzCollection() {
  static const auto& schema = *[] {
    const SchemaResult result = CollectionSchema::Compile(FuzzDescriptors(), "collection.proto", 1);
    for (const SchemaProblem& problem : result.problems) {
      std::fprintf(stderr, "collection.proto:%d: %s: %s\n", problem.line, problem.element.c_str(),
                   problem.message.c_str());
    }
    Require(result.schema != nullptr, "collection.proto compiles");
    return new std::shared_ptr<const CollectionSchema>(result.schema);
  }();
  return schema;
}

}  // namespace fuzz
}  // namespace quartermaster
