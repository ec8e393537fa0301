// Every rule by which the returns of a service are judged, one by one: those of its schema, and those that
// Quartermaster itself has, for each field or indicator that they are set for. For comparing versions of a collection,
// and for checking the names of rules.
#ifndef QUARTERMASTER_VALIDATION_RULE_LIST_H_
#define QUARTERMASTER_VALIDATION_RULE_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "quartermaster/schema/v1/annotations.pb.h"
#include "validation/schema.h"

namespace quartermaster {

// The ids of Quartermaster's own rules over several values. They may be excepted, as rules of a schema may.
inline constexpr char kChangeRule[] = "change";
inline constexpr char kManyChangesRule[] = "many-changes";
inline constexpr char kChangeInYearRule[] = "change-in-year";
inline constexpr char kVanishedRule[] = "vanished";
inline constexpr char kOpeningRule[] = "opening";
inline constexpr char kQuarterMonthsRule[] = "quarter-months";
inline constexpr char kExceptionalOwnRule[] = "exceptional-own";
inline constexpr char kExceptionalNationalRule[] = "exceptional-national";

// So many values at the least must have moved for many-changes: fewer may well have moved each for a reason of its own.
inline constexpr size_t kManyChanges = 5;

struct ListedRule {
  std::string rule_id;
  // The path of the field, or the id of the indicator, for a rule of Quartermaster's own.
  std::string subject;
  schema::v1::Severity severity;
  bool shadow;
  // Equal where it demands the same.
  uint64_t digest;
};

// First those of the fields alone, then those of the schema, then those against earlier returns, then the indicators':
// in the order in which a return is judged.
std::vector<ListedRule> ListRules(const ServiceSchema& service);

// What kManyChangesRule demands: it counts by the limits of all fields, as ListedRule's digest.
uint64_t ManyChangesDigest(const ServiceSchema& service);

// Whether Quartermaster itself has a rule of this id: of the shape of a return, of one value or over several.
bool IsBuiltInRule(absl::string_view id);

// Whether a standing exception may turn the rule into an INFO: what only one value breaks, such as its type, it may
// not.
bool MayBeExcepted(const ServiceSchema& service, absl::string_view id);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_RULE_LIST_H_
