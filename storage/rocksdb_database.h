// An open RocksDB database with the families that a store has, and the mark beside it. Opening checks that all that
// must be there is there; FORMAT.md says what that is.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_DATABASE_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_DATABASE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "rocksdb/db.h"
#include "storage/acknowledged_mark.h"
#include "storage/background_errors.h"
#include "storage/reader_gate.h"

namespace quartermaster::storage {

// The column families, in the order in which a new store gets them: where kMeta is, all are, but for those that an
// older format lacks. kDefault is there because RocksDB wants it, and is empty.
enum class Family { kDefault, kReturns, kWithdrawals, kRequests, kCatalogue, kQueries, kReleases, kAudit, kMeta };

struct FamilyOnDisk {
  const char* name;
  // The first version of the format that has it.
  uint32_t since;
};

// In the order of Family.
inline constexpr std::array<FamilyOnDisk, 9> kFamilies = {{{"default", 1},
                                                           {"returns", 1},
                                                           {"withdrawals", 1},
                                                           {"requests", 1},
                                                           {"catalogue", 1},
                                                           {"queries", 2},
                                                           {"releases", 3},
                                                           {"audit", 4},
                                                           {"meta", 1}}};

// Thread-safe but for acknowledged_mark() and OpenAgain(), which belong to the committer.
class Database {
 public:
  // `now` is the creation time if the store is new. Errors as of OpenRocksDbStore.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& data_dir, rocksdb::Env* env, absl::Time now,
                                                        bool create_if_missing);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<size_t>(family)]; }
  // The last commit when it was opened.
  uint64_t opened_at_sequence() const { return opened_at_sequence_; }
  AcknowledgedMark& acknowledged_mark() { return *acknowledged_mark_; }
  // Tells this store from any other; it survives a restore.
  int64_t create_time_us() const { return store_record_.create_time_us(); }

  // Whoever reads on another thread than the committer's holds this meanwhile, and has no iterator afterwards. Who
  // holds one may ask for another. UNAVAILABLE while the database is closed, because OpenAgain failed.
  absl::StatusOr<ReaderGate::Reader> BeginReading() const;

  // OK, or what went wrong since it was opened in work that nobody waits for. RESOURCE_EXHAUSTED: the disk was full.
  absl::Status background_error() const { return background_errors_->first(); }
  // What may still be written to the disk. UNAVAILABLE or INTERNAL if the system does not say.
  absl::StatusOr<uint64_t> FreeBytes() const;

  // Lets RocksDB compact, now and whenever it is opened again. Until then it does not. To be called once.
  absl::Status StartCompaction();

  // Closes the database and opens it as a start does, so that what lies on disk is known again after a write failed.
  // Gives the last commit. Errors:
  //  * ABORTED: there is no room yet, or somebody reads without a pause; nothing was changed, try again.
  //  * RESOURCE_EXHAUSTED: the disk is full; it is closed now, try again.
  //  * Others as Open: it is closed for good.
  absl::StatusOr<uint64_t> OpenAgain(absl::Time now);

 private:
  Database(std::string data_dir, rocksdb::Env* env, bool create_if_missing);
  absl::Status OpenParts(absl::Time now);
  void CloseParts();
  absl::Status CheckFolder(std::vector<std::string>* families);
  absl::Status OpenRocksDb(const std::vector<std::string>& families);
  absl::Status CheckMeta(absl::Time now);
  absl::Status CheckMark();
  absl::Status CheckAudit() const;
  absl::Status Upgrade();
  absl::Status MakeMissingFamilies();
  absl::Status WriteFirstRecords(absl::Time now);
  absl::StatusOr<bool> HasRecords(bool audit_counts) const;

  const std::string data_dir_;
  rocksdb::Env* const env_;
  const bool create_if_missing_;
  // Changed by one who reads, used by one who is in alone.
  rocksdb::ColumnFamilyOptions family_options_;
  // Who opens the database again is in alone.
  mutable ReaderGate gate_;
  std::shared_ptr<BackgroundErrors> background_errors_;
  // Null: closed.
  std::unique_ptr<rocksdb::DB> db_;
  // In the order of Family. Null for one that is not there.
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies.size()> handles_ = {};
  // As it lies on disk.
  v1::StoreRecord store_record_;
  uint64_t opened_at_sequence_ = 0;
  std::unique_ptr<AcknowledgedMark> acknowledged_mark_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_DATABASE_H_
