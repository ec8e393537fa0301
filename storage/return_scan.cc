// The merge of returns and withdrawals.
#include "storage/return_scan.h"

#include <algorithm>
#include <memory>
#include <string>
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

bool Matches(const ReturnFilter& filter, const ReturnKey& key) {
  return (filter.collection.empty() || filter.collection == key.collection) &&
         (filter.service.empty() || filter.service == key.service) &&
         (filter.participant.empty() || filter.participant == key.participant) &&
         (filter.period.empty() || filter.period == key.period);
}

// The first key that a scan may visit.
std::string StartOf(const ReturnFilter& filter) {
  std::string start = FilterPrefix(filter);
  if (!filter.after.has_value()) return start;
  // A key that no key equals, right after the last one that is left out.
  const std::string after = filter.all_revisions && filter.after_revision > 0
                                ? RevisionKey{*filter.after, filter.after_revision}.Encode() + '\0'
                                : PrefixEnd(ReturnPrefix(*filter.after));
  return std::max(start, after);
}

// What one scan holds while it runs.
class Scan {
 public:
  Scan(const Database& database, const rocksdb::Snapshot* moment, const ReturnFilter& filter)
      : filter_(filter), moment_(database.db(), moment), end_(PrefixEnd(FilterPrefix(filter))), upper_bound_(end_) {
    rocksdb::ReadOptions options = ScanReadOptions();
    options.snapshot = moment_.snapshot();
    if (!end_.empty()) options.iterate_upper_bound = &upper_bound_;
    const std::string start = StartOf(filter);
    returns_.reset(database.db()->NewIterator(options, database.family(Family::kReturns)));
    withdrawals_.reset(database.db()->NewIterator(options, database.family(Family::kWithdrawals)));
    returns_->Seek(start);
    withdrawals_->Seek(start);
  }

  absl::Status Run(absl::FunctionRef<bool(StoredReturn&)> visit) {
    for (; returns_->Valid(); returns_->Next()) {
      absl::Status met = MeetWithdrawal();
      if (!met.ok()) return met;
      if (!filter_.all_revisions) {
        const absl::string_view bytes = FromSlice(returns_->key());
        if (!latest_prefix_.empty() && absl::StartsWith(bytes, latest_prefix_)) continue;
        // All but the revision. A key too short for one is refused below.
        latest_prefix_.assign(bytes.data(), bytes.size() - std::min(bytes.size(), kRevisionBytes));
      }
      absl::StatusOr<RevisionKey> key = RevisionKey::Decode(FromSlice(returns_->key()));
      if (!key.ok()) return key.status();
      if (!Matches(filter_, key->return_key)) continue;
      absl::Status read = Read(*std::move(key));
      if (!read.ok()) return read;
      if (!visit(stored_)) return absl::OkStatus();
    }
    if (!returns_->status().ok()) return FromRocksDb(returns_->status(), "scanning the returns");
    LeaveWithdrawal();
    if (withdrawals_->Valid()) return Orphan();
    return FromRocksDb(withdrawals_->status(), "scanning the withdrawals");
  }

 private:
  static constexpr size_t kRevisionBytes = sizeof(uint32_t);

  // Moves the withdrawals to the present return; `withdrawn_` tells whether there is one for it.
  absl::Status MeetWithdrawal() {
    LeaveWithdrawal();
    if (!withdrawals_->Valid()) {
      if (std::exchange(withdrawals_ended_, true)) return absl::OkStatus();
      return FromRocksDb(withdrawals_->status(), "scanning the withdrawals");
    }
    const int order = withdrawals_->key().compare(returns_->key());
    if (order < 0) return Orphan();
    withdrawn_ = order == 0;
    return absl::OkStatus();
  }

  // Moves past the withdrawal that met its return.
  void LeaveWithdrawal() {
    if (withdrawn_) withdrawals_->Next();
    withdrawn_ = false;
  }

  absl::Status Orphan() const {
    const absl::StatusOr<RevisionKey> key = RevisionKey::Decode(FromSlice(withdrawals_->key()));
    if (!key.ok()) return key.status();
    return absl::DataLossError(absl::StrCat("there is a withdrawal of ", Describe(*key), ", but not the return"));
  }

  // Puts the present return in the place of the last one.
  absl::Status Read(RevisionKey&& key) {
    const absl::Status read = ParseReturnInto(key, FromSlice(returns_->value()), &stored_.record);
    if (!read.ok()) return WithKey(read, key);
    stored_.withdrawal.reset();
    if (withdrawn_) {
      absl::StatusOr<v1::WithdrawalRecord> parsed = ParseWithdrawal(key, FromSlice(withdrawals_->value()));
      if (!parsed.ok()) return WithKey(parsed.status(), key);
      stored_.withdrawal = *std::move(parsed);
    }
    stored_.key = std::move(key.return_key);
    return absl::OkStatus();
  }

  static absl::Status WithKey(const absl::Status& status, const RevisionKey& key) {
    return absl::Status(status.code(), absl::StrCat(Describe(key), ": ", status.message()));
  }

  const ReturnFilter& filter_;
  const ReadMoment moment_;
  const std::string end_;
  const rocksdb::Slice upper_bound_;
  std::unique_ptr<rocksdb::Iterator> returns_;
  std::unique_ptr<rocksdb::Iterator> withdrawals_;
  bool withdrawals_ended_ = false;
  bool withdrawn_ = false;
  StoredReturn stored_;
  // Of the return whose latest revision was met; its other revisions follow.
  std::string latest_prefix_;
};

}  // namespace

absl::Status ScanReturns(const Database& database, const rocksdb::Snapshot* moment, const ReturnFilter& filter,
                         absl::FunctionRef<bool(StoredReturn&)> visit) {
  return Scan(database, moment, filter).Run(visit);
}

}  // namespace quartermaster::storage
