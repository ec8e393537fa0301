// One cursor over the family "queries", and one that looks for the return of each.
#include "storage/query_scan.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/read_moment.h"
#include "storage/records.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// Few returns have queries, so each is looked for on its own. The look-ups are in the order of keys.
class ReturnLookup {
 public:
  ReturnLookup(const Database& database, const rocksdb::Snapshot* snapshot) {
    rocksdb::ReadOptions options = PointReadOptions();
    options.snapshot = snapshot;
    returns_.reset(database.db()->NewIterator(options, database.family(Family::kReturns)));
  }

  absl::Status MustBeThere(const QueryName& name) {
    std::string prefix = ReturnPrefix(name.return_key);
    // The queries of a return follow each other. No prefix is empty.
    if (prefix == found_) return absl::OkStatus();
    returns_->Seek(prefix);
    if (!returns_->status().ok()) return FromRocksDb(returns_->status(), "looking for the return of a query");
    if (!returns_->Valid() || !absl::StartsWith(FromSlice(returns_->key()), prefix)) {
      return absl::DataLossError(absl::StrCat("there is ", Describe(name), ", but not the return"));
    }
    found_ = std::move(prefix);
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<rocksdb::Iterator> returns_;
  std::string found_;
};

}  // namespace

absl::Status ScanQueries(const Database& database, const rocksdb::Snapshot* moment, const std::string& collection,
                         absl::FunctionRef<bool(const QueryName& name, const v1::QueryRecord& record)> visit) {
  const ReadMoment snapshot(database.db(), moment);
  ReturnFilter filter;
  filter.collection = collection;
  const std::string start = FilterPrefix(filter);
  const std::string end = PrefixEnd(start);
  const rocksdb::Slice upper_bound = end;
  rocksdb::ReadOptions options = ScanReadOptions();
  options.snapshot = snapshot.snapshot();
  if (!end.empty()) options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(options, database.family(Family::kQueries)));
  ReturnLookup returns(database, snapshot.snapshot());
  for (it->Seek(start); it->Valid(); it->Next()) {
    const absl::StatusOr<QueryKey> key = QueryKey::Decode(FromSlice(it->key()));
    if (!key.ok()) return key.status();
    absl::Status there = returns.MustBeThere(key->name);
    if (!there.ok()) return there;
    const absl::StatusOr<v1::QueryRecord> record = ParseQuery(FromSlice(it->value()));
    if (!record.ok()) {
      return absl::Status(record.status().code(), absl::StrCat(Describe(key->name), ": ", record.status().message()));
    }
    if (!visit(key->name, *record)) return absl::OkStatus();
  }
  return FromRocksDb(it->status(), "scanning the queries");
}

}  // namespace quartermaster::storage
