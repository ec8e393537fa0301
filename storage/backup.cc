// Listing, verifying and restoring. None of these changes a folder of backups.
#include "storage/backup.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/acknowledged_mark.h"
#include "storage/backup_engine.h"
#include "storage/folders.h"
#include "storage/last_commit.h"

namespace quartermaster::storage {
namespace {

rocksdb::Env* OrDefault(rocksdb::Env* env) { return env == nullptr ? rocksdb::Env::Default() : env; }

// Whether a backup can be restored there.
absl::Status CheckIsFree(rocksdb::Env* env, const std::string& folder) {
  if (env->FileExists(FolderAbove(folder)).IsNotFound()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot restore into ", folder, ": ", FolderAbove(folder), " does not exist. Make it first."));
  }
  if (env->FileExists(folder).IsNotFound()) return absl::OkStatus();
  std::vector<std::string> files;
  const rocksdb::Status status = env->GetChildren(folder, &files);
  if (!status.ok()) return FromBackupEngine(status, absl::StrCat("looking into ", folder));
  for (const std::string& file : files) {
    if (file == "." || file == "..") continue;
    return absl::FailedPreconditionError(
        absl::StrCat(folder, " is not empty. A backup is restored into a new folder; name one that does not exist."));
  }
  return absl::OkStatus();
}

absl::StatusOr<rocksdb::BackupInfo> FindBackup(const rocksdb::BackupEngineReadOnly& engine,
                                               const std::string& backup_dir, absl::optional<uint32_t> id) {
  rocksdb::BackupInfo info;
  const rocksdb::Status status = id.has_value() ? engine.GetBackupInfo(*id, &info) : engine.GetLatestBackupInfo(&info);
  if (status.ok()) return info;
  const std::string which = id.has_value() ? absl::StrCat("no backup ", *id) : "no backup that is whole";
  if (status.IsNotFound()) {
    return absl::NotFoundError(
        absl::StrCat("there is ", which, " in ", backup_dir, ". 'qm admin backup list' shows those that there are."));
  }
  return FromBackupEngine(status, absl::StrCat("reading backup ", id.value_or(0), " in ", backup_dir));
}

// Makes the folder, so that a start after the power went finds that something is not finished.
absl::Status BeginRestore(rocksdb::Env* env, const std::string& unfinished) {
  const rocksdb::Status made = env->CreateDirIfMissing(unfinished);
  if (!made.ok()) return FromBackupEngine(made, absl::StrCat("making ", unfinished));
  return SyncFolderAbove(env, unfinished);
}

// Gives the folder, in which everything is synced, its final name, and makes that durable.
absl::Status GiveName(rocksdb::Env* env, const std::string& unfinished, const std::string& store_dir) {
  // An empty folder of that name was there before.
  rocksdb::Status status = env->FileExists(store_dir);
  if (status.IsNotFound()) {
    status = rocksdb::Status::OK();
  } else if (status.ok()) {
    status = env->DeleteDir(store_dir);
  }
  if (status.ok()) status = env->RenameFile(unfinished, store_dir);
  if (!status.ok()) return FromBackupEngine(status, absl::StrCat("naming what was restored ", store_dir));
  return SyncFolderAbove(env, store_dir);
}

}  // namespace

absl::StatusOr<BackupList> ListBackups(const std::string& backup_dir, rocksdb::Env* env) {
  env = OrDefault(env);
  BackupList list;
  const auto engine = OpenBackups(backup_dir, env);
  if (absl::IsNotFound(engine.status())) return list;
  if (!engine.ok()) return engine.status();
  std::vector<rocksdb::BackupInfo> infos;
  (*engine)->GetBackupInfo(&infos);
  (*engine)->GetCorruptedBackups(&list.damaged);
  for (const rocksdb::BackupInfo& info : infos) {
    const absl::StatusOr<v1::BackupRecord> record = ParseBackup(info);
    if (record.ok()) {
      list.backups.push_back(Describe(info, *record));
    } else {
      list.damaged.push_back(info.backup_id);
    }
  }
  return list;
}

absl::Status VerifyBackup(const std::string& backup_dir, uint32_t id, rocksdb::Env* env) {
  const auto engine = OpenBackups(backup_dir, OrDefault(env));
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<rocksdb::BackupInfo> info = FindBackup(**engine, backup_dir, id);
  if (!info.ok()) return info.status();
  return FromReadingBackup((*engine)->VerifyBackup(id, /*verify_with_checksum=*/true),
                           absl::StrCat("verifying backup ", id, " in ", backup_dir));
}

absl::StatusOr<Backup> RestoreBackup(const std::string& backup_dir, absl::optional<uint32_t> id,
                                     const std::string& folder, rocksdb::Env* env) {
  env = OrDefault(env);
  const std::string store_dir = WithoutSlashesAtEnd(folder);
  if (absl::Status status = CheckIsFree(env, store_dir); !status.ok()) return status;
  const auto engine = OpenBackups(backup_dir, env);
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<rocksdb::BackupInfo> info = FindBackup(**engine, backup_dir, id);
  if (!info.ok()) return info.status();
  const absl::StatusOr<v1::BackupRecord> record = ParseBackup(*info);
  if (!record.ok()) return record.status();

  const std::string unfinished = absl::StrCat(store_dir, kUnfinishedRestoreSuffix);
  if (absl::Status begun = BeginRestore(env, unfinished); !begun.ok()) return begun;
  const rocksdb::Status restored =
      (*engine)->RestoreDBFromBackup(rocksdb::RestoreOptions(), info->backup_id, unfinished, unfinished);
  if (!restored.ok()) {
    const absl::Status failed =
        FromReadingBackup(restored, absl::StrCat("restoring backup ", info->backup_id, " from ", backup_dir));
    if (!absl::IsDataLoss(failed)) return failed;
    return absl::DataLossError(
        absl::StrCat(failed.message(),
                     ". It is damaged: restore another one, by --backup with its number in 'qm admin backup list'."));
  }
  const absl::StatusOr<uint64_t> last = LookForLastCommit(env, unfinished);
  if (!last.ok()) {
    return absl::Status(last.status().code(),
                        absl::StrCat("looking into what was restored in ", unfinished, ": ", last.status().message()));
  }
  if (*last < record->acknowledged_sequence()) {
    return absl::DataLossError(
        absl::StrCat("backup ", info->backup_id, " lacks commits: ", record->acknowledged_sequence(),
                     " were acknowledged before it, and ", *last, " are in it. Restore another one."));
  }
  if (absl::Status marked = AcknowledgedMark::Create(env, unfinished, *last); !marked.ok()) return marked;
  if (absl::Status named = GiveName(env, unfinished, store_dir); !named.ok()) return named;
  return Describe(*info, *record);
}

}  // namespace quartermaster::storage
