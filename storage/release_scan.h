// Reads releases: all of them without their content, or the content of one.
#ifndef QUARTERMASTER_STORAGE_RELEASE_SCAN_H_
#define QUARTERMASTER_STORAGE_RELEASE_SCAN_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/snapshot.h"
#include "storage/keys.h"
#include "storage/rocksdb_database.h"
#include "storage/store.h"

namespace quartermaster::storage {

// Ordered by key, as they are in the snapshot.
absl::StatusOr<std::vector<v1::ReleaseRecord>> ReadReleases(const Database& database,
                                                            const rocksdb::Snapshot* snapshot);

// As Store::ReadRelease.
absl::Status ReadRelease(const Database& database, const ReleaseKey& key,
                         absl::FunctionRef<bool(std::string part)> visit);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RELEASE_SCAN_H_
