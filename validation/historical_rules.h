// The rules that compare a return with the participant's earlier ones. Internal to validation/validate.
#ifndef QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_
#define QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_

#include <vector>

#include "quartermaster/v1/finding.pb.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster {

// Appends a QUERY (rule id "change") for each number that moved since the period before by more than both limits of its
// field's `change`. A number that was 0 has moved by more than any percentage.
void JudgeChanges(const ServiceSchema& service, const Period& period, const std::vector<FieldValue>& now,
                  const std::vector<FieldValue>& before, std::vector<v1::Finding>* findings);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_HISTORICAL_RULES_H_
