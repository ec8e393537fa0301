// In what a return differs from the one that its request id has stored before.
#ifndef QUARTERMASTER_SERVER_CONTENT_DIFFERENCE_H_
#define QUARTERMASTER_SERVER_CONTENT_DIFFERENCE_H_

#include "absl/status/status.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "storage/store.h"
#include "validation/schema.h"

namespace quartermaster::server {

// The error of a store that found other content under the request id, with the fields whose value, or reason for having
// none, is not the same: "What differs: occupied, available and 3 more." Any other error as it is, and also where no
// field tells, as where only the encoding differs.
absl::Status NamingTheDifference(const absl::Status& error, const storage::Store& store, const CollectionSchema& schema,
                                 const storage::ReturnKey& key, const v1::ReturnContent& content);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CONTENT_DIFFERENCE_H_
