// Opening, in steps that each rule out one way in which a folder can be unfit: another's, half gone, newer, behind.
#include "storage/rocksdb_database.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/audit_scan.h"
#include "storage/backup.h"
#include "storage/keys.h"
#include "storage/opening_error.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"
#include "storage/text_log.h"

namespace quartermaster::storage {
namespace {

// OpenAgain waits so long for those who read to be done: long for a point read, short for those who are refused
// meanwhile. A long scan makes it try again later.
constexpr int kLockAttempts = 100;
constexpr std::chrono::milliseconds kBetweenLockAttempts(1);

// A start writes a manifest, options, and the heads and indexes of tables, beside what lies in the log.
constexpr uint64_t kStartBytes = 8 << 20;

// Whether opening failed because somebody has the folder open. RocksDB says so only in words.
bool IsLockHeld(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() &&
         (absl::StrContains(text, "While lock file") || absl::StrContains(text, "lock hold by current process"));
}

bool Contains(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

rocksdb::DBOptions OptionsIn(rocksdb::Env* env, const std::string& data_dir) {
  rocksdb::DBOptions options = DatabaseOptions(env);
  options.info_log = std::make_shared<TextLog>(data_dir);
  return options;
}

absl::Status IsOpenAlready(const std::string& data_dir, const rocksdb::Status& status) {
  return absl::FailedPreconditionError(
      absl::StrCat("the store in ", data_dir, " is open already: stop the other program or choose another folder (",
                   status.ToString(), ")"));
}

absl::Status IsBehind(uint64_t mark, uint64_t last) {
  return absl::DataLossError(absl::StrCat("commit ", mark, " was acknowledged, but the last one here is ", last));
}

absl::StatusOr<uint64_t> ReadLastCommit(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* meta) {
  std::string bytes;
  const rocksdb::Status status = db->Get(PointReadOptions(), meta, kCommitRecordKey, &bytes);
  if (status.IsNotFound()) return absl::DataLossError("the record of the last commit is missing");
  if (!status.ok()) return FromRocksDb(status, "reading the record of the last commit");
  const absl::StatusOr<v1::CommitRecord> commit = ParseCommit(bytes);
  if (!commit.ok()) return commit.status();
  return commit->sequence();
}

// The last commit as recovery would find it, without changing anything on disk.
absl::StatusOr<uint64_t> LookForLastCommit(rocksdb::Env* env, const std::string& data_dir,
                                           const std::vector<std::string>& families,
                                           const rocksdb::ColumnFamilyOptions& family_options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& family : families) descriptors.emplace_back(family, family_options);
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(OptionsIn(env, data_dir), data_dir, descriptors, &handles, &opened);
  if (!status.ok()) return FromRocksDb(status, "reading its log");
  const std::unique_ptr<rocksdb::DB> db(opened);
  const size_t meta = std::find(families.begin(), families.end(), "meta") - families.begin();
  absl::StatusOr<uint64_t> last = ReadLastCommit(opened, handles[meta]);
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  return last;
}

// Recovery forgives damage of the log that looks like a torn end, and then removes the log, with all that could still
// be read behind the damage. So what it would find is compared with the mark before anything is changed.
absl::Status CheckLog(rocksdb::Env* env, const std::string& data_dir, const std::vector<std::string>& families,
                      const rocksdb::ColumnFamilyOptions& family_options) {
  const absl::StatusOr<absl::optional<uint64_t>> mark = AcknowledgedMark::Read(env, data_dir);
  if (!mark.ok()) return mark.status();
  if (families.empty() || !mark->has_value() || **mark == 0) return absl::OkStatus();
  // A log that another program writes to would look torn.
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = env->LockFile(absl::StrCat(data_dir, "/LOCK"), &lock);
  if (IsLockHeld(locked)) return IsOpenAlready(data_dir, locked);
  if (!locked.ok()) return FromRocksDb(locked, absl::StrCat("locking ", data_dir));
  const absl::StatusOr<uint64_t> last = LookForLastCommit(env, data_dir, families, family_options);
  env->UnlockFile(lock).PermitUncheckedError();
  if (!last.ok()) return last.status();
  return **mark > *last ? IsBehind(**mark, *last) : absl::OkStatus();
}

// The name of a folder that was just made would be lost with the power, and all that is synced in it.
absl::Status SyncFolderAbove(rocksdb::Env* env, const std::string& data_dir) {
  if (env->FileExists(absl::StrCat(data_dir, "/CURRENT")).ok()) return absl::OkStatus();
  const size_t end = data_dir.find_last_of('/', data_dir.find_last_not_of('/'));
  const std::string above = end == std::string::npos ? "." : end == 0 ? "/" : data_dir.substr(0, end);
  std::unique_ptr<rocksdb::Directory> folder;
  rocksdb::Status status = env->NewDirectory(above, &folder);
  if (status.ok()) status = folder->Fsync();
  return FromRocksDb(status, absl::StrCat("syncing ", above));
}

// RocksDB ends the process rather than give an error where some of its files find the disk full. So a start that would
// not have room for what lies in the log is not begun.
absl::Status CheckRoom(rocksdb::Env* env, const std::string& data_dir) {
  uint64_t free = 0;
  std::vector<rocksdb::Env::FileAttributes> files;
  // Where the system does not say, the disk will.
  if (!env->GetFreeSpace(data_dir, &free).ok() || !env->GetChildrenFileAttributes(data_dir, &files).ok()) {
    return absl::OkStatus();
  }
  uint64_t needed = kStartBytes;
  for (const rocksdb::Env::FileAttributes& file : files) {
    if (absl::EndsWith(file.name, ".log")) needed += file.size_bytes;
  }
  if (free >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(free >> 20, " MB are free, and ", (needed >> 20) + 1, " MB are needed"));
}

absl::Status FamilyIsMissing() { return absl::DataLossError("a column family is missing"); }

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& data_dir, rocksdb::Env* env,
                                                         absl::Time now) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const rocksdb::Status made = env->CreateDirIfMissing(data_dir);
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", data_dir, " for the store: ", made.ToString()));
  }
  if (absl::Status synced = SyncFolderAbove(env, data_dir); !synced.ok()) return ExplainOpening(synced, data_dir);
  std::unique_ptr<Database> database(new Database(data_dir, env));
  if (absl::Status status = database->OpenParts(now); !status.ok()) return ExplainOpening(status, data_dir);
  return database;
}

