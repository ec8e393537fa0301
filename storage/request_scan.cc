// One cursor over the family "requests".
#include "storage/request_scan.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/read_moment.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {

absl::Status ScanRequests(const Database& database, const rocksdb::Snapshot* moment,
                          absl::FunctionRef<bool(const std::string& id, const v1::RequestRecord& record)> visit) {
  const ReadMoment snapshot(database.db(), moment);
  rocksdb::ReadOptions options = ScanReadOptions();
  options.snapshot = snapshot.snapshot();
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kRequests)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string id(FromSlice(it->key()));
    if (id.size() != kRequestIdBytes) {
      return absl::DataLossError(absl::StrCat("this is no request id: ", absl::BytesToHexString(id)));
    }
    const absl::StatusOr<v1::RequestRecord> record = ParseRequest(FromSlice(it->value()));
    if (!record.ok()) {
      return absl::Status(record.status().code(),
                          absl::StrCat("request ", absl::BytesToHexString(id), ": ", record.status().message()));
    }
    if (!visit(id, *record)) return absl::OkStatus();
  }
  return FromRocksDb(it->status(), "scanning the requests");
}

}  // namespace quartermaster::storage
