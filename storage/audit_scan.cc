// One cursor over the family "audit", and the record of its end.
#include "storage/audit_scan.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/snapshot.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

absl::StatusOr<AuditHead> ReadHead(const Database& database, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options = PointReadOptions();
  options.snapshot = snapshot;
  std::string bytes;
  const rocksdb::Status status = database.db()->Get(options, database.family(Family::kMeta), kAuditRecordKey, &bytes);
  if (status.IsNotFound()) return AuditHead();
  if (!status.ok()) return FromRocksDb(status, "reading where the audit ends");
  const absl::StatusOr<v1::AuditRecord> record = ParseAudit(bytes);
  if (!record.ok()) return record.status();
  return AuditHead{record->lines(), absl::BytesToHexString(record->last_sha256())};
}

absl::Status LineIsMissing(uint64_t number) {
  return absl::DataLossError(absl::StrCat("line ", number, " of the audit is not there"));
}

}  // namespace

absl::StatusOr<AuditHead> ReadAuditHead(const Database& database) { return ReadHead(database, nullptr); }

// One snapshot for both families: the lines and their end are of one moment.
absl::Status ScanAudit(const Database& database, uint64_t from_number,
                       absl::FunctionRef<bool(uint64_t number, absl::string_view line)> visit) {
  rocksdb::ManagedSnapshot snapshot(database.db());
  const absl::StatusOr<AuditHead> head = ReadHead(database, snapshot.snapshot());
  if (!head.ok()) return head.status();
  rocksdb::ReadOptions options = ScanReadOptions();
  options.snapshot = snapshot.snapshot();
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kAudit)));
  uint64_t number = std::max<uint64_t>(from_number, 1);
  for (it->Seek(AuditKey{number}.Encode()); it->Valid(); it->Next(), ++number) {
    const absl::StatusOr<AuditKey> key = AuditKey::Decode(FromSlice(it->key()));
    if (!key.ok()) return key.status();
    if (key->number != number) return LineIsMissing(number);
    if (!visit(number, FromSlice(it->value()))) return absl::OkStatus();
  }
  if (!it->status().ok()) return FromRocksDb(it->status(), "reading the audit");
  return number <= head->number ? LineIsMissing(number) : absl::OkStatus();
}

absl::Status CheckAuditEnd(const Database& database) {
  const absl::StatusOr<AuditHead> head = ReadAuditHead(database);
  if (!head.ok()) return head.status();
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db()->NewIterator(PointReadOptions(), database.family(Family::kAudit)));
  it->SeekToLast();
  if (!it->status().ok()) return FromRocksDb(it->status(), "reading the end of the audit");
  AuditHead found;
  if (it->Valid()) {
    const absl::StatusOr<AuditKey> key = AuditKey::Decode(FromSlice(it->key()));
    if (!key.ok()) return key.status();
    found = {key->number, HashAuditLine(FromSlice(it->value()))};
  }
  if (found == *head) return absl::OkStatus();
  if (found.number != head->number) {
    return absl::DataLossError(
        absl::StrCat("the audit ends with line ", found.number, ", but it had ", head->number, " lines"));
  }
  return absl::DataLossError(absl::StrCat("line ", found.number, " of the audit, the last one, was changed"));
}

}  // namespace quartermaster::storage
