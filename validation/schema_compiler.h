// Turns an annotated .proto file into a CollectionSchema, collecting every problem on the way. Internal to
// validation/schema.
//
// schema_compiler.cc reads the file, its services and their fields; schema_expressions.cc their rules and indicators.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_COMPILER_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_COMPILER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "validation/schema.h"

namespace quartermaster {

class SchemaCompiler {
 public:
  SchemaResult Compile(const google::protobuf::FileDescriptorSet& descriptor_set, const std::string& file_name,
                       uint32_t version);

 private:
  using Message = google::protobuf::Descriptor;
  using Field = google::protobuf::FieldDescriptor;
  using SourcePath = std::vector<int>;

  // Where a problem is: a file, a path of its source code info, and how people call the thing.
  struct Place {
    const google::protobuf::FileDescriptor* file;
    SourcePath path;
    std::string element;
  };
  // The path of a message in the source code info of its file.
  static SourcePath PathOf(const Message* message);
  void Report(const Place& place, std::string message);
  // For a field, at its own line.
  void Report(const Field* field, std::string message);

  void CompileCollectionOption(const google::protobuf::FileDescriptor* file);
  void CompileService(const Message* message);

  // `prefix` and `label` are those of the group that holds the message's fields, with their separator.
  void CompileFields(const Message* message, const std::string& prefix, const std::string& label,
                     const std::vector<const Field*>& above, ServiceSchema* service);
  void CompileField(const Field* field, FieldSchema compiled, ServiceSchema* service);
  bool SetType(const Field* field, FieldSchema* compiled);
  void SetChoices(const Field* field, FieldSchema* compiled);
  void SetNumberLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  void SetTextLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  absl::optional<Decimal> ReadLimit(const Field* field, const char* name, double value, int places);

  void CompileRules(const Message* message, ServiceSchema* service);
  void CompileIndicators(const Message* message, ServiceSchema* service);
  void CompileIndicator(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service);
  void CompileDistribution(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service);
  // One row of statistics. `denominator` is empty for a plain value.
  void AddIndicator(const Place& place, const schema::v1::Indicator& annotation, const std::string& category,
                    const std::string& category_label, const std::string& numerator, const std::string& denominator,
                    double default_factor, ServiceSchema* service);
  absl::optional<Expression> CompileNumber(const Place& place, const char* part, const std::string& source,
                                           ServiceSchema* service);
  bool CheckId(const Place& place, const std::string& id, absl::flat_hash_set<std::string>* seen);

  std::shared_ptr<CollectionSchema> schema_;
  std::vector<SchemaProblem> problems_;
  int groups_ = 0;  // Messages visited in the service that is being compiled.
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_COMPILER_H_
