// Makes backups of an open store.
#ifndef QUARTERMASTER_STORAGE_BACKUP_WRITER_H_
#define QUARTERMASTER_STORAGE_BACKUP_WRITER_H_

#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"
#include "storage/rocksdb_database.h"

namespace quartermaster::storage {

// Thread-safe.
class BackupWriter {
 public:
  // `database` must outlive it.
  explicit BackupWriter(Database* database) : database_(database) {}

  // `acknowledged_sequence` is the last commit that was acknowledged before the call. The new backup is read back
  // before any older one is removed; one that does not read back is removed itself. Then the older ones are read back,
  // those that are damaged are removed, and it is made once more. Errors as of storage/backup.h, and:
  //  * ABORTED: another backup is being made, by this store or into this folder.
  //  * INVALID_ARGUMENT: an option has no sense.
  //  * FAILED_PRECONDITION: the folder cannot be made, is a store, or holds backups of another store.
  //  * CANCELLED: is_cancelled said so.
  absl::StatusOr<Backup> Create(uint64_t acknowledged_sequence, const BackupOptions& options);

 private:
  absl::StatusOr<Backup> CreateLocked(uint64_t acknowledged_sequence, const BackupOptions& options);
  // Fills in `info`. A backup that does not read back is removed: DATA_LOSS if it is damaged.
  absl::Status CopyAndReadBack(rocksdb::BackupEngine* engine, const v1::BackupRecord& record,
                               const BackupOptions& options, rocksdb::BackupInfo* info);

  Database* const database_;
  std::mutex mutex_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_BACKUP_WRITER_H_
