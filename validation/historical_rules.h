// The rules that compare a return with the participant's other ones. Internal to validation/validate.
#ifndef QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_
#define QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_

#include "validation/rule_context.h"

namespace quartermaster {

// Adds a QUERY for each number that, as its field's annotation asks,
//  * vanished since the period before (vanished);
//  * is not what the period before closed with (opening);
//  * moved by more than both limits since the period before (change; where two thirds of five or more moved in one
//    direction, one QUERY speaks for all: many-changes) or the same period a year before (change-in-year);
//  * is in a quarterly return another than that of the three months rolled up, or the other way round (quarter-months).
// A number that has a finding already has no other.
void JudgeHistory(RuleContext* context);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_
