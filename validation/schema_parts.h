// What a collection and its services are made of, compiled: windows, fields, rules and indicators. Part of
// validation/schema.h.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_PARTS_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_PARTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "quartermaster/schema/v1/annotations.pb.h"
#include "re2/re2.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/period.h"

namespace quartermaster {

// When returns for periods of one kind are taken. Days count as those of the annotation Window: opens_days and due_days
// from the last day of the period, the others from the last day of the period of kind `closes_with` that contains it.
struct WindowSchema {
  PeriodKind kind;
  int opens_days;
  int due_days;
  int closes_days;
  absl::optional<int> release_days;
  PeriodKind closes_with;  // `kind` unless the annotation names a longer one.
  std::string contact;
  std::string time_zone;  // A name that looks like one of the IANA database.
};

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
  bool is_share;  // The numerator is 1 or 0: a yes or no, or whether a choice is this category.
  absl::optional<ExceptionalLimit> exceptional;
  uint64_t digest;  // Of its formula: with another one it would be another indicator.

  // Only a ratio has a pooled figure.
  bool is_ratio() const { return denominator.has_value(); }
  // "bed-occupancy", or with its category "caseload-by-gender/female".
  std::string name() const { return category.empty() ? id : id + "/" + category; }
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_PARTS_H_