Database::Database(std::string data_dir, rocksdb::Env* env)
    : data_dir_(std::move(data_dir)), env_(env), family_options_(FamilyOptions(NewBlockCache())) {}

Database::~Database() { CloseParts(); }

absl::Status Database::OpenParts(absl::Time now) {
  std::vector<std::string> families;
  absl::Status status = CheckFolder(&families);
  if (status.ok()) status = CheckRoom(env_, data_dir_);
  if (status.ok()) status = CheckLog(env_, data_dir_, families, family_options_);
  if (status.ok()) status = OpenRocksDb(families);
  if (status.ok()) status = CheckMeta(now);
  if (status.ok()) status = CheckMark();
  if (status.ok()) status = CheckAudit();
  // Last: what is not whole is left as it is.
  if (status.ok()) status = Upgrade();
  return status;
}

void Database::CloseParts() {
  acknowledged_mark_.reset();
  for (rocksdb::ColumnFamilyHandle*& handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    handle = nullptr;
  }
  db_.reset();
}

absl::StatusOr<std::shared_lock<std::shared_mutex>> Database::LockForReading() const {
  std::shared_lock<std::shared_mutex> lock(opening_);
  if (db_ == nullptr) {
    return absl::UnavailableError(
        "the server's store is closed, because its disk is full. Tell the operator; once there is room, it can be read "
        "again.");
  }
  return lock;
}

absl::StatusOr<uint64_t> Database::FreeBytes() const {
  uint64_t bytes = 0;
  const rocksdb::Status status = env_->GetFreeSpace(data_dir_, &bytes);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("asking for the free space of ", data_dir_));
  return bytes;
}

