// Whether a return may stand beside the others of its participant: one for a whole period and those for its parts, and
// those of a body that merged into another.
#ifndef QUARTERMASTER_VALIDATION_PERIOD_RULES_H_
#define QUARTERMASTER_VALIDATION_PERIOD_RULES_H_

#include <string>
#include <vector>

#include "quartermaster/v1/finding.pb.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/schema.h"

namespace quartermaster {

// An ERROR for a period from which on another body stands for the participant. Nothing without `reference.successor`.
void JudgeSuccession(const std::string& participant, const Period& period, const ReferenceData& reference,
                     std::vector<v1::Finding>* findings);

// An ERROR for a part of a period that was returned whole, where the part would count nowhere; an INFO for a whole over
// parts that were returned, which it supersedes. Nothing without `reference.current_return`.
void JudgeWholeAndParts(const CollectionSchema& schema, const ServiceSchema& service, const std::string& participant,
                        const Period& period, const ReferenceData& reference, std::vector<v1::Finding>* findings);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_PERIOD_RULES_H_
