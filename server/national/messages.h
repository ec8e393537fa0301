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

// Where a participant stands whose contribution, if it has one, is in the cell.
v1::IndicatorPosition MakePosition(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell,
                                   const absl::optional<Contribution>& contribution);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_
