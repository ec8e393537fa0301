// Releases that only report builders see for a while.
#ifndef QUARTERMASTER_SERVER_EMBARGO_H_
#define QUARTERMASTER_SERVER_EMBARGO_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "quartermaster/v1/release_service.pb.h"
#include "server/release_index.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// The day that it is where the dates of the period are counted: in the time zone of its window, else UTC.
absl::CivilDay DayFor(const CollectionSchema& schema, const Period& period, absl::Time now);

// Whether the last day of the release's embargo is not past. A release of which that cannot be read is under embargo.
bool IsUnderEmbargo(const v1::Release& release, const CollectionSchema& schema, absl::Time now);

// Whether others than report builders see the release: it is not under embargo, and was not replaced while it was.
bool IsSeenByAll(const ReleaseIndex& index, const v1::Release& release, const CollectionSchema& schema, absl::Time now);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EMBARGO_H_
