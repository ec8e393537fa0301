// One cursor over the family "catalogue", whose first key byte says which kind of record follows, and the releases.
#include "storage/catalogue_scan.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/read_moment.h"
#include "storage/records.h"
#include "storage/release_scan.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

template <typename Key, typename Record>
absl::Status Add(const rocksdb::Iterator& it, absl::StatusOr<Record> (*parse)(const Key& key, absl::string_view bytes),
                 std::vector<Record>& out) {
  const absl::StatusOr<Key> key = Key::Decode(FromSlice(it.key()));
  if (!key.ok()) return key.status();
  absl::StatusOr<Record> record = parse(*key, FromSlice(it.value()));
  if (!record.ok()) return record.status();
  out.push_back(*std::move(record));
  return absl::OkStatus();
}

absl::Status AddAny(const rocksdb::Iterator& it, Catalogue& catalogue) {
  const absl::string_view key = FromSlice(it.key());
  if (absl::StartsWith(key, CollectionKey::Prefix())) return Add(it, &ParseCollection, catalogue.collections);
  if (absl::StartsWith(key, ParticipantKey::Prefix())) return Add(it, &ParseParticipant, catalogue.participants);
  if (absl::StartsWith(key, PopulationKey::Prefix())) return Add(it, &ParsePopulation, catalogue.populations);
  if (absl::StartsWith(key, StandingExceptionKey::Prefix())) {
    return Add(it, &ParseStandingException, catalogue.exceptions);
  }
  if (absl::StartsWith(key, EnrolmentKey::Prefix())) return Add(it, &ParseEnrolment, catalogue.enrolments);
  if (absl::StartsWith(key, WindowGrantKey::Prefix())) return Add(it, &ParseWindowGrant, catalogue.window_grants);
  if (absl::StartsWith(key, TokenKey::Prefix())) return Add(it, &ParseToken, catalogue.tokens);
  if (absl::StartsWith(key, ShownKey::Prefix())) return Add(it, &ParseShown, catalogue.shown);
  return absl::DataLossError("a key of no known kind lies in the catalogue");
}

}  // namespace

// One snapshot for both families: a release and what it was made of are of one moment.
absl::StatusOr<Catalogue> ReadCatalogue(const Database& database, const rocksdb::Snapshot* moment) {
  const ReadMoment snapshot(database.db(), moment);
  rocksdb::ReadOptions options = ScanReadOptions();
  options.snapshot = snapshot.snapshot();
  Catalogue catalogue;
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kCatalogue)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const absl::Status added = AddAny(*it, catalogue);
    if (!added.ok()) return absl::Status(added.code(), absl::StrCat("reading the catalogue: ", added.message()));
  }
  if (!it->status().ok()) return FromRocksDb(it->status(), "reading the catalogue");
  absl::StatusOr<std::vector<v1::ReleaseRecord>> releases = ReadReleases(database, snapshot.snapshot());
  if (!releases.ok()) return releases.status();
  catalogue.releases = *std::move(releases);
  return catalogue;
}

}  // namespace quartermaster::storage
