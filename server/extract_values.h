// What an extract has of one service in one period: values, and which returns they come from, as they are now or as a
// release has frozen them.
#ifndef QUARTERMASTER_SERVER_EXTRACT_VALUES_H_
#define QUARTERMASTER_SERVER_EXTRACT_VALUES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/live_state.h"
#include "server/national/cell.h"
#include "server/national/participant_values.h"
#include "storage/store.h"
#include "validation/contribution.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

struct ExtractedValue {
  std::string participant;
  Contribution contribution;
  bool partial;
  bool counts;  // It is among the national figures.
};

struct ExtractedIndicator {
  std::string id;
  std::string category;
  // Null for one that a release has and the collection no longer.
  const IndicatorSchema* schema;
  std::vector<ExtractedValue> values;  // ordered by participant
};

struct ServiceValues {
  // Those of the schema in its order, then those that are no longer there.
  std::vector<ExtractedIndicator> indicators;
  // The returns for just this period that values are made of, ordered by participant.
  std::vector<national::UsedReturn> returns;
};

// As it is now, all of one moment.
ServiceValues LiveValues(const LiveCollection& collection, const ServiceSchema& service, const Period& period);

// As the release has it. DATA_LOSS. One part of the content is in memory at a time.
absl::StatusOr<ServiceValues> ReleasedValues(const storage::Store& store, const v1::Release& release,
                                             const ServiceSchema& service, const Period& period);

// The cell of those values that count and whose participant passes.
template <typename Among>
national::Cell CellOf(const ExtractedIndicator& indicator, Among among) {
  national::Cell cell;
  for (const ExtractedValue& value : indicator.values) {
    if (value.counts && among(value.participant)) cell.Replace(absl::nullopt, value.contribution);
  }
  return cell;
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXTRACT_VALUES_H_
