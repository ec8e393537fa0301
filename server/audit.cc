#include "server/audit.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace quartermaster::server {
namespace {

constexpr absl::string_view kNamedData[] = {
    "CreateBackup",
    "CheckCollection",
    "DiffReleases",
    "DownloadBundle",
    "DownloadRelease",
    "Extract",
    "GetPosition",
    "GetRelease",
    "GetReturn",
    "GetStatus",
    "GetTrend",
    "ListExceptionUses",
    "ListQueries",
    "ListReturns",
    "ListNationalStatistics",
    "ListStandingExceptions",
    "PreviewRelease",
    "ReadAudit",
    "Watch",
};
// Of an operator, who reads no returns; the first takes all there is out of the store.
constexpr absl::string_view kAlwaysAudited[] = {"CreateBackup", "ReadAudit"};

// Whether the request names participants, and all of them are the caller's own. A position names who is tied with it.
bool AsksForOwnAlone(const Principal& caller, absl::string_view rpc, const google::protobuf::Message& request) {
  if (rpc == "GetPosition") return false;
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  if (const auto* field = type.FindFieldByName("participant"); field != nullptr) {
    return caller.Represents(reflection.GetString(request, field));
  }
  const auto* field = type.FindFieldByName("participants");
  if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return false;
  const int count = reflection.FieldSize(request, field);
  for (int i = 0; i < count; ++i) {
    if (!caller.Represents(reflection.GetRepeatedString(request, field, i))) return false;
  }
  return count > 0;
}

// Figures of the whole country name nobody; a group may have one member.
bool AsksForTheCountryAlone(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  const auto is_empty = [&](const char* name) {
    const auto* field = type.FindFieldByName(name);
    return field != nullptr && field->is_repeated() && request.GetReflection()->FieldSize(request, field) == 0;
  };
  return type.FindFieldByName("participant") == nullptr && is_empty("peers") && is_empty("group_by");
}

// Line by line the last of those that wait longer than a moment, for which the time of storing is not the time at which
// it happened: else a read would seem to follow the revocation of its token.
void NoteWhenTheyCame(absl::Time now, std::deque<std::string>* waiting) {
  constexpr absl::string_view kName = ",\"at\":";
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", now, absl::UTCTimeZone());
  for (auto line = waiting->rbegin(); line != waiting->rend() && !absl::StrContains(*line, kName); ++line) {
    absl::StrAppend(&*line, kName, "\"", time, "\"");
  }
}

void SayOnStandardError(const std::string& members, absl::string_view why) {
  std::cerr << absl::StrCat("qm-server: a line of the audit was not stored (", why, "): {", members, "}\n")
            << std::flush;
}

}  // namespace

bool AnswersWithNamedData(absl::string_view rpc) {
  return std::find(std::begin(kNamedData), std::end(kNamedData), rpc) != std::end(kNamedData);
}

bool IsAuditedRead(const Principal& caller, absl::string_view rpc, const google::protobuf::Message& request) {
  if (std::find(std::begin(kAlwaysAudited), std::end(kAlwaysAudited), rpc) != std::end(kAlwaysAudited)) return true;
  return AnswersWithNamedData(rpc) && caller.SeesEverybody() && !AsksForOwnAlone(caller, rpc, request) &&
         !AsksForTheCountryAlone(request);
}

Audit::Audit(storage::Store* store, Clock clock) : store_(store), clock_(std::move(clock)) {}

Audit::~Audit() = default;

void Audit::Do(absl::FunctionRef<void()> put) {
  Lines lines;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    put();
    lines = TakeLines();
  }
  if (!lines.empty()) Send(std::move(lines));
}

void Audit::Add(const AuditEntry& entry) {
  Do([&] {
    BeginMinute();
    Put(entry.members());
  });
}

void Audit::AddThen(const AuditEntry& entry, Done done) {
  bool settled = false;
  Do([&] {
    BeginMinute();
    Put(entry.members());
    settled = settled_ == put_;
    if (!settled) asked_.emplace_back(put_, std::move(done));
  });
  if (settled) done();
}

