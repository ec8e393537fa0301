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
#include "storage/returns.h"

namespace quartermaster::storage {

// Thread-safe.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  // `revision` unset: the latest. NOT_FOUND.
  [[nodiscard]] virtual absl::StatusOr<StoredReturn> GetReturn(const ReturnKey& key,
                                                               absl::optional<uint32_t> revision) const = 0;

  // Visits returns ordered by key, newest revision first, as they are at one moment, until `visit` gives false. `visit`
  // may take what it wants out of a return but must not keep the reference: the next one is put in its place.
  [[nodiscard]] virtual absl::Status ScanReturns(const ReturnFilter& filter,
                                                 absl::FunctionRef<bool(StoredReturn&)> visit) const = 0;

  // Without events if nothing was said, or there is no such return.
  [[nodiscard]] virtual absl::StatusOr<v1::QueryRecord> GetQuery(const QueryName& name) const = 0;

  // Visits the queries of a collection about which something was said, ordered by name, as ScanReturns does. An empty
  // collection means all. DATA_LOSS also where the return is not there.
  [[nodiscard]] virtual absl::Status ScanQueries(
      const std::string& collection,
      absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) const = 0;

  // Visits what request ids were used for, ordered by id, as they are at one moment, until `visit` gives false. Whether
  // what they name is there is not looked at.
  [[nodiscard]] virtual absl::Status ScanRequests(
      absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit) const = 0;

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
