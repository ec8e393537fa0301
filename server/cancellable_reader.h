// A store that stops being read: whatever reads much of it ends soon once it is to stop.
#ifndef QUARTERMASTER_SERVER_CANCELLABLE_READER_H_
#define QUARTERMASTER_SERVER_CANCELLABLE_READER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "storage/store_reader.h"

namespace quartermaster::server {

// As the reader that it is made of, but every read gives CANCELLED once `is_cancelled` says so, which is asked before
// each record that a scan visits, and must be quick and thread-safe.
class CancellableReader final : public storage::StoreReader {
 public:
  CancellableReader(std::unique_ptr<const storage::StoreReader> reader, const std::function<bool()>& is_cancelled)
      : reader_(std::move(reader)), is_cancelled_(is_cancelled) {}

  absl::StatusOr<storage::StoredReturn> GetReturn(const storage::ReturnKey& key,
                                                  absl::optional<uint32_t> revision) const override {
    if (is_cancelled_()) return Cancelled();
    return reader_->GetReturn(key, revision);
  }
  absl::Status ScanReturns(const storage::ReturnFilter& filter,
                           absl::FunctionRef<bool(storage::StoredReturn&)> visit) const override {
    const absl::Status scanned =
        reader_->ScanReturns(filter, [&](storage::StoredReturn& stored) { return !is_cancelled_() && visit(stored); });
    return is_cancelled_() ? Cancelled() : scanned;
  }
  absl::StatusOr<storage::v1::QueryRecord> GetQuery(const storage::QueryName& name) const override {
    if (is_cancelled_()) return Cancelled();
    return reader_->GetQuery(name);
  }
  absl::Status ScanQueries(
      const std::string& collection,
      absl::FunctionRef<bool(const storage::QueryName& name, const storage::v1::QueryRecord& record)> visit)
      const override {
    const absl::Status scanned = reader_->ScanQueries(
        collection, [&](const auto& name, const auto& record) { return !is_cancelled_() && visit(name, record); });
    return is_cancelled_() ? Cancelled() : scanned;
  }
  absl::Status ScanRequests(
      absl::FunctionRef<bool(const std::string& id, const storage::v1::RequestRecord& record)> visit) const override {
    const absl::Status scanned = reader_->ScanRequests(
        [&](const auto& id, const auto& record) { return !is_cancelled_() && visit(id, record); });
    return is_cancelled_() ? Cancelled() : scanned;
  }
  absl::StatusOr<storage::Catalogue> ReadCatalogue() const override {
    if (is_cancelled_()) return Cancelled();
    return reader_->ReadCatalogue();
  }
  absl::Status ReadRelease(const std::string& collection, const std::string& period, uint32_t number,
                           absl::FunctionRef<bool(std::string part)> visit) const override {
    if (is_cancelled_()) return Cancelled();
    return reader_->ReadRelease(collection, period, number, visit);
  }
  uint64_t last_sequence() const override { return reader_->last_sequence(); }

 private:
  static absl::Status Cancelled() { return absl::CancelledError("the store is read no further: it was stopped"); }

  const std::unique_ptr<const storage::StoreReader> reader_;
  const std::function<bool()> is_cancelled_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CANCELLABLE_READER_H_
