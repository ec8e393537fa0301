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
#include "storage/disk_room.h"
#include "storage/folders.h"
#include "storage/keys.h"
#include "storage/last_commit.h"
#include "storage/opening_error.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// OpenAgain waits so long, twice, for those who read to be done: long for a point read, short for those who are refused
// meanwhile. A long scan makes it try again later.
constexpr int kGateAttempts = 100;
constexpr std::chrono::milliseconds kBetweenGateAttempts(1);

constexpr char kBeingRead[] = "the store is being read without a pause";

// Null where somebody reads all the time.
ReaderGate::Alone EnterAlone(ReaderGate* gate) {
  ReaderGate::Alone alone = gate->TryEnterAlone();
  for (int attempt = 0; alone == nullptr && attempt < kGateAttempts; ++attempt) {
    std::this_thread::sleep_for(kBetweenGateAttempts);
    alone = gate->TryEnterAlone();
  }
  return alone;
}

bool Contains(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status IsOpenAlready(const std::string& data_dir, const rocksdb::Status& status) {
  return absl::FailedPreconditionError(
      absl::StrCat("the store in ", data_dir, " is open already: stop the other program or choose another folder (",
                   status.ToString(), ")"));
}

absl::Status IsBehind(uint64_t mark, uint64_t last) {
  return absl::DataLossError(absl::StrCat("commit ", mark, " was acknowledged, but the last one here is ", last));
}

// Recovery forgives damage of the log that looks like a torn end, and then removes the log, with all that could still
// be read behind the damage. So what it would find is compared with the mark before anything is changed.
absl::Status CheckLog(rocksdb::Env* env, const std::string& data_dir, const std::vector<std::string>& families) {
  const absl::StatusOr<absl::optional<uint64_t>> mark = AcknowledgedMark::Read(env, data_dir);
  if (!mark.ok()) return mark.status();
  if (!mark->has_value() || **mark == 0) return absl::OkStatus();
  // The list of families is not the one that it was.
  if (families.empty()) return IsBehind(**mark, 0);
  // A log that another program writes to would look torn.
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = env->LockFile(absl::StrCat(data_dir, "/LOCK"), &lock);
  if (IsLockHeld(locked)) return IsOpenAlready(data_dir, locked);
  if (!locked.ok()) return FromRocksDb(locked, absl::StrCat("locking ", data_dir));
  const absl::StatusOr<uint64_t> last = LookForLastCommit(env, data_dir);
  env->UnlockFile(lock).PermitUncheckedError();
  if (!last.ok()) return last.status();
  return **mark > *last ? IsBehind(**mark, *last) : absl::OkStatus();
}

absl::Status ThereIsNone(const std::string& data_dir) {
  return absl::NotFoundError(absl::StrCat("there is no store in ", data_dir, "."));
}

// Makes the folder of a store that may be a new one.
absl::Status MakeFolder(rocksdb::Env* env, const std::string& data_dir, bool create_if_missing) {
  // First, so that nothing lies in the way of another restore.
  if (env->FileExists(absl::StrCat(data_dir, kUnfinishedRestoreSuffix)).ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("restoring a backup into ", data_dir, " was cut short. Restore it again."));
  }
  if (!create_if_missing) return env->FileExists(data_dir).IsNotFound() ? ThereIsNone(data_dir) : absl::OkStatus();
  const rocksdb::Status made = env->CreateDirIfMissing(data_dir);
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", data_dir, " for the store: ", made.ToString()));
  }
  return SyncFolderAbove(env, data_dir);
}

absl::Status FamilyIsMissing() { return absl::DataLossError("a column family is missing"); }

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& data_dir, rocksdb::Env* env, absl::Time now,
                                                         bool create_if_missing) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const std::string folder = WithoutSlashesAtEnd(data_dir);
  if (!env->FileExists(absl::StrCat(folder, "/CURRENT")).ok()) {
    if (absl::Status made = MakeFolder(env, folder, create_if_missing); !made.ok()) return ExplainOpening(made, folder);
  }
  std::unique_ptr<Database> database(new Database(folder, env, create_if_missing));
  if (absl::Status status = database->OpenParts(now); !status.ok()) return ExplainOpening(status, folder);
  return database;
}

Database::Database(std::string data_dir, rocksdb::Env* env, bool create_if_missing)
    : data_dir_(std::move(data_dir)),
      env_(env),
      create_if_missing_(create_if_missing),
      family_options_(FamilyOptions(NewBlockCache())) {}

Database::~Database() { CloseParts(); }

absl::Status Database::OpenParts(absl::Time now) {
  std::vector<std::string> families;
  absl::Status status = CheckFolder(&families);
  if (status.ok()) status = CheckRoom(env_, data_dir_);
  if (status.ok()) status = CheckLog(env_, data_dir_, families);
  if (status.ok() && families.empty() && !create_if_missing_) status = ThereIsNone(data_dir_);
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

absl::StatusOr<ReaderGate::Reader> Database::BeginReading() const {
  ReaderGate::Reader reader = gate_.Enter();
  if (db_ == nullptr) {
    return absl::UnavailableError(
        "the server's store is closed, because its disk is full. Tell the operator; once there is room, it can be read "
        "again.");
  }
  return reader;
}

absl::StatusOr<uint64_t> Database::FreeBytes() const {
  uint64_t bytes = 0;
  const rocksdb::Status status = env_->GetFreeSpace(data_dir_, &bytes);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("asking for the free space of ", data_dir_));
  return bytes;
}

absl::Status Database::StartCompaction() {
  const ReaderGate::Reader reader = gate_.Enter();
  family_options_.disable_auto_compactions = false;
  if (db_ == nullptr) return absl::OkStatus();  // It does so as soon as it is open again.
  return FromRocksDb(db_->EnableAutoCompaction({handles_.begin(), handles_.end()}), "starting to compact");
}

absl::StatusOr<uint64_t> Database::OpenAgain(absl::Time now) {
  // Looking for room writes some megabytes, in vain while somebody reads for long, such as a backup.
  if (EnterAlone(&gate_) == nullptr) return absl::AbortedError(kBeingRead);
  // Before it is closed, so that it can be read meanwhile.
  absl::Status room = CheckRoom(env_, data_dir_);
  if (room.ok()) room = TryRoom(env_, data_dir_);
  if (!room.ok()) return absl::AbortedError(room.message());
  const ReaderGate::Alone alone = EnterAlone(&gate_);
  if (alone == nullptr) return absl::AbortedError(kBeingRead);
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
  rocksdb::DBOptions options = DatabaseOptionsIn(env_, data_dir_);
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
