// Visits what was said about queries, in order, and sees to it that each is of a return that is there.
#ifndef QUARTERMASTER_STORAGE_QUERY_SCAN_H_
#define QUARTERMASTER_STORAGE_QUERY_SCAN_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// As StoreReader::ScanQueries. `moment` null: now.
absl::Status ScanQueries(const Database& database, const rocksdb::Snapshot* moment, const std::string& collection,
                         absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_QUERY_SCAN_H_
