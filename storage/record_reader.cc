// Point reads, and the comparison of a request with the first use of its id.
#include "storage/record_reader.h"

#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// 123e4567-e89b-12d3-a456-426614174000.
std::string UuidText(const std::string& id) {
  const std::string hex = absl::BytesToHexString(id);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20));
}

const char* KindText(v1::RequestRecord::Kind kind) {
  return kind == v1::RequestRecord::KIND_SUBMISSION ? "a submission" : "a withdrawal";
}

constexpr char kRevisionOfFirstUse[] = "quartermaster/revision_of_first_use";

absl::Status WithRevision(const absl::Status& status, const RevisionKey& key) {
  return absl::Status(status.code(), absl::StrCat(Describe(key), ": ", status.message()));
}

// What differs between a request and the first use of its id. OK if nothing does. Ids are of all participants, and
// whoever sends one may know nothing of the others: what they used it for is not told.
absl::Status CompareWithFirstUse(const v1::RequestRecord& first, v1::RequestRecord::Kind kind,
                                 const std::string& request_id, const ReturnKey& key, const std::string& content) {
  const ReturnKey first_key = {first.collection(), first.service(), first.participant(), first.period()};
  const std::string id = absl::StrCat("the request id ", UuidText(request_id), " was used for ");
  const std::string remedy = "Nothing was stored; use a new request id for a new request.";
  if (first_key.participant != key.participant) {
    return absl::AlreadyExistsError(absl::StrCat(id, "another return. ", remedy));
  }
  const std::string used =
      absl::StrCat(id, KindText(first.kind()), " of ", Describe(RevisionKey{first_key, first.revision()}));
  if (first.kind() != kind) {
    return absl::AlreadyExistsError(absl::StrCat(used, ", and this is ", KindText(kind), ". ", remedy));
  }
  if (first_key != key) {
    return absl::AlreadyExistsError(absl::StrCat(used, ", and this is for ", Describe(key), ". ", remedy));
  }
  if (first.content() == content) return absl::OkStatus();
  if (kind == v1::RequestRecord::KIND_WITHDRAWAL) {
    return absl::AlreadyExistsError(
        absl::StrCat(used, " for another reason, \"", absl::CHexEscape(first.content()), "\". ", remedy));
  }
  absl::Status other = absl::AlreadyExistsError(absl::StrCat(used, " with other content: its SHA-256 was ",
                                                             absl::CHexEscape(first.content()), ", and this one's is ",
                                                             absl::CHexEscape(content), ". ", remedy));
  other.SetPayload(kRevisionOfFirstUse, absl::Cord(absl::StrCat(first.revision())));
  return other;
}

}  // namespace

absl::optional<uint32_t> RevisionOfFirstUse(const absl::Status& status) {
  uint32_t revision = 0;
  const absl::optional<absl::Cord> payload = status.GetPayload(kRevisionOfFirstUse);
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &revision)) return absl::nullopt;
  return revision;
}

rocksdb::ReadOptions RecordReader::ReadOptions() const {
  rocksdb::ReadOptions options = PointReadOptions();
  options.snapshot = moment_;
  return options;
}

absl::StatusOr<bool> RecordReader::Get(Family family, const std::string& key, std::string* bytes) const {
  rocksdb::DB* const db = database_->db();
  rocksdb::ColumnFamilyHandle* const handle = database_->family(family);
  const rocksdb::Status status = pending_ == nullptr
                                     ? db->Get(ReadOptions(), handle, key, bytes)
                                     : pending_->GetFromBatchAndDB(db, ReadOptions(), handle, key, bytes);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return FromRocksDb(status, "reading a record");
  return true;
}

absl::StatusOr<uint32_t> RecordReader::FindLatestRevision(const ReturnKey& key) const {
  const std::string prefix = ReturnPrefix(key);
  const std::string prefix_end = PrefixEnd(prefix);
  const rocksdb::Slice upper_bound = prefix_end;
  rocksdb::ReadOptions options = ReadOptions();
  options.iterate_upper_bound = &upper_bound;
  rocksdb::ColumnFamilyHandle* const handle = database_->family(Family::kReturns);
  std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(options, handle));
  if (pending_ != nullptr) it.reset(pending_->NewIteratorWithBase(handle, it.release()));
  it->Seek(prefix);
  if (!it->status().ok()) return FromRocksDb(it->status(), absl::StrCat("looking for ", Describe(key)));
  // The pending batch knows no upper bound.
  if (!it->Valid() || !it->key().starts_with(prefix)) return 0;
  const absl::StatusOr<RevisionKey> latest = RevisionKey::Decode(FromSlice(it->key()));
  if (!latest.ok()) return latest.status();
  return latest->revision;
}

