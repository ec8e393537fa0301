// The values of a stored return as a table.
#ifndef QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_
#define QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_

#include "absl/status/statusor.h"
#include "client/table.h"
#include "quartermaster/v1/return_service.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

// A row for each field that has a value or is not available: for people with labels and units, else the columns of a
// long file, so that it can be submitted again. DATA_LOSS where the data is not that of its service.
absl::StatusOr<Table> ReturnValuesTable(const CollectionSchema& schema, const v1::StoredReturn& stored,
                                        bool for_people);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_
