// The schema of a collection, compiled from its annotated .proto file into what judging a return needs.
//
// A CollectionSchema is built once, when a collection is published or a server or client starts, and never changes. It
// owns the descriptors that its services point to.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "quartermaster/schema/v1/annotations.pb.h"
#include "validation/expression.h"
#include "validation/message_layout.h"
#include "validation/period.h"
#include "validation/schema_parts.h"

namespace quartermaster {

// Thread-safe: it never changes.
class ServiceSchema {
 public:
  const std::string& id() const { return id_; }
  const std::string& title() const { return title_; }
  const std::string& description() const { return description_; }
  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  // An empty message of the service.
  std::unique_ptr<google::protobuf::Message> NewMessage() const;
  // In the order of the file, nested ones where their message stands. An entry's index is its place here.
  const std::vector<FieldSchema>& fields() const { return fields_; }
  const std::vector<RuleSchema>& rules() const { return rules_; }
  const std::vector<IndicatorSchema>& indicators() const { return indicators_; }
  // Whether the collection takes both monthly and quarterly returns, which must then agree.
  bool takes_months_and_quarters() const { return takes_months_and_quarters_; }
  // How many indicators there are, a distribution counting as one.
  int declared_indicator_count() const { return declared_indicator_count_; }
  // The populations that the expressions ask for, in the order of EvaluationInput::populations.
  const std::vector<PopulationKey>& populations() const { return populations_; }
  // Null if there is none.
  const FieldSchema* FindField(absl::string_view path) const;
  // How they lie in a return's bytes.
  const MessageLayout& layout() const { return layout_; }
  // The path most like this one, or empty if none is near.
  std::string SuggestField(absl::string_view path) const;

 private:
  friend class SchemaCompiler;
  std::string id_;
  std::string title_;
  std::string description_;
  const google::protobuf::Descriptor* descriptor_ = nullptr;
  const google::protobuf::Message* prototype_ = nullptr;
  std::vector<FieldSchema> fields_;
  absl::flat_hash_map<std::string, int> field_index_;
  MessageLayout layout_;
  std::vector<RuleSchema> rules_;
  std::vector<IndicatorSchema> indicators_;
  int declared_indicator_count_ = 0;
  bool takes_months_and_quarters_ = false;
  std::vector<PopulationKey> populations_;
};

// How many problems of one file are told: enough to mend it by; a hostile one has more.
inline constexpr size_t kMaxSchemaProblems = 100;

// One reason why a file is no collection. Lines and columns count from 1; 0 if unknown.
struct SchemaProblem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string element;
  std::string message;
};

class CollectionSchema;

struct SchemaResult {
  std::shared_ptr<const CollectionSchema> schema;  // null if there is a problem
  std::vector<SchemaProblem> problems;
};

// Thread-safe: it never changes.
class CollectionSchema {
 public:
  // Compiles the file `file_name` of `descriptor_set`, which holds it and all that it imports. Its services are the
  // messages with the service option in that file and in the files of the same package that it imports, in the order of
  // the imports. The annotations and Google's own files are taken from this program, whatever the set holds under their
  // names. Every problem is named, not only the first. `version` is carried along.
  static SchemaResult Compile(const google::protobuf::FileDescriptorSet& descriptor_set, const std::string& file_name,
                              uint32_t version);

  static constexpr int kMaxFieldsInService = 2000;  // Thirty screens of a spreadsheet; bounds a finding list.
  static constexpr uint32_t kDefaultMinimumN = 5;
  static constexpr int kMaxGroupDepth = 8;  // Nested messages; a message that contains itself is refused by it.

  const std::string& id() const { return id_; }
  const std::string& title() const { return title_; }
  uint32_t version() const { return version_; }
  const std::string& file_name() const { return file_name_; }
  const std::vector<schema::v1::Cadence>& cadences() const { return cadences_; }
  bool takes(PeriodKind kind) const;
  // A month.
  Period first_period() const { return first_period_; }
  // Never unspecified.
  schema::v1::LiveView live_view() const { return live_view_; }
  // Fewer participants than this are never shown as a figure to those who are not report builders.
  uint32_t minimum_n() const { return minimum_n_; }
  // Whether a period of which parts are missing counts with the parts that there are.
  bool include_partial_periods() const { return include_partial_periods_; }
  // When returns for periods of a kind are taken; null: always.
  const WindowSchema* FindWindow(PeriodKind kind) const;
  const std::vector<WindowSchema>& windows() const { return windows_; }
  const std::vector<std::unique_ptr<const ServiceSchema>>& services() const { return services_; }
  // Null if there is none.
  const ServiceSchema* FindService(absl::string_view id) const;

  ~CollectionSchema();

 private:
  friend class SchemaCompiler;
  CollectionSchema();
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::unique_ptr<google::protobuf::DynamicMessageFactory> message_factory_;
  std::string id_;
  std::string title_;
  uint32_t version_ = 0;
  std::string file_name_;
  std::vector<schema::v1::Cadence> cadences_;
  Period first_period_ = Period::Month(2020, 4);
  schema::v1::LiveView live_view_ = schema::v1::LIVE_VIEW_STEPPED;
  uint32_t minimum_n_ = kDefaultMinimumN;
  bool include_partial_periods_ = false;
  std::vector<WindowSchema> windows_;
  std::vector<std::unique_ptr<const ServiceSchema>> services_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_H_
