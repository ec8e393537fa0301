#include "storage/backup_engine.h"

#include "absl/strings/str_cat.h"
#include "rocksdb/rate_limiter.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// Each request waits for the next refill: ten times as often as RocksDB refills by default, so that small backups need
// not wait, and the disk is taken in smaller bites.
constexpr int64_t kRefillPeriodUs = 10'000;
constexpr int32_t kFairness = 10;  // RocksDB's default

}  // namespace

rocksdb::BackupEngineOptions EngineOptions(const std::string& backup_dir, int64_t bytes_per_second) {
  rocksdb::BackupEngineOptions options(backup_dir);
  // Table files never change: those that a backup has are not copied again.
  options.share_table_files = true;
  // Files of two histories may have one number, as after a restore; their names tell them apart.
  options.share_files_with_checksum = true;
  // A backup that is listed survives a power cut.
  options.sync = true;
  options.destroy_old_data = false;
  // What was acknowledged lately is in the log alone.
  options.backup_log_files = true;
  options.max_background_operations = 1;
  options.callback_trigger_interval_size = kBackupProgressBytes;
  if (bytes_per_second > 0) {
    options.backup_rate_limiter.reset(rocksdb::NewGenericRateLimiter(bytes_per_second, kRefillPeriodUs, kFairness,
                                                                     rocksdb::RateLimiter::Mode::kAllIo));
  }
  return options;
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenBackups(const std::string& backup_dir,
                                                                           rocksdb::Env* env) {
  // An engine makes it first of all.
  if (env->FileExists(absl::StrCat(backup_dir, "/meta")).IsNotFound()) {
    return absl::NotFoundError(
        absl::StrCat("there are no backups in ", backup_dir, ". Name the folder that the server has as --backup-dir."));
  }
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status opened = rocksdb::BackupEngineReadOnly::Open(EngineOptions(backup_dir, 0), env, &engine);
  if (!opened.ok()) return FromBackupEngine(opened, absl::StrCat("reading the folder of backups ", backup_dir));
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

absl::StatusOr<v1::BackupRecord> ParseBackup(const rocksdb::BackupInfo& info) {
  v1::BackupRecord record;
  if (!record.ParseFromString(info.app_metadata) || record.store_create_time_us() == 0) {
    return absl::DataLossError(absl::StrCat("backup ", info.backup_id,
                                            " does not say of which store it is, so it is no backup of this program"));
  }
  return record;
}

Backup Describe(const rocksdb::BackupInfo& info, const v1::BackupRecord& record) {
  Backup backup;
  backup.id = info.backup_id;
  backup.create_time = absl::FromUnixSeconds(info.timestamp);
  backup.acknowledged_sequence = record.acknowledged_sequence();
  backup.bytes = info.size;
  backup.files = info.number_files;
  return backup;
}

absl::Status FromBackupEngine(const rocksdb::Status& status, absl::string_view doing) {
  if (status.IsIncomplete()) {
    return absl::CancelledError(absl::StrCat(doing, ": it was stopped. Backups made before are whole."));
  }
  if (status.IsPathNotFound()) return absl::NotFoundError(absl::StrCat(doing, ": ", status.ToString()));
  return FromRocksDb(status, doing);
}

absl::Status FromReadingBackup(const rocksdb::Status& status, absl::string_view doing) {
  if (!status.IsNotFound() && !status.IsPathNotFound()) return FromBackupEngine(status, doing);
  return absl::DataLossError(absl::StrCat(doing, ": ", status.ToString()));
}

}  // namespace quartermaster::storage
