#include "storage/backup_writer.h"

#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rocksdb/io_status.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup_engine.h"
#include "storage/folders.h"

namespace quartermaster::storage {
namespace {

// Two engines that write into one folder would take each other's files for litter.
constexpr char kLockFile[] = "LOCK";

// While a backup is read back it is asked so often whether to stop: nobody notices the one or the other.
constexpr std::chrono::milliseconds kBetweenQuestions(50);

class FolderLock {
 public:
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(rocksdb::Env* env, const std::string& backup_dir) {
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status status = env->LockFile(absl::StrCat(backup_dir, "/", kLockFile), &lock);
    if (status.ok()) return std::unique_ptr<FolderLock>(new FolderLock(env, lock));
    if (IsLockHeld(status)) {
      return absl::AbortedError(
          absl::StrCat("another program makes a backup into ", backup_dir, ". Wait until it is done."));
    }
    return FromBackupEngine(status, absl::StrCat("locking the folder of backups ", backup_dir));
  }
  ~FolderLock() { env_->UnlockFile(lock_).PermitUncheckedError(); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  FolderLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  rocksdb::Env* const env_;
  rocksdb::FileLock* const lock_;
};

absl::Status PrepareFolder(rocksdb::Env* env, const std::string& backup_dir) {
  const rocksdb::Status made = env->CreateDirIfMissing(backup_dir);
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder of backups ", backup_dir, ": ", made.ToString()));
  }
  const rocksdb::Status is_store = env->FileExists(absl::StrCat(backup_dir, "/CURRENT"));
  if (is_store.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(backup_dir, " is a store. Keep backups in a folder of their own, best on another disk."));
  }
  if (!is_store.IsNotFound()) return FromBackupEngine(is_store, absl::StrCat("looking into ", backup_dir));
  // The engine makes this one after, and syncs what it makes.
  if (env->FileExists(absl::StrCat(backup_dir, "/meta")).ok()) return absl::OkStatus();
  return SyncFolderAbove(env, backup_dir);
}

// Removing the older backups of another store would be a loss.
absl::Status CheckIsOfThisStore(const rocksdb::BackupEngine& engine, const std::string& backup_dir,
                                int64_t create_time_us) {
  rocksdb::BackupInfo latest;
  const rocksdb::Status status = engine.GetLatestBackupInfo(&latest);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return FromBackupEngine(status, "reading the latest backup");
  const absl::StatusOr<v1::BackupRecord> record = ParseBackup(latest);
  if (record.ok() && record->store_create_time_us() == create_time_us) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(backup_dir, " holds backups of another store. Keep those of each store in a folder of their own."));
}

// It can be stopped as copying can, but tells nobody how far it is. So it is another thread that asks.
rocksdb::Status ReadBack(rocksdb::BackupEngine* engine, rocksdb::BackupID id, const BackupOptions& options) {
  if (options.is_cancelled()) return rocksdb::Status::Incomplete("it was not read back");
  std::future<rocksdb::IOStatus> read =
      std::async(std::launch::async, [engine, id] { return engine->VerifyBackup(id, /*verify_with_checksum=*/true); });
  while (read.wait_for(kBetweenQuestions) == std::future_status::timeout) {
    if (options.is_cancelled()) engine->StopBackup();
  }
  return read.get();
}

// Removes the older backups whose files are not what they were; whether there was one. What cannot be read now may be
// read another time, and stays.
absl::StatusOr<bool> RemoveDamaged(rocksdb::BackupEngine* engine, const BackupOptions& options) {
  std::vector<rocksdb::BackupInfo> infos;
  engine->GetBackupInfo(&infos);
  bool removed = false;
  for (const rocksdb::BackupInfo& info : infos) {
    options.on_progress(BackupPhase::kVerifyingOlder, 0);
    const rocksdb::Status damage = ReadBack(engine, info.backup_id, options);
    if (damage.IsIncomplete()) return FromBackupEngine(damage, "reading older backups back");
    if (!damage.IsCorruption()) continue;
    const rocksdb::Status deleted = engine->DeleteBackup(info.backup_id);
    if (!deleted.ok()) {
      return FromBackupEngine(deleted, absl::StrCat("removing backup ", info.backup_id, ", which is damaged"));
    }
    options.on_damaged(info.backup_id, damage.ToString());
    removed = true;
  }
  return removed;
}

}  // namespace