absl::StatusOr<StoredReturn> RecordReader::GetReturn(const ReturnKey& key, absl::optional<uint32_t> revision) const {
  if (!revision.has_value()) {
    const absl::StatusOr<uint32_t> latest = FindLatestRevision(key);
    if (!latest.ok()) return latest.status();
    if (*latest == 0) return absl::NotFoundError(absl::StrCat("there is no return ", Describe(key)));
    revision = *latest;
  }
  absl::StatusOr<absl::optional<StoredReturn>> stored = FindReturn({key, *revision});
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) {
    return absl::NotFoundError(absl::StrCat("there is no return ", Describe(RevisionKey{key, *revision})));
  }
  return **std::move(stored);
}

absl::StatusOr<absl::optional<StoredReturn>> RecordReader::FindReturn(const RevisionKey& key) const {
  std::string bytes;
  const absl::StatusOr<bool> found = Get(Family::kReturns, key.Encode(), &bytes);
  if (!found.ok()) return WithRevision(found.status(), key);
  if (!*found) return absl::nullopt;
  absl::StatusOr<v1::ReturnRecord> record = ParseReturn(key, bytes);
  if (!record.ok()) return WithRevision(record.status(), key);
  absl::StatusOr<absl::optional<v1::WithdrawalRecord>> withdrawal = FindWithdrawal(key);
  if (!withdrawal.ok()) return withdrawal.status();
  return StoredReturn{key.return_key, *std::move(record), *std::move(withdrawal)};
}

absl::StatusOr<absl::optional<v1::WithdrawalRecord>> RecordReader::FindWithdrawal(const RevisionKey& key) const {
  std::string bytes;
  const absl::StatusOr<bool> found = Get(Family::kWithdrawals, key.Encode(), &bytes);
  if (!found.ok()) return WithRevision(found.status(), key);
  if (!*found) return absl::nullopt;
  absl::StatusOr<v1::WithdrawalRecord> withdrawal = ParseWithdrawal(key, bytes);
  if (!withdrawal.ok()) return WithRevision(withdrawal.status(), key);
  return *std::move(withdrawal);
}

absl::StatusOr<v1::QueryRecord> RecordReader::FindQuery(const QueryName& name) const {
  std::string bytes;
  const absl::StatusOr<bool> found = Get(Family::kQueries, QueryKey{name}.Encode(), &bytes);
  if (found.ok() && !*found) return v1::QueryRecord();
  absl::StatusOr<v1::QueryRecord> record = found.ok() ? ParseQuery(bytes) : found.status();
  if (record.ok()) return record;
  return absl::Status(record.status().code(), absl::StrCat(Describe(name), ": ", record.status().message()));
}

absl::StatusOr<uint32_t> RecordReader::FindLatestRelease(const std::string& collection,
                                                         const std::string& period) const {
  const std::string prefix = PeriodPrefix(collection, period);
  rocksdb::ColumnFamilyHandle* const handle = database_->family(Family::kReleases);
  std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(ReadOptions(), handle));
  if (pending_ != nullptr) it.reset(pending_->NewIteratorWithBase(handle, it.release()));
  it->SeekForPrev(PrefixEnd(prefix));
  if (!it->status().ok()) return FromRocksDb(it->status(), "looking for the latest release");
  if (!it->Valid() || !it->key().starts_with(prefix)) return 0;
  // No release is without parts, so the last key is of one.
  const absl::StatusOr<ReleasePartKey> latest = ReleasePartKey::Decode(FromSlice(it->key()));
  if (!latest.ok()) return latest.status();
  return latest->release.number;
}

absl::StatusOr<absl::optional<StoredReturn>> RecordReader::FindRepeated(v1::RequestRecord::Kind kind,
                                                                        const std::string& request_id,
                                                                        const ReturnKey& key,
                                                                        const std::string& content) const {
  if (request_id.empty()) return absl::nullopt;
  if (request_id.size() != kRequestIdBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a request id has ", kRequestIdBytes, " bytes, this one has ", request_id.size()));
  }
  std::string bytes;
  const absl::StatusOr<bool> found = Get(Family::kRequests, request_id, &bytes);
  if (!found.ok()) return found.status();
  if (!*found) return absl::nullopt;
  const absl::StatusOr<v1::RequestRecord> first = ParseRequest(bytes);
  if (!first.ok()) return first.status();
  absl::Status same = CompareWithFirstUse(*first, kind, request_id, key, content);
  if (!same.ok()) return same;

  const RevisionKey revision = {key, first->revision()};
  absl::StatusOr<absl::optional<StoredReturn>> stored = FindReturn(revision);
  if (!stored.ok()) return stored;
  const bool whole =
      stored->has_value() && (kind != v1::RequestRecord::KIND_WITHDRAWAL || (*stored)->withdrawal.has_value());
  if (!whole) {
    return absl::DataLossError(absl::StrCat("the request id ", UuidText(request_id), " was used for ", KindText(kind),
                                            " of ", Describe(revision), ", which is not there"));
  }
  return stored;
}

}  // namespace quartermaster::storage
