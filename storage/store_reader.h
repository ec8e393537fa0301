// What can be read of a store, in the words of storage/store.h, which has the errors.
#ifndef QUARTERMASTER_STORAGE_STORE_READER_H_
#define QUARTERMASTER_STORAGE_STORE_READER_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "storage/catalogue.h"

namespace quartermaster::storage {

// Names one return. The parts are opaque here: any bytes, compared as bytes. `period` is the canonical text.
struct ReturnKey {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  friend auto operator<=>(const ReturnKey&, const ReturnKey&) = default;
};

// Names one query of a return, over all its revisions. These parts are opaque too; `subject` may be empty.
struct QueryName {
  ReturnKey return_key;
  std::string rule_id;
  std::string subject;
  friend auto operator<=>(const QueryName&, const QueryName&) = default;
};

// One accepted revision, and its withdrawal if there was one.
struct StoredReturn {
  ReturnKey key;
  v1::ReturnRecord record;
  absl::optional<v1::WithdrawalRecord> withdrawal;
};

// Which returns a scan visits. Empty means all.
struct ReturnFilter {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  // Superseded revisions too; else the latest of each return, withdrawn or not.
  bool all_revisions = false;
  // The scan starts after this revision of this return; without all_revisions, after all of this return.
  absl::optional<ReturnKey> after;
  uint32_t after_revision = 0;
};

// Thread-safe.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  // `revision` unset: the latest. NOT_FOUND.
  [[nodiscard]] virtual absl::StatusOr<StoredReturn> GetReturn(const ReturnKey& key,
                                                               absl::optional<uint32_t> revision) const = 0;

  // Visits returns ordered by key, newest revision first, as they are at one moment, until `visit` gives false.
  [[nodiscard]] virtual absl::Status ScanReturns(const ReturnFilter& filter,
                                                 absl::FunctionRef<bool(StoredReturn)> visit) const = 0;

  // Without events if nothing was said, or there is no such return.
  [[nodiscard]] virtual absl::StatusOr<v1::QueryRecord> GetQuery(const QueryName& name) const = 0;

  // Visits the queries of a collection about which something was said, ordered by name, as ScanReturns does. An empty
  // collection means all. DATA_LOSS also where the return is not there.
  [[nodiscard]] virtual absl::Status ScanQueries(
      const std::string& collection,
      absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) const = 0;

  [[nodiscard]] virtual absl::StatusOr<Catalogue> ReadCatalogue() const = 0;

  // The parts of a release in their order, until `visit` gives false. NOT_FOUND; DATA_LOSS also where one is not there.
  [[nodiscard]] virtual absl::Status ReadRelease(const std::string& collection, const std::string& period,
                                                 uint32_t number,
                                                 absl::FunctionRef<bool(std::string part)> visit) const = 0;

  // The last commit; 0 in a new store.
  virtual uint64_t last_sequence() const = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_STORE_READER_H_
