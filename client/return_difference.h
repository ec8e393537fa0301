// What changed between two revisions of a return.
#ifndef QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_
#define QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_

#include "absl/status/statusor.h"
#include "client/table.h"
#include "quartermaster/v1/return_service.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

// One revision, and the version of the collection by which it was judged.
struct JudgedRevision {
  const v1::StoredReturn& stored;
  const CollectionSchema& schema;
};

// Fields in the order of the later revision, then those that only the earlier one has. A choice whose label alone has
// changed is the same. DATA_LOSS where the data of one is not that of its service.
absl::StatusOr<v1::ReturnDifference> FindDifference(const JudgedRevision& earlier, const JudgedRevision& later);

// A row a change: for people with labels, else with the keys of the return.
Table ReturnDifferenceTable(const v1::ReturnDifference& difference, bool for_people);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_
