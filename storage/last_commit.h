// Where the commits of a database end.
#ifndef QUARTERMASTER_STORAGE_LAST_COMMIT_H_
#define QUARTERMASTER_STORAGE_LAST_COMMIT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"

namespace quartermaster::storage {

// The number in the record of the last commit, as it is at this moment; null: now. DATA_LOSS if that is missing or does
// not read back; else as of rocksdb_status.h.
absl::StatusOr<uint64_t> ReadLastCommit(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* meta,
                                        const rocksdb::Snapshot* moment = nullptr);

// The same of a database that nobody has open, as recovery would find it. It changes nothing there but LOG.
absl::StatusOr<uint64_t> LookForLastCommit(rocksdb::Env* env, const std::string& data_dir);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_LAST_COMMIT_H_
