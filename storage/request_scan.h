// Visits what request ids were used for.
#ifndef QUARTERMASTER_STORAGE_REQUEST_SCAN_H_
#define QUARTERMASTER_STORAGE_REQUEST_SCAN_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// As StoreReader::ScanRequests. `moment` null: now.
absl::Status ScanRequests(const Database& database, const rocksdb::Snapshot* moment,
                          absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_REQUEST_SCAN_H_
