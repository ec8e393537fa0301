// The schema of a collection, compiled from its annotated .proto file into what judging a return needs.
//
// A CollectionSchema is built once, when a collection is published or a server or client starts, and never changes. It
// owns the descriptors that its services point to.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "quartermaster/schema/v1/annotations.pb.h"
#include "re2/re2.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/period.h"

namespace quartermaster {

// One choice of an enum field.
struct Choice {
  int number;
  std::string name;         // TEAM_TYPE_CRISIS
  size_t name_prefix_size;  // of TEAM_TYPE_
  std::string label;        // "crisis": what people write and read
};

// When a change against an earlier period is queried: both limits passed, from a base of at least `least_base`.
struct ChangeLimit {
  Decimal percent;
  Decimal absolute;
  Decimal least_base;
  bool shadow;
  uint64_t digest;  // of what it says, as RuleSchema's
};

// The field with which the period before closed, from which this one must open.
struct OpeningRule {
  int closing;  // into the FieldValues of a return
  Decimal tolerance;
  uint64_t digest;
};

// The range of a field from a month on.
struct RangeFrom {
  Period since;
  absl::optional<Decimal> minimum;
  absl::optional<Decimal> maximum;
};

// One field that a return can carry. Fields of nested messages are fields of the service, with dotted paths.
struct FieldSchema {
  int index;  // into the FieldValues of a return
  std::string path;
  std::string label;
  std::string unit;
  std::string definition;
  ValueType type;
  // From the service's message to the field itself; all but the last are nested messages.
  std::vector<const google::protobuf::FieldDescriptor*> descriptors;
  int places = 0;  // decimals accepted; 0 unless type is kDouble
  bool required = false;
  absl::optional<Period> required_since;  // a month
  bool allow_not_available = false;
  // The range before the first of `tightened`.
  absl::optional<Decimal> minimum;
  absl::optional<Decimal> maximum;
  std::vector<RangeFrom> tightened;  // in the order of time; each complete
  absl::optional<ChangeLimit> change;
  absl::optional<ChangeLimit> change_in_year;
  bool continuous = false;
  absl::optional<OpeningRule> opening;
  schema::v1::Rollup rollup = schema::v1::ROLLUP_UNSPECIFIED;
  std::vector<Choice> choices;
  uint32_t max_length = 0;  // in characters, text only
  std::shared_ptr<const RE2> pattern;
  std::string pattern_description;

  // The choice by its value name, by the name without its prefix, or by its label; letter case does not matter.
  const Choice* FindChoice(absl::string_view name) const;
};

// Parts that make a total. Places into the FieldValues of a return.
struct SumOfParts {
  int total;
  std::vector<int> parts;
  Decimal tolerance;
};

struct RuleSchema {
  std::string id;
  schema::v1::Severity severity;
  schema::v1::Class rule_class;
  std::string message;
  std::string hint;
  bool shadow;
  absl::optional<Period> since;  // a month
  std::variant<Expression, SumOfParts> condition;
  uint64_t digest;  // Of what it demands, not of how it says it: two versions of a rule with the same digest are one.
};

// When a value of an indicator is queried.
struct ExceptionalLimit {
  absl::optional<Decimal> own;
  absl::optional<Decimal> national;
  Decimal absolute;
  bool shadow;
  uint64_t own_digest;  // Each of what it demands, as RuleSchema's.
  uint64_t national_digest;
};

// One row of statistics: an indicator, or one category of a distribution. Its value is numerator / denominator x
// factor. A plain value and a yes or no have no denominator expression: it is 1.
struct IndicatorSchema {
  int index;  // into ServiceSchema::indicators()
  std::string id;
  std::string category;  // of a distribution, else empty
  std::string title;     // with the category
  std::string unit;
  std::string definition;
  uint32_t decimals;
  schema::v1::Polarity polarity;
  Expression numerator;
  absl::optional<Expression> denominator;
  Decimal factor;
  absl::optional<ExceptionalLimit> exceptional;

  // Only a ratio has a pooled figure.
  bool is_ratio() const { return denominator.has_value(); }
  // "bed-occupancy", or with its category "caseload-by-gender/female".
  std::string name() const { return category.empty() ? id : id + "/" + category; }
};

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
  std::vector<RuleSchema> rules_;
  std::vector<IndicatorSchema> indicators_;
  int declared_indicator_count_ = 0;
  bool takes_months_and_quarters_ = false;
  std::vector<PopulationKey> populations_;
};

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
  static constexpr int kMaxGroupDepth = 8;          // Nested messages; a message that contains itself is refused by it.

  const std::string& id() const { return id_; }
  const std::string& title() const { return title_; }
  uint32_t version() const { return version_; }
  const std::string& file_name() const { return file_name_; }
  const std::vector<schema::v1::Cadence>& cadences() const { return cadences_; }
  bool takes(PeriodKind kind) const;
  // A month.
  Period first_period() const { return first_period_; }
  const std::vector<std::unique_ptr<const ServiceSchema>>& services() const { return services_; }
  // Null if there is none.
  const ServiceSchema* FindService(absl::string_view id) const;
  // Null if no service has this message.
  const ServiceSchema* FindServiceByMessage(absl::string_view full_name) const;

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
  std::vector<std::unique_ptr<const ServiceSchema>> services_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_H_
