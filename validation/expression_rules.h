// The rules of a schema over one return: expressions, and parts that make a total. Internal to validation/validate.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_RULES_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_RULES_H_

#include "validation/rule_context.h"

namespace quartermaster {

// Adds a finding for each rule that does not hold. A rule is silent where a value that it needs is absent or has a
// finding from the rules of its field, and where the mistake is one that another rule has found (rule_mistakes.h). One
// that cannot be computed (division by zero, overflow) gives an INFO.
void JudgeRules(RuleContext* context);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_RULES_H_
