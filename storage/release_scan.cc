// Cursors over the family "releases", where large parts lie between small records.
#include "storage/release_scan.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// The release that the cursor is at. DATA_LOSS also if it is at a part: then its release is not there.
absl::StatusOr<v1::ReleaseRecord> ParseAt(const rocksdb::Iterator& it, const ReleaseKey& key) {
  absl::StatusOr<v1::ReleaseRecord> record = ParseRelease(key, FromSlice(it.value()));
  if (record.ok()) return record;
  return absl::Status(record.status().code(), absl::StrCat(Describe(key), ": ", record.status().message()));
}

absl::Status PartIsMissing(const ReleasePartKey& key, uint32_t parts) {
  return absl::DataLossError(
      absl::StrCat(Describe(key.release), " has ", parts, " parts, but part ", key.part, " is not there"));
}

}  // namespace

absl::StatusOr<std::vector<v1::ReleaseRecord>> ReadReleases(const Database& database,
                                                            const rocksdb::Snapshot* snapshot) {
  // Without the readahead of a scan, which would read the parts that are skipped.
  rocksdb::ReadOptions options = PointReadOptions();
  options.fill_cache = false;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kReleases)));
  std::vector<v1::ReleaseRecord> releases;
  for (it->SeekToFirst(); it->Valid();) {
    const absl::StatusOr<ReleaseKey> key = ReleaseKey::Decode(FromSlice(it->key()));
    if (!key.ok()) return key.status();
    absl::StatusOr<v1::ReleaseRecord> record = ParseAt(*it, *key);
    if (!record.ok()) return record.status();
    releases.push_back(*std::move(record));
    it->Seek(PrefixEnd(ReleasePrefix(*key)));
  }
  if (!it->status().ok()) return FromRocksDb(it->status(), "reading the releases");
  return releases;
}

// The one cursor sees one moment.
absl::Status ReadRelease(const Database& database, const ReleaseKey& key,
                         absl::FunctionRef<bool(std::string part)> visit) {
  const std::string end = PrefixEnd(ReleasePrefix(key));
  const rocksdb::Slice upper_bound = end;
  rocksdb::ReadOptions options = ScanReadOptions();
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kReleases)));
  it->Seek(key.Encode());
  if (!it->status().ok()) return FromRocksDb(it->status(), absl::StrCat("reading ", Describe(key)));
  if (!it->Valid()) return absl::NotFoundError(absl::StrCat("there is no ", Describe(key)));
  const absl::StatusOr<ReleaseKey> found = ReleaseKey::Decode(FromSlice(it->key()));
  if (!found.ok()) return found.status();
  const absl::StatusOr<v1::ReleaseRecord> record = ParseAt(*it, *found);
  if (!record.ok()) return record.status();

  for (ReleasePartKey part_key = {key, 0}; part_key.part < record->parts(); ++part_key.part) {
    it->Next();
    if (!it->status().ok()) return FromRocksDb(it->status(), absl::StrCat("reading ", Describe(key)));
    if (!it->Valid() || it->key() != part_key.Encode()) return PartIsMissing(part_key, record->parts());
    absl::StatusOr<v1::ReleasePartRecord> part = ParseReleasePart(part_key, FromSlice(it->value()));
    if (!part.ok()) {
      return absl::Status(part.status().code(),
                          absl::StrCat("part ", part_key.part, " of ", Describe(key), ": ", part.status().message()));
    }
    if (!visit(std::move(*part->mutable_content()))) return absl::OkStatus();
  }
  it->Next();
  if (it->Valid()) return absl::DataLossError(absl::StrCat(Describe(key), " has more parts than it says"));
  return FromRocksDb(it->status(), absl::StrCat("reading ", Describe(key)));
}

}  // namespace quartermaster::storage