void Audit::AddRefusal(const AuditEntry& entry) {
  Do([&] {
    BeginMinute();
    Refusals& refusals = RefusalsOf(entry.principal());
    if (refusals.told < kMaxRefusalsAMinute) {
      ++refusals.told;
      Put(entry.members());
    } else {
      ++refusals.more;
    }
  });
}

void Audit::Close() {
  Do([&] { SayWhatWasCounted(); });
  std::unique_lock<std::mutex> lock(mutex_);
  idle_.wait(lock, [this] { return !sending_; });
  for (const std::string& members : waiting_) SayOnStandardError(members, "the store takes no writes");
  waiting_.clear();
}

void Audit::Put(std::string members) {
  if (waiting_.size() < kMaxWaiting) {
    waiting_.push_back(std::move(members));
    ++put_;
  } else {
    SayOnStandardError(members, "too many lines wait");
  }
}

void Audit::SayWhatWasCounted() {
  const std::string minute =
      absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(minute_ * 60), absl::UTCTimeZone());
  const auto say = [&](const std::string& principal, Refusals& refusals) {
    if (refusals.more == 0) return;
    Put(AuditEntry(principal, "", kRefused).Text("minute", minute).Number("count", refusals.more).members());
    refusals.more = 0;
  };
  for (auto& [principal, refusals] : refusals_) say(principal, refusals);
  say(kOwnPrincipal, other_principals_);
  say(kOwnPrincipal, unknown_callers_);
}

Audit::Refusals& Audit::RefusalsOf(const std::string& principal) {
  if (principal.empty()) return unknown_callers_;
  const auto found = refusals_.find(principal);
  if (found != refusals_.end()) return found->second;
  return refusals_.size() < kMaxRefusedPrincipals ? refusals_[principal] : other_principals_;
}

void Audit::BeginMinute() {
  const int64_t minute = absl::ToUnixSeconds(clock_()) / 60;
  if (minute == minute_) return;
  SayWhatWasCounted();
  minute_ = minute;
  refusals_.clear();
  unknown_callers_ = other_principals_ = Refusals();
}

Audit::Lines Audit::TakeLines() {
  if (sending_ || waiting_.empty()) return {};
  const size_t count = std::min(waiting_.size(), storage::kMaxAuditLines);
  Lines lines(std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(waiting_.begin() + static_cast<ptrdiff_t>(count)));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
  sending_ = true;
  return lines;
}

void Audit::Send(Lines lines) {
  storage::AuditLines sent{lines};
  store_->Audit(std::move(sent), [this, lines = std::move(lines)](const absl::StatusOr<uint64_t>& number) mutable {
    Sent(std::move(lines), number.status());
  });
}

// Where the disk is full or too many writes wait, the lines wait too, until another one comes: nothing but time helps.
// Whoever asked for any of them does not wait as long: no other line may ever come.
void Audit::Sent(Lines lines, const absl::Status& status) {
  Lines next;
  std::vector<Done> done;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    sending_ = false;
    const bool is_refused = absl::IsResourceExhausted(status);
    for (; !asked_.empty() && (is_refused || asked_.front().first <= settled_ + lines.size()); asked_.pop_front()) {
      done.push_back(std::move(asked_.front().second));
    }
    if (is_refused) {
      waiting_.insert(waiting_.begin(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
      NoteWhenTheyCame(clock_(), &waiting_);
    } else {
      settled_ += lines.size();
      for (const std::string& members : lines) {
        if (!status.ok()) SayOnStandardError(members, status.message());
      }
      next = TakeLines();
    }
    // Under the lock: whoever waits for it may destroy this at once.
    if (!sending_) idle_.notify_all();
  }
  if (!next.empty()) Send(std::move(next));
  for (const Done& each : done) each();
}

}  // namespace quartermaster::server
