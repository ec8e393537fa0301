// Turns an annotated .proto file into a CollectionSchema, collecting every problem on the way. Internal to
// validation/schema.
//
// schema_compiler.cc reads the file, its services and their fields; schema_collection.cc what is said of the collection
// as a whole; schema_windows.cc when returns are taken; schema_history.cc what fields ask of earlier
// returns and of later periods; schema_rules.cc rules; schema_indicators.cc indicators.
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
  static Place PlaceOf(const Field* field);
  // For a field, at its own line.
  void Report(const Field* field, std::string message);

  void CompileCollectionOption(const google::protobuf::FileDescriptor* file);
  void SetDisclosure(const Place& place, const schema::v1::Collection& collection);
  void CompileWindows(const Place& place, const schema::v1::Collection& collection);
  void CompileWindow(const Place& place, const schema::v1::Window& annotation);
  void CheckDates(const Place& place, const WindowSchema& window);
  void CompileService(const Message* message);
  // Whether there are so many problems that what is left need not be looked at.
  bool IsHopeless() const;
  // A text that people read. It is copied with each field that is in its group.
  void CheckText(const Place& place, const char* name, const std::string& text);

  // `prefix` and `label` are those of the group that holds the message's fields, with their separator.
  void CompileFields(const Message* message, const std::string& prefix, const std::string& label,
                     const std::vector<const Field*>& above, ServiceSchema* service);
  void CompileField(const Field* field, FieldSchema compiled, ServiceSchema* service);
  bool SetType(const Field* field, FieldSchema* compiled);
  void SetChoices(const Field* field, FieldSchema* compiled);
  void SetNumberLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  void SetTextLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  absl::optional<Decimal> ReadLimit(const Field* field, const char* name, double value, int places);
  // Fills `month` from `text`, if there is any, or says what is wrong with the option `name`. The result is whether it
  // is right.
  bool ReadMonth(const Place& place, const char* name, const std::string& text, absl::optional<Period>* month);

  void SetHistory(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  absl::optional<ChangeLimit> ReadChange(const Field* field, const char* name, const schema::v1::Change& change);
  void SetTightened(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled);
  // Once all fields of the service are known.
  void ResolveOpenings(ServiceSchema* service);

  void CompileRules(const Message* message, ServiceSchema* service);
  void CompileRule(const Place& place, const schema::v1::Rule& annotation, ServiceSchema* service);
  absl::optional<SumOfParts> CompileSum(const Place& place, const schema::v1::Sum& sum, const ServiceSchema& service);
  void CompileIndicators(const Message* message, ServiceSchema* service);
  void CompileIndicator(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service);
  void CompileDistribution(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service);
  // One row of statistics. `denominator` is empty for a plain value.
  void AddIndicator(const Place& place, const schema::v1::Indicator& annotation, const std::string& category,
                    const std::string& category_label, const std::string& numerator, const std::string& denominator,
                    double default_factor, ServiceSchema* service);
  absl::optional<Expression> CompileNumber(const Place& place, const char* part, const std::string& source,
                                           ServiceSchema* service);
  void SetExceptional(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service,
                      size_t first_row);
  // A limit of a rule or indicator: at least 0, or more than 0 where `positive`.
  absl::optional<Decimal> ReadAmount(const Place& place, const char* name, double value, bool positive);
  bool CheckId(const Place& place, const std::string& id, absl::flat_hash_set<std::string>* seen);

  std::shared_ptr<CollectionSchema> schema_;
  std::vector<SchemaProblem> problems_;
  // Of the service that is being compiled:
  int groups_ = 0;             // Messages visited.
  size_t service_fields_ = 0;  // Of the services before.
  struct PendingOpening {
    const Field* field;
    int index;
    schema::v1::Opening annotation;
  };
  std::vector<PendingOpening> openings_;  // Their closing fields may stand further down.
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_COMPILER_H_
