#include "validation/schema_size.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

constexpr int kMaxFiles = 200;        // Bounds the depth to which files import each other; the largest has a dozen.
constexpr int kMaxChoices = 1000;     // A hundred times what a person can choose from; they are compared in pairs.
constexpr int kMaxRanges = 1000;      // Numbers that once were fields; protobuf compares them in pairs.
constexpr int kMaxMessages = 10'000;  // Of all files, enums as well: two for each field of the largest service.

class Measure {
 public:
  std::vector<SchemaProblem> Run(const FileDescriptorSet& set) {
    if (set.file_size() > kMaxFiles) {
      file_ = set.file(set.file_size() - 1).name();
      Check("", "A collection has at most ", set.file_size(), kMaxFiles, " files.");
      return std::move(problems_);
    }
    for (const FileDescriptorProto& file : set.file()) {
      file_ = file.name();
      for (const DescriptorProto& message : file.message_type()) MeasureMessage(message);
      for (const EnumDescriptorProto& type : file.enum_type()) MeasureEnum(type);
    }
    Check("", "The files of a collection have at most ", messages_, kMaxMessages, " messages and enums.");
    return std::move(problems_);
  }

 private:
  // One problem is enough: such files are not made by mistake.
  void Check(const std::string& element, const char* before, int count, int most, const char* after) {
    if (count <= most || !problems_.empty()) return;
    problems_.push_back({file_, 0, 0, element, absl::StrCat(before, most, after)});
  }

  // Whoever read the set has bounded how deep messages lie in messages.
  void MeasureMessage(const DescriptorProto& message) {
    ++messages_;
    Check(message.name(), "A message has at most ", message.field_size(), CollectionSchema::kMaxFieldsInService,
          " fields.");
    Check(message.name(), "A message has at most ", message.reserved_range_size() + message.extension_range_size(),
          kMaxRanges, " ranges of reserved numbers and extensions.");
    for (const DescriptorProto& nested : message.nested_type()) MeasureMessage(nested);
    for (const EnumDescriptorProto& type : message.enum_type()) MeasureEnum(type);
  }

  void MeasureEnum(const EnumDescriptorProto& type) {
    ++messages_;
    Check(type.name(), "An enum has at most ", type.value_size(), kMaxChoices, " choices.");
    Check(type.name(), "An enum has at most ", type.reserved_range_size(), kMaxRanges, " ranges of reserved numbers.");
  }

  std::string file_;
  int messages_ = 0;
  std::vector<SchemaProblem> problems_;
};

}  // namespace

std::vector<SchemaProblem> SizeProblems(const FileDescriptorSet& set) { return Measure().Run(set); }

}  // namespace quartermaster
