// How good the data of returns is: coverage x validity, as DataQuality in progress_service.proto defines them.
#ifndef QUARTERMASTER_SERVER_DATA_QUALITY_H_
#define QUARTERMASTER_SERVER_DATA_QUALITY_H_

#include <cstdint>
#include <vector>

#include "quartermaster/v1/progress_service.pb.h"
#include "server/query_index.h"
#include "validation/period.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster::server {

// Whether a query waits for the participant: nobody explained it, or the explanation was returned.
bool IsOpen(v1::QueryState state);

// Adds the values of one return to the numbers of `quality`. A required field is asked for, from the month on that it
// is required; an optional one if it was given. Of `queries`, those of the return, the open ones count: each is about
// the field, the fields of the rule, or the fields of the indicator that it names.
void CountValues(const ServiceSchema& service, const Period& period, const ReturnValues& values,
                 const std::vector<QueryIndex::Entry>& queries, v1::DataQuality* quality);

// Sets coverage, validity and score by the numbers. What nothing was asked of is covered; what has no value has none
// that is doubted.
void SetShares(v1::DataQuality* quality);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_DATA_QUALITY_H_