absl::StatusOr<Backup> BackupWriter::Create(uint64_t acknowledged_sequence, const BackupOptions& options) {
  if (options.backup_dir.empty()) return absl::InvalidArgumentError("backup_dir is empty; name a folder for backups");
  if (options.backups_kept == 0 || options.bytes_per_second <= 0) {
    return absl::InvalidArgumentError("backups_kept and bytes_per_second must each be 1 or more");
  }
  const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return absl::AbortedError("a backup is being made already. Wait until it is done.");
  return CreateLocked(acknowledged_sequence, options);
}

absl::StatusOr<Backup> BackupWriter::CreateLocked(uint64_t acknowledged_sequence, const BackupOptions& options) {
  rocksdb::Env* const env = database_->db()->GetEnv();
  if (absl::Status status = PrepareFolder(env, options.backup_dir); !status.ok()) return status;
  const auto folder = FolderLock::Take(env, options.backup_dir);
  if (!folder.ok()) return folder.status();

  rocksdb::BackupEngine* opened = nullptr;
  rocksdb::Status status =
      rocksdb::BackupEngine::Open(EngineOptions(options.backup_dir, options.bytes_per_second), env, &opened);
  if (!status.ok()) return FromBackupEngine(status, absl::StrCat("opening the backups in ", options.backup_dir));
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  const int64_t create_time_us = database_->create_time_us();
  absl::Status fit = CheckIsOfThisStore(*engine, options.backup_dir, create_time_us);
  if (!fit.ok()) return fit;

  v1::BackupRecord record;
  record.set_acknowledged_sequence(acknowledged_sequence);
  record.set_store_create_time_us(create_time_us);
  rocksdb::BackupInfo info;
  absl::Status made = CopyAndReadBack(engine.get(), record, options, &info);
  if (absl::IsDataLoss(made)) {
    // It may share a rotten file with older ones, which RocksDB copies anew only once no backup has it.
    const absl::StatusOr<bool> removed = RemoveDamaged(engine.get(), options);
    if (!removed.ok()) return removed.status();
    if (*removed) made = CopyAndReadBack(engine.get(), record, options, &info);
  }
  if (!made.ok()) return made;

  options.on_progress(BackupPhase::kRemovingOlder, 0);
  status = engine->PurgeOldBackups(options.backups_kept);
  if (!status.ok()) {
    return FromBackupEngine(
        status, absl::StrCat("backup ", info.backup_id, " is made and whole, but removing older ones failed"));
  }
  return Describe(info, record);
}

absl::Status BackupWriter::CopyAndReadBack(rocksdb::BackupEngine* engine, const v1::BackupRecord& record,
                                           const BackupOptions& options, rocksdb::BackupInfo* info) {
  rocksdb::CreateBackupOptions create;
  // A flush that fails would stop the store; what is not flushed lies in the log, which is copied.
  create.flush_before_backup = false;
  create.decrease_background_thread_cpu_priority = true;
  create.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  uint64_t bytes = 0;
  options.on_progress(BackupPhase::kCopying, 0);
  create.progress_callback = [&] {
    bytes += kBackupProgressBytes;
    options.on_progress(BackupPhase::kCopying, bytes);
    if (options.is_cancelled()) engine->StopBackup();
  };
  rocksdb::BackupID id = 0;
  rocksdb::Status status =
      engine->CreateNewBackupWithMetadata(create, database_->db(), record.SerializeAsString(), &id);
  if (!status.ok()) return FromBackupEngine(status, absl::StrCat("making a backup in ", options.backup_dir));

  options.on_progress(BackupPhase::kVerifying, 0);
  status = ReadBack(engine, id, options);
  if (status.ok()) status = engine->GetBackupInfo(id, info);
  if (status.ok()) return absl::OkStatus();
  absl::Status failed = FromReadingBackup(status, absl::StrCat("reading backup ", id, " back"));
  const rocksdb::Status removed = engine->DeleteBackup(id);
  if (removed.ok()) return failed;
  return absl::Status(failed.code(), absl::StrCat(failed.message(), ". It could not be removed (", removed.ToString(),
                                                  "); do not rely on it."));
}

}  // namespace quartermaster::storage
