#include "storage/store_moment.h"

#include <utility>

#include "storage/catalogue_scan.h"
#include "storage/last_commit.h"
#include "storage/query_scan.h"
#include "storage/release_scan.h"
#include "storage/request_scan.h"
#include "storage/return_scan.h"

namespace quartermaster::storage {

StoreMoment::StoreMoment(const Database* database, ReaderGate::Reader reading)
    : database_(database),
      reading_(std::move(reading)),
      moment_(database->db(), /*kept=*/nullptr),
      reader_(database, moment_.snapshot()) {}

absl::StatusOr<std::unique_ptr<const StoreReader>> StoreMoment::Take(const Database* database,
                                                                     ReaderGate::Reader reading) {
  std::unique_ptr<StoreMoment> taken(new StoreMoment(database, std::move(reading)));
  const absl::StatusOr<uint64_t> last =
      ReadLastCommit(database->db(), database->family(Family::kMeta), taken->moment_.snapshot());
  if (!last.ok()) return last.status();
  taken->last_sequence_ = *last;
  return taken;
}

absl::StatusOr<StoredReturn> StoreMoment::GetReturn(const ReturnKey& key, absl::optional<uint32_t> revision) const {
  return reader_.GetReturn(key, revision);
}

absl::Status StoreMoment::ScanReturns(const ReturnFilter& filter, absl::FunctionRef<bool(StoredReturn&)> visit) const {
  return storage::ScanReturns(*database_, moment_.snapshot(), filter, visit);
}

absl::StatusOr<v1::QueryRecord> StoreMoment::GetQuery(const QueryName& name) const { return reader_.FindQuery(name); }

absl::Status StoreMoment::ScanQueries(
    const std::string& collection,
    absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) const {
  return storage::ScanQueries(*database_, moment_.snapshot(), collection, visit);
}

absl::Status StoreMoment::ScanRequests(
    absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit) const {
  return storage::ScanRequests(*database_, moment_.snapshot(), visit);
}

absl::StatusOr<Catalogue> StoreMoment::ReadCatalogue() const {
  return storage::ReadCatalogue(*database_, moment_.snapshot());
}

// A release is written once, whole, and never changed.
absl::Status StoreMoment::ReadRelease(const std::string& collection, const std::string& period, uint32_t number,
                                      absl::FunctionRef<bool(std::string part)> visit) const {
  return storage::ReadRelease(*database_, {collection, period, number}, visit);
}

}  // namespace quartermaster::storage
