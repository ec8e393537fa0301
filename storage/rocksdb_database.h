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

namespace quartermaster::storage {

// The column families, in the order in which a new store gets them: where kMeta is, all are, but for those that an
// older format lacks. kDefault is there because RocksDB wants it, and is empty.
enum class Family { kDefault, kReturns, kWithdrawals, kRequests, kCatalogue, kQueries, kReleases, kMeta };

struct FamilyOnDisk {
  const char* name;
  // The first version of the format that has it.
  uint32_t since;
};

// In the order of Family.
inline constexpr std::array<FamilyOnDisk, 8> kFamilies = {{{"default", 1},
                                                           {"returns", 1},
                                                           {"withdrawals", 1},
                                                           {"requests", 1},
                                                           {"catalogue", 1},
                                                           {"queries", 2},
                                                           {"releases", 3},
                                                           {"meta", 1}}};

// Thread-safe but for acknowledged_mark(), which belongs to the committer.
class Database {
 public:
  // `now` is the creation time if the store is new. Errors as of OpenRocksDbStore.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& data_dir, rocksdb::Env* env, absl::Time now);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<size_t>(family)]; }
  // The last commit when it was opened.
  uint64_t opened_at_sequence() const { return opened_at_sequence_; }
  AcknowledgedMark& acknowledged_mark() { return *acknowledged_mark_; }

 private:
  Database(std::string data_dir, rocksdb::Env* env);
  absl::Status CheckFolder(std::vector<std::string>* families);
  absl::Status OpenRocksDb(const std::vector<std::string>& families);
  absl::Status CheckMeta(absl::Time now);
  absl::Status CheckMark();
  absl::Status Upgrade();
  absl::Status MakeMissingFamilies();
  absl::Status WriteFirstRecords(absl::Time now);
  absl::StatusOr<bool> HasRecords() const;

  const std::string data_dir_;
  rocksdb::Env* const env_;
  const rocksdb::ColumnFamilyOptions family_options_;
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
