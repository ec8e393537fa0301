// Visits returns in order, with their withdrawals: two cursors over the two families, whose keys are the same, moved
// side by side. So a scan of everything costs what reading the bytes costs, without a look-up for each row.
#ifndef QUARTERMASTER_STORAGE_RETURN_SCAN_H_
#define QUARTERMASTER_STORAGE_RETURN_SCAN_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// As StoreReader::ScanReturns. `moment` null: now.
absl::Status ScanReturns(const Database& database, const rocksdb::Snapshot* moment, const ReturnFilter& filter,
                         absl::FunctionRef<bool(StoredReturn&)> visit);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RETURN_SCAN_H_
