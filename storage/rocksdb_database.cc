// Opening, in steps that each rule out one way in which a folder can be unfit: another's, half gone, newer, behind.
#include "storage/rocksdb_database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// Whether opening failed because somebody has the folder open. RocksDB says so only in words.
bool IsLockHeld(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() &&
         (absl::StrContains(text, "While lock file") || absl::StrContains(text, "lock hold by current process"));
}

absl::Status Missing(const std::string& data_dir, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the store in ", data_dir, " is damaged: ", what, " Do not use it; restore a backup."));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& data_dir, rocksdb::Env* env,
                                                         absl::Time now) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const rocksdb::Status made = env->CreateDirIfMissing(data_dir);
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", data_dir, " for the store: ", made.ToString()));
  }
  std::unique_ptr<Database> database(new Database(data_dir, env));
  bool finished = false;
  absl::Status status = database->CheckFolder(&finished);
  if (status.ok()) status = database->OpenRocksDb(/*make_families=*/!finished);
  if (status.ok()) status = database->CheckMeta(now);
  if (status.ok()) status = database->CheckMark();
  if (!status.ok()) return status;
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

// `finished` gets whether a store was made here to the end; else the folder holds no records.
absl::Status Database::CheckFolder(bool* finished) {
  *finished = false;
  if (env_->FileExists(absl::StrCat(data_dir_, "/CURRENT")).IsNotFound()) {
    // RocksDB would make a new database and delete the files of the old one.
    std::vector<std::string> files;
    const rocksdb::Status status = env_->GetChildren(data_dir_, &files);
    if (!status.ok()) return FromRocksDb(status, absl::StrCat("listing ", data_dir_));
    for (const std::string& file : files) {
      if (absl::EndsWith(file, ".sst") || absl::EndsWith(file, ".log") || file == AcknowledgedMark::kFileName) {
        return Missing(data_dir_, absl::StrCat("there is ", file, " but no CURRENT."));
      }
    }
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(DatabaseOptions(env_), data_dir_, &names);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("reading the column families of ", data_dir_));
  for (const std::string& name : names) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) == kFamilyNames.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the store in ", data_dir_, " has a column family \"", name,
                       "\" that this program does not know. Start the version of the program that wrote it."));
    }
  }
  // Families are made in order, meta last: a kill in between leaves no meta.
  *finished = std::find(names.begin(), names.end(), "meta") != names.end();
  if (*finished && names.size() != kFamilyNames.size()) return Missing(data_dir_, "a column family is missing.");
  return absl::OkStatus();
}

absl::Status Database::OpenRocksDb(bool make_families) {
  rocksdb::DBOptions options = DatabaseOptions(env_);
  options.create_if_missing = make_families;
  options.create_missing_column_families = make_families;
  const rocksdb::ColumnFamilyOptions family_options = FamilyOptions(NewBlockCache());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(kFamilyNames.size());
  for (const char* name : kFamilyNames) families.emplace_back(name, family_options);

  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, data_dir_, families, &handles_, &db);
  if (IsLockHeld(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store in ", data_dir_, " is open already: stop the other program or choose another folder (",
                     status.ToString(), ")"));
  }
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("opening the store in ", data_dir_));
  db_.reset(db);
  return absl::OkStatus();
}

absl::Status Database::CheckMeta(absl::Time now) {
  std::string bytes;
  rocksdb::Status status = db_->Get(PointReadOptions(), family(Family::kMeta), kStoreRecordKey, &bytes);
  if (status.IsNotFound()) {
    const absl::StatusOr<bool> has_records = HasRecords();
    if (!has_records.ok()) return has_records.status();
    if (*has_records) return Missing(data_dir_, "the record of its format is missing.");
    return WriteFirstRecords(now);
  }
  if (!status.ok()) return FromRocksDb(status, "reading the record of the format");
  const absl::StatusOr<v1::StoreRecord> store = ParseStore(bytes);
  if (!store.ok()) return store.status();

  status = db_->Get(PointReadOptions(), family(Family::kMeta), kCommitRecordKey, &bytes);
  if (status.IsNotFound()) return Missing(data_dir_, "the record of the last commit is missing.");
  if (!status.ok()) return FromRocksDb(status, "reading the record of the last commit");
  const absl::StatusOr<v1::CommitRecord> commit = ParseCommit(bytes);
  if (!commit.ok()) return commit.status();
  opened_at_sequence_ = commit->sequence();
  if (opened_at_sequence_ > 0) return absl::OkStatus();

  const absl::StatusOr<bool> has_records = HasRecords();
  if (!has_records.ok()) return has_records.status();
  return *has_records ? Missing(data_dir_, "it has records but no commit.") : absl::OkStatus();
}

absl::Status Database::CheckMark() {
  const absl::StatusOr<absl::optional<uint64_t>> mark = AcknowledgedMark::Read(env_, data_dir_);
  if (!mark.ok()) return mark.status();
  if (mark->has_value() && **mark > opened_at_sequence_) {
    return Missing(data_dir_, absl::StrCat("commit ", **mark, " was acknowledged, but the last one here is ",
                                           opened_at_sequence_, "."));
  }
  if (!mark->has_value()) {
    // The mark is made before the first commit.
    if (opened_at_sequence_ > 0) {
      return Missing(data_dir_, absl::StrCat("the file ", AcknowledgedMark::kFileName, " is missing."));
    }
    const absl::Status made = AcknowledgedMark::Create(env_, data_dir_, 0);
    if (!made.ok()) return made;
  }
  absl::StatusOr<std::unique_ptr<AcknowledgedMark>> opened = AcknowledgedMark::Open(env_, data_dir_);
  if (!opened.ok()) return opened.status();
  acknowledged_mark_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status Database::WriteFirstRecords(absl::Time now) {
  v1::StoreRecord store;
  store.set_format_version(kFormatVersion);
  store.set_create_time_us(absl::ToUnixMicros(now));
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(family(Family::kMeta), kStoreRecordKey, Serialize(store));
  if (status.ok()) status = batch.Put(family(Family::kMeta), kCommitRecordKey, Serialize(v1::CommitRecord()));
  if (status.ok()) status = db_->Write(SyncedWriteOptions(), &batch);
  return FromRocksDb(status, "writing the first records of a new store");
}

// Whether anything lies in any family but meta.
absl::StatusOr<bool> Database::HasRecords() const {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == family(Family::kMeta)) continue;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(PointReadOptions(), handle));
    it->SeekToFirst();
    if (it->Valid()) return true;
    if (!it->status().ok()) return FromRocksDb(it->status(), "looking for records");
  }
  return false;
}

}  // namespace quartermaster::storage
