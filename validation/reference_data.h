// What a return is judged against besides its schema: everything that the server or a bundle knows and the return does
// not say.
#ifndef QUARTERMASTER_VALIDATION_REFERENCE_DATA_H_
#define QUARTERMASTER_VALIDATION_REFERENCE_DATA_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster {

// The population that a participant serves in a period; absent if none is registered.
using PopulationSource = std::function<absl::optional<Decimal>(const std::string& participant, const PopulationKey& key,
                                                               const Period& period)>;

// What all other participants had on one indicator in the country's last complete period.
struct PeerBaseline {
  Decimal median;
  Decimal deviation;  // the median absolute deviation, not yet scaled
  uint32_t others;
  Period period;
};

// How many periods before the one that is judged are searched for a complete one: a year, or two years of years.
constexpr int PeriodsSearchedForPeers(PeriodKind kind) {
  return kind == PeriodKind::kMonth ? 12 : kind == PeriodKind::kQuarter ? 4 : 2;
}

// What is unset is not judged. Each function is called on the thread that judges, and may be called any number of
// times.
struct ReferenceData {
  // Whether a participant with this code is registered. Unset offline without a list of participants.
  std::function<bool(const std::string& code)> is_participant;
  // What the participant merged into; absent if it stands for itself.
  std::function<absl::optional<Succession::Successor>(const std::string& code)> successor;
  // A code that looks like this one, or empty.
  std::function<std::string(const std::string& code)> suggest_participant;
  // The population of a participant in a period. Without it rules that ask for populations are skipped.
  PopulationSource population;
  // The fields of the participant's current return for just this period, or of those who merged into it
  // (merged_return.h); absent if there is none. Texts may be left out. Without it a return is not compared with earlier ones.
  std::function<absl::optional<FieldRow>(const ServiceSchema& service, const std::string& participant,
                                         const Period& period)>
      current_return;
  // For an indicator with an ExceptionalLimit: what to compare a value of `period` with, absent if there is no complete
  // period or there are too few others.
  std::function<absl::optional<PeerBaseline>(const ServiceSchema& service, const IndicatorSchema& indicator,
                                             const std::string& participant, const Period& period)>
      peers;
  // The standing exception that holds today for a rule and one field or indicator, absent if there is none. `severity`
  // of the use is left open.
  std::function<absl::optional<v1::ExceptionUse>(const ServiceSchema& service, const std::string& participant,
                                                 absl::string_view rule_id, absl::string_view subject)>
      exception;
  // The current month. A period that has not begun by then is refused.
  absl::optional<Period> current_month;
};

// The value of each population that the service's expressions ask for, in the order of ServiceSchema::populations().
std::vector<absl::optional<Decimal>> LookUpPopulations(const ServiceSchema& service, const std::string& participant,
                                                       const Period& period, const PopulationSource& population);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_REFERENCE_DATA_H_