absl::StatusOr<uint64_t> Database::OpenAgain(absl::Time now) {
  // Before it is closed, so that it can be read meanwhile.
  if (absl::Status status = CheckRoom(env_, data_dir_); !status.ok()) return absl::AbortedError(status.message());
  std::unique_lock<std::shared_mutex> lock(opening_, std::defer_lock);
  for (int attempt = 0; !lock.try_lock(); ++attempt) {
    if (attempt == kLockAttempts) return absl::AbortedError("the store is being read without a pause");
    std::this_thread::sleep_for(kBetweenLockAttempts);
  }
  CloseParts();
  if (absl::Status status = OpenParts(now); !status.ok()) {
    CloseParts();
    return ExplainOpening(status, data_dir_);
  }
  return opened_at_sequence_;
}

// `families` gets what a store that was made here to the end has. It stays empty if none was; then the folder holds no
// records.
absl::Status Database::CheckFolder(std::vector<std::string>* families) {
  if (env_->FileExists(absl::StrCat(data_dir_, "/CURRENT")).IsNotFound()) {
    if (env_->FileExists(absl::StrCat(data_dir_, kUnfinishedRestoreSuffix)).ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("restoring a backup into ", data_dir_, " was cut short. Restore it again."));
    }
    // RocksDB would make a new database and delete the files of the old one.
    std::vector<std::string> files;
    const rocksdb::Status status = env_->GetChildren(data_dir_, &files);
    if (!status.ok()) return FromRocksDb(status, absl::StrCat("listing ", data_dir_));
    for (const std::string& file : files) {
      if (absl::EndsWith(file, ".sst") || absl::EndsWith(file, ".log") || file == AcknowledgedMark::kFileName) {
        return absl::DataLossError(absl::StrCat("there is ", file, " but no CURRENT"));
      }
    }
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(DatabaseOptions(env_), data_dir_, &names);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("reading the column families of ", data_dir_));
  for (const std::string& name : names) {
    const auto has_name = [&](const FamilyOnDisk& family) { return family.name == name; };
    if (std::none_of(kFamilies.begin(), kFamilies.end(), has_name)) {
      return absl::FailedPreconditionError(
          absl::StrCat("the store in ", data_dir_, " has a column family \"", name,
                       "\" that this program does not know. Start the version of the program that wrote it."));
    }
  }
  // Families are made in order, meta last: a kill in between leaves no meta.
  if (!Contains(names, "meta")) return absl::OkStatus();
  for (const FamilyOnDisk& family : kFamilies) {
    // Whether it may do without a later one is known once the record of its format is read.
    if (family.since == 1 && !Contains(names, family.name)) return FamilyIsMissing();
  }
  *families = std::move(names);
  return absl::OkStatus();
}

// Makes all families if it is given none.
absl::Status Database::OpenRocksDb(const std::vector<std::string>& families) {
  rocksdb::DBOptions options = OptionsIn(env_, data_dir_);
  background_errors_ = std::make_shared<BackgroundErrors>();
  options.listeners.push_back(background_errors_);
  options.create_if_missing = families.empty();
  options.create_missing_column_families = families.empty();
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  std::vector<size_t> places;
  for (size_t i = 0; i < kFamilies.size(); ++i) {
    if (!families.empty() && !Contains(families, kFamilies[i].name)) continue;
    descriptors.emplace_back(kFamilies[i].name, family_options_);
    places.push_back(i);
  }

  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::Open(options, data_dir_, descriptors, &handles, &db);
  if (IsLockHeld(status)) return IsOpenAlready(data_dir_, status);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("opening the store in ", data_dir_));
  db_.reset(db);
  for (size_t i = 0; i < handles.size(); ++i) handles_[places[i]] = handles[i];
  return absl::OkStatus();
}

