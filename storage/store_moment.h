// The store as it was when this was made, however it went on since. RocksDB keeps what was overwritten meanwhile, so
// one that is kept for long costs space on disk, and nothing else.
#ifndef QUARTERMASTER_STORAGE_STORE_MOMENT_H_
#define QUARTERMASTER_STORAGE_STORE_MOMENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "storage/read_moment.h"
#include "storage/reader_gate.h"
#include "storage/record_reader.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

class StoreMoment final : public StoreReader {
 public:
  // `database` must outlive it. It is read until the end. DATA_LOSS or UNAVAILABLE where the record of the last commit
  // does not read.
  static absl::StatusOr<std::unique_ptr<const StoreReader>> Take(const Database* database, ReaderGate::Reader reading);

  absl::StatusOr<StoredReturn> GetReturn(const ReturnKey& key, absl::optional<uint32_t> revision) const override;
  absl::Status ScanReturns(const ReturnFilter& filter, absl::FunctionRef<bool(StoredReturn&)> visit) const override;
  absl::StatusOr<v1::QueryRecord> GetQuery(const QueryName& name) const override;
  absl::Status ScanQueries(
      const std::string& collection,
      absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) const override;
  absl::Status ScanRequests(
      absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit) const override;
  absl::StatusOr<Catalogue> ReadCatalogue() const override;
  absl::Status ReadRelease(const std::string& collection, const std::string& period, uint32_t number,
                           absl::FunctionRef<bool(std::string part)> visit) const override;
  // The last commit that is on disk, whether or not it was acknowledged.
  uint64_t last_sequence() const override { return last_sequence_; }

 private:
  StoreMoment(const Database* database, ReaderGate::Reader reading);

  const Database* const database_;
  const ReaderGate::Reader reading_;
  const ReadMoment moment_;
  const RecordReader reader_;
  uint64_t last_sequence_ = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_STORE_MOMENT_H_
