// Which of the rules that a return breaks are broken by the same mistake. Internal to validation/expression_rules.
//
// A wrong total breaks every rule over it, and a data team wants to hear of it once. But a rule must not be silent only
// because another one over the same field has a finding, or the second of two mistakes would cost another round. So a
// rule is silent where one and the same correction of a field could mend it together with a rule that is reported: both
// need the field to be larger, or smaller; sums over the same total need the same amount.
#ifndef QUARTERMASTER_VALIDATION_RULE_MISTAKES_H_
#define QUARTERMASTER_VALIDATION_RULE_MISTAKES_H_

#include <vector>

#include "absl/types/optional.h"
#include "validation/expression.h"
#include "validation/rule_context.h"
#include "validation/schema.h"

namespace quartermaster {

// One rule that does not hold, or that could not be computed.
struct RuleFailure {
  const RuleSchema* rule;
  schema::v1::Severity severity;
  EvaluationError error;
  // The fields that a finding lists, the one that it is about first.
  std::vector<int> named = {};
  // All fields that it reads.
  std::vector<int> inputs = {};
  // Of a sum the total and its parts; else the two sides, if it compares numbers and nothing else.
  absl::optional<ComparedNumbers> compared = {};
};

// Those that are to be reported, in the order of `failures`, to which they point. A rule is silenced only by one that
// weighs at least as much after standing exceptions, so no ERROR is lost behind a QUERY. Rules on trial are all
// reported, and silence none; nor does what could not be computed.
std::vector<const RuleFailure*> DistinctMistakes(const std::vector<RuleFailure>& failures, const RuleContext& context);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_RULE_MISTAKES_H_
