// Reads the table files of a store from end to end.
#ifndef QUARTERMASTER_STORAGE_TABLE_CHECK_H_
#define QUARTERMASTER_STORAGE_TABLE_CHECK_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocksdb_database.h"

namespace quartermaster::storage {

// As Store::VerifyChecksums. The files stay until it is done, also those that a compaction has replaced meanwhile.
absl::Status CheckTables(const Database& database, absl::FunctionRef<bool()> is_cancelled);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_TABLE_CHECK_H_
