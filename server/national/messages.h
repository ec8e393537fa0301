// Cells as the messages of the API.
#ifndef QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_
#define QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_

#include "absl/types/optional.h"
#include "quartermaster/v1/statistics.pb.h"
#include "server/national/cell.h"
#include "validation/contribution.h"
#include "validation/schema.h"

namespace quartermaster::national {

v1::NationalStatistics MakeStatistics(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell);

// How a participant's contribution and a cell go together.
enum class Membership {
  // It is in the cell.
  kWithin,
  // It is not in the cell, and stands there as one more would.
  kBeside,
  // It is not in the cell, and is shown without a standing.
  kApart,
};

// Where a participant stands with this contribution, if it has one.
v1::IndicatorPosition MakePosition(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell,
                                   const absl::optional<Contribution>& contribution, Membership membership);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_
