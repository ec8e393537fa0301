// What making and restoring backups share: how RocksDB's engine is set, and what a backup says of itself.
#ifndef QUARTERMASTER_STORAGE_BACKUP_ENGINE_H_
#define QUARTERMASTER_STORAGE_BACKUP_ENGINE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"

namespace quartermaster::storage {

// Progress is told after so many bytes: often enough to show that something moves, and to stop within a moment.
inline constexpr uint64_t kBackupProgressBytes = 1 << 20;

// `bytes_per_second` 0: as fast as it goes.
rocksdb::BackupEngineOptions EngineOptions(const std::string& backup_dir, int64_t bytes_per_second);

// For listing, verifying and restoring. It changes nothing in the folder. NOT_FOUND where there are none.
absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenBackups(const std::string& backup_dir,
                                                                           rocksdb::Env* env);

// What the backup says of itself. DATA_LOSS if that does not read back.
absl::StatusOr<v1::BackupRecord> ParseBackup(const rocksdb::BackupInfo& info);

Backup Describe(const rocksdb::BackupInfo& info, const v1::BackupRecord& record);

// As FromRocksDb, but that a path is missing is no damage here.
absl::Status FromBackupEngine(const rocksdb::Status& status, absl::string_view doing);

// The same of reading the files of a backup that is listed: there a missing one is DATA_LOSS.
absl::Status FromReadingBackup(const rocksdb::Status& status, absl::string_view doing);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_BACKUP_ENGINE_H_
