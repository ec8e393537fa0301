// Listing, verifying and restoring. None of these changes a folder of backups.
#include "storage/backup.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "storage/acknowledged_mark.h"
#include "storage/backup_engine.h"
#include "storage/records.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

rocksdb::Env* OrDefault(rocksdb::Env* env) { return env == nullptr ? rocksdb::Env::Default() : env; }

// The folder that a path lies in.
std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status CheckIsEmpty(rocksdb::Env* env, const std::string& folder) {
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
  const std::string what = absl::StrCat("there is ", which, " in ", backup_dir);
  if (status.IsNotFound()) return absl::NotFoundError(what);
  return FromBackupEngine(status, absl::StrCat("reading backup ", id.value_or(0), " in ", backup_dir));
}

// The number of the last commit in the folder, as opening would find it. Nothing is changed there.
absl::StatusOr<uint64_t> ReadLastSequence(rocksdb::Env* env, const std::string& folder) {
  rocksdb::DBOptions options = DatabaseOptions(env);
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, folder, &names);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::ColumnFamilyOptions family_options = FamilyOptions(NewBlockCache());
  for (const std::string& name : names) families.emplace_back(name, family_options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  if (status.ok()) status = rocksdb::DB::OpenForReadOnly(options, folder, families, &handles, &opened);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("opening what was restored in ", folder));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string bytes;
  status = rocksdb::Status::NotFound("the record of the last commit");
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == kFamilies[static_cast<size_t>(Family::kMeta)].name) {
      status = db->Get(PointReadOptions(), handle, kCommitRecordKey, &bytes);
    }
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (!status.ok()) {
    return absl::DataLossError(absl::StrCat("what was restored has no last commit (", status.ToString(), ")"));
  }
  const absl::StatusOr<v1::CommitRecord> commit = ParseCommit(bytes);
  if (!commit.ok()) return commit.status();
  return commit->sequence();
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
  std::unique_ptr<rocksdb::Directory> directory;
  if (status.ok()) status = env->NewDirectory(ParentOf(store_dir), &directory);
  if (status.ok()) status = directory->Fsync();
  return FromBackupEngine(status, absl::StrCat("naming what was restored ", store_dir));
}

}  // namespace

absl::StatusOr<BackupList> ListBackups(const std::string& backup_dir, rocksdb::Env* env) {
  env = OrDefault(env);
  BackupList list;
  // An engine makes it first of all.
  if (env->FileExists(absl::StrCat(backup_dir, "/meta")).IsNotFound()) return list;
  const auto engine = OpenBackups(backup_dir, env);
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
  return FromBackupEngine((*engine)->VerifyBackup(id, /*verify_with_checksum=*/true),
                          absl::StrCat("verifying backup ", id, " in ", backup_dir));
}

absl::StatusOr<Backup> RestoreBackup(const std::string& backup_dir, absl::optional<uint32_t> id,
                                     const std::string& store_dir, rocksdb::Env* env) {
  env = OrDefault(env);
  if (absl::Status status = CheckIsEmpty(env, store_dir); !status.ok()) return status;
  const auto engine = OpenBackups(backup_dir, env);
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<rocksdb::BackupInfo> info = FindBackup(**engine, backup_dir, id);
  if (!info.ok()) return info.status();
  const absl::StatusOr<v1::BackupRecord> record = ParseBackup(*info);
  if (!record.ok()) return record.status();

  const std::string unfinished = absl::StrCat(store_dir, kUnfinishedRestoreSuffix);
  const rocksdb::Status restored =
      (*engine)->RestoreDBFromBackup(rocksdb::RestoreOptions(), info->backup_id, unfinished, unfinished);
  if (!restored.ok()) {
    return FromBackupEngine(restored, absl::StrCat("restoring backup ", info->backup_id, " from ", backup_dir));
  }
  const absl::StatusOr<uint64_t> last = ReadLastSequence(env, unfinished);
  if (!last.ok()) return last.status();
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
