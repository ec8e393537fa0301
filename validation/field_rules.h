// The rules of single fields: required, type, range, decimals, choice, length, pattern, not available. Internal to
// validation/validate.
#ifndef QUARTERMASTER_VALIDATION_FIELD_RULES_H_
#define QUARTERMASTER_VALIDATION_FIELD_RULES_H_

#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/period.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster {

// Appends what is wrong with each field, at most one ERROR a field, in the order of the fields; names that the service
// does not have come last. Fields with an ERROR become kUnreadable in `values`, so that no later rule judges them
// again. Without `period`, what depends on it (required_since) is not judged.
void JudgeFields(const ServiceSchema& service, const v1::ReturnContent& content, const absl::optional<Period>& period,
                 ReturnValues* values, std::vector<v1::Finding>* findings);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_FIELD_RULES_H_
