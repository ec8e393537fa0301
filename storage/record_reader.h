// Reads single records, as they are on disk or as they will be once a batch that is being filled is committed.
//
// With a pending batch the committer sees the writes of its own group, so that two requests in one group are decided
// just as if the first had been committed long ago.
#ifndef QUARTERMASTER_STORAGE_RECORD_READER_H_
#define QUARTERMASTER_STORAGE_RECORD_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "storage/keys.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// What is absent is no error here. Errors: DATA_LOSS, UNAVAILABLE.
class RecordReader {
 public:
  // `pending` null: what is on disk. Both must outlive the reader.
  explicit RecordReader(const Database* database, rocksdb::WriteBatchWithIndex* pending = nullptr)
      : database_(database), pending_(pending) {}
  // What was on disk at this moment, which must outlive the reader.
  RecordReader(const Database* database, const rocksdb::Snapshot* moment) : database_(database), moment_(moment) {}

  // 0 if there is none.
  absl::StatusOr<uint32_t> FindLatestRevision(const ReturnKey& key) const;
  absl::StatusOr<absl::optional<StoredReturn>> FindReturn(const RevisionKey& key) const;
  // As StoreReader::GetReturn.
  absl::StatusOr<StoredReturn> GetReturn(const ReturnKey& key, absl::optional<uint32_t> revision) const;
  absl::StatusOr<absl::optional<v1::WithdrawalRecord>> FindWithdrawal(const RevisionKey& key) const;

  // Without events if there is none.
  absl::StatusOr<v1::QueryRecord> FindQuery(const QueryName& name) const;
  // Of a standing exception, a window grant or a token.
  template <CatalogueKind kKind>
  absl::StatusOr<bool> Has(const GrantKey<kKind>& key) const {
    std::string bytes;
    return Get(Family::kCatalogue, key.Encode(), &bytes);
  }

  // The number of the latest release of the period; 0 if there is none.
  absl::StatusOr<uint32_t> FindLatestRelease(const std::string& collection, const std::string& period) const;

  // What a request id has stored, if it was used for just this; absent if it was not used or is empty. `content` is the
  // SHA-256 of a submission, the reason of a withdrawal. ALREADY_EXISTS if it was used otherwise: saying what differs,
  // or of another participant's return that it was used for another return and nothing else.
  absl::StatusOr<absl::optional<StoredReturn>> FindRepeated(v1::RequestRecord::Kind kind, const std::string& request_id,
                                                            const ReturnKey& key, const std::string& content) const;

 private:
  absl::StatusOr<bool> Get(Family family, const std::string& key, std::string* bytes) const;
  rocksdb::ReadOptions ReadOptions() const;

  const Database* const database_;
  rocksdb::WriteBatchWithIndex* const pending_ = nullptr;
  const rocksdb::Snapshot* const moment_ = nullptr;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RECORD_READER_H_