absl::Status Database::CheckMeta(absl::Time now) {
  std::string bytes;
  rocksdb::Status status = db_->Get(PointReadOptions(), family(Family::kMeta), kStoreRecordKey, &bytes);
  if (status.IsNotFound()) {
    const absl::StatusOr<bool> has_records = HasRecords(/*audit_counts=*/true);
    if (!has_records.ok()) return has_records.status();
    if (*has_records) return absl::DataLossError("the record of its format is missing");
    const absl::Status made = MakeMissingFamilies();
    return made.ok() ? WriteFirstRecords(now) : made;
  }
  if (!status.ok()) return FromRocksDb(status, "reading the record of the format");
  absl::StatusOr<v1::StoreRecord> store = ParseStore(bytes);
  if (!store.ok()) return store.status();
  store_record_ = *std::move(store);
  for (size_t i = 0; i < kFamilies.size(); ++i) {
    const bool expected = kFamilies[i].since <= store_record_.format_version();
    if (expected && handles_[i] == nullptr) return FamilyIsMissing();
  }

  const absl::StatusOr<uint64_t> last = ReadLastCommit(db_.get(), family(Family::kMeta));
  if (!last.ok()) return last.status();
  opened_at_sequence_ = *last;
  if (opened_at_sequence_ > 0) return absl::OkStatus();

  // The audit may have lines before the first commit.
  const absl::StatusOr<bool> has_records = HasRecords(/*audit_counts=*/false);
  if (!has_records.ok()) return has_records.status();
  return *has_records ? absl::DataLossError("it has records but no commit") : absl::OkStatus();
}

absl::Status Database::CheckMark() {
  const absl::StatusOr<absl::optional<uint64_t>> mark = AcknowledgedMark::Read(env_, data_dir_);
  if (!mark.ok()) return mark.status();
  if (mark->has_value() && **mark > opened_at_sequence_) {
    return IsBehind(**mark, opened_at_sequence_);
  }
  if (!mark->has_value()) {
    // The mark is made before the first commit.
    if (opened_at_sequence_ > 0) {
      return absl::DataLossError(absl::StrCat("the file ", AcknowledgedMark::kFileName, " is missing"));
    }
    const absl::Status made = AcknowledgedMark::Create(env_, data_dir_, 0);
    if (!made.ok()) return made;
  }
  absl::StatusOr<std::unique_ptr<AcknowledgedMark>> opened = AcknowledgedMark::Open(env_, data_dir_);
  if (!opened.ok()) return opened.status();
  acknowledged_mark_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status Database::CheckAudit() const {
  if (family(Family::kAudit) == nullptr) return absl::OkStatus();  // The format is older.
  return CheckAuditEnd(*this);
}

// The new version is written last, so whoever is interrupted finds a store of the old one and goes on.
absl::Status Database::Upgrade() {
  if (store_record_.format_version() == kFormatVersion) return absl::OkStatus();
  const absl::Status made = MakeMissingFamilies();
  if (!made.ok()) return made;
  store_record_.set_format_version(kFormatVersion);
  const std::string bytes = Serialize(store_record_);
  return FromRocksDb(db_->Put(SyncedWriteOptions(), family(Family::kMeta), kStoreRecordKey, bytes),
                     absl::StrCat("writing that the store has format version ", kFormatVersion));
}

// Those that an older format lacks.
absl::Status Database::MakeMissingFamilies() {
  for (size_t i = 0; i < kFamilies.size(); ++i) {
    if (handles_[i] != nullptr) continue;
    const rocksdb::Status status = db_->CreateColumnFamily(family_options_, kFamilies[i].name, &handles_[i]);
    if (!status.ok()) return FromRocksDb(status, absl::StrCat("making the family of ", kFamilies[i].name));
  }
  return absl::OkStatus();
}

absl::Status Database::WriteFirstRecords(absl::Time now) {
  store_record_.set_format_version(kFormatVersion);
  store_record_.set_create_time_us(absl::ToUnixMicros(now));
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(family(Family::kMeta), kStoreRecordKey, Serialize(store_record_));
  if (status.ok()) status = batch.Put(family(Family::kMeta), kCommitRecordKey, Serialize(v1::CommitRecord()));
  if (status.ok()) status = db_->Write(SyncedWriteOptions(), &batch);
  return FromRocksDb(status, "writing the first records of a new store");
}

// Whether anything lies in any family but meta.
absl::StatusOr<bool> Database::HasRecords(bool audit_counts) const {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == nullptr || handle == family(Family::kMeta)) continue;
    if (handle == family(Family::kAudit) && !audit_counts) continue;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(PointReadOptions(), handle));
    it->SeekToFirst();
    if (it->Valid()) return true;
    if (!it->status().ok()) return FromRocksDb(it->status(), "looking for records");
  }
  return false;
}

}  // namespace quartermaster::storage
