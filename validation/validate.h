// The verdict on one return: every problem in one pass.
//
// Judge is a pure function of the return and the reference data: it reads no clock, no file and no network, so a client
// that has the same rules gives the same findings as the server.
#ifndef QUARTERMASTER_VALIDATION_VALIDATE_H_
#define QUARTERMASTER_VALIDATION_VALIDATE_H_

#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster {

// The outcome. Where the collection, service or period of the return could not be made out, what hangs on it is unset.
struct Judgement {
  // In the order: key, fields, rules, earlier returns, indicators.
  std::vector<v1::Finding> findings;
  // What rules on trial found. It decides nothing, and is for stewards only.
  std::vector<v1::Finding> shadow_findings;
  const ServiceSchema* service = nullptr;
  absl::optional<Period> period;
  absl::optional<ReturnValues> values;

  // No finding is an ERROR.
  bool accepted() const;
};

// Judges `content` by `schema`, whose id must be content.collection(). Bytes of any kind in `content` give findings.
Judgement Judge(const CollectionSchema& schema, const v1::ReturnContent& content, const ReferenceData& reference);

// What is wrong with a participant code, as one sentence, or empty: national codes are 2 to 12 capital letters and
// digits; a site or service adds a hyphen and 1 to 20 capital letters, digits and hyphens.
std::string ParticipantCodeProblem(absl::string_view code);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_VALIDATE_H_
