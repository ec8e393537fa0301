// The verdict on one return: every problem in one pass.
//
// Judge is a pure function of the return and the reference data: it reads no clock, no file and no network, so a client
// that has the same rules gives the same findings as the server.
#ifndef QUARTERMASTER_VALIDATION_VALIDATE_H_
#define QUARTERMASTER_VALIDATION_VALIDATE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/period.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster {

// The population that a participant serves in a period; absent if none is registered.
using PopulationSource = std::function<absl::optional<Decimal>(const std::string& participant, const PopulationKey& key,
                                                               const Period& period)>;

// What a return is judged against besides its schema. What is unset is not judged.
struct ReferenceData {
  // Whether a participant with this code is registered. Unset offline without a list of participants.
  std::function<bool(const std::string& code)> is_participant;
  // A code that looks like this one, or empty.
  std::function<std::string(const std::string& code)> suggest_participant;
  // The population of a participant in a period. Without it rules that ask for populations are skipped.
  PopulationSource population;
  // The values of the participant's current return for a service and period; absent if there is none. Without it a
  // return is not compared with earlier ones.
  std::function<absl::optional<ReturnValues>(const ServiceSchema& service, const std::string& participant,
                                             const Period& period)>
      earlier_return;
  // The current month. A period that has not begun by then is refused.
  absl::optional<Period> current_month;
};

// The outcome. Where the collection, service or period of the return could not be made out, what hangs on it is unset.
struct Judgement {
  // In the order: key, fields, rules.
  std::vector<v1::Finding> findings;
  const ServiceSchema* service = nullptr;
  absl::optional<Period> period;
  absl::optional<ReturnValues> values;

  // No finding is an ERROR.
  bool accepted() const;
};

// Judges `content` by `schema`, whose id must be content.collection(). Bytes of any kind in `content` give findings.
Judgement Judge(const CollectionSchema& schema, const v1::ReturnContent& content, const ReferenceData& reference);

// The value of each population that the service's expressions ask for, in the order of ServiceSchema::populations().
std::vector<absl::optional<Decimal>> LookUpPopulations(const ServiceSchema& service, const std::string& participant,
                                                       const Period& period, const PopulationSource& population);

// What is wrong with a participant code, as one sentence, or empty: national codes are 2 to 12 capital letters and
// digits; a site or service adds a hyphen and 1 to 20 capital letters, digits and hyphens.
std::string ParticipantCodeProblem(absl::string_view code);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_VALIDATE_H_
