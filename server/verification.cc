#include "server/verification.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/content_hash.h"
#include "server/release_check.h"

namespace quartermaster::server {
namespace {

constexpr uint64_t kRevisionsBetweenProgress = 1000;  // Some milliseconds.

// The lines of a dump (national/national_state.h) by the place that they are about: a participant of a service, or a
// cell. The texts stay in the dump.
std::map<std::string, absl::string_view> PlacesOf(absl::string_view dump) {
  std::map<std::string, absl::string_view> places;
  absl::string_view service;
  absl::string_view* open = nullptr;  // What the lines that follow belong to.
  for (absl::string_view line : absl::StrSplit(dump, '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "service ")) {
      service = line;
      open = nullptr;
    } else if (absl::StartsWith(line, "  ")) {
      // It ends the text before it, which lies right in front of it.
      if (open != nullptr) *open = absl::string_view(open->data(), line.data() + line.size() - open->data());
    } else {
      // " participant RT1", or " cell 2025-04 occupancy  n=3 sum=…": what comes before the figures names the place.
      const absl::string_view name = line.substr(0, line.find(" n="));
      open = &places[absl::StrCat(service, name)];
      *open = line;
    }
  }
  return places;
}

// Everything that is held in memory of one moment.
struct Held {
  std::map<std::string, std::string> figures;  // a dump of each collection
  std::map<std::string, std::vector<QueryIndex::Selected>> queries;
  uint64_t sequence = 0;
};

std::map<std::string, std::vector<QueryIndex::Selected>> QueriesOf(const LiveState& state) {
  std::map<std::string, std::vector<QueryIndex::Selected>> queries;
  for (const auto& [id, collection] : state.collections()) {
    v1::ListQueriesRequest all;
    all.set_collection(id);
    queries[id] = state.queries().Select(all, "", absl::nullopt, std::numeric_limits<size_t>::max());
  }
  return queries;
}

Held WriteOut(const LiveState& state) {
  Held held;
  held.sequence = state.sequence();
  for (const auto& [id, collection] : state.collections()) held.figures[id] = collection->national->Dump();
  held.queries = QueriesOf(state);
  return held;
}

bool IsSame(const QueryIndex::Selected& a, const QueryIndex::Selected& b) {
  return a.key == b.key && a.number == b.number && a.entry.rule_id == b.entry.rule_id &&
         a.entry.subject == b.entry.subject && a.entry.fingerprint == b.entry.fingerprint &&
         a.entry.state == b.entry.state;
}

std::string PlaceOf(const storage::ReturnKey& key) {
  return absl::StrCat(key.collection, " ", key.service, " ", key.participant, " ", key.period);
}

class Verification {
 public:
  Verification(storage::Store* store, const LiveState* live, const OnProgress& on_progress,
               const std::function<bool()>& is_cancelled)
      : store_(store), live_(live), on_progress_(on_progress), is_cancelled_(is_cancelled) {}

  absl::StatusOr<v1::VerificationReport> Run() {
    if (absl::Status status = HoldMoment(); !status.ok()) return status;
    using Step = void (Verification::*)();
    for (const Step step : {&Verification::CheckRevisions, &Verification::Rebuild, &Verification::CompareFigures,
                            &Verification::CompareQueries, &Verification::CheckReleases, &Verification::LetMomentGo,
                            &Verification::CheckAudit, &Verification::CheckTables}) {
      (this->*step)();
      if (is_cancelled_()) return absl::CancelledError("the check was stopped before its end");
    }
    return std::move(report_);
  }

 private:
  void Tell(const char* doing, uint64_t done = 0) {
    v1::Progress progress;
    progress.set_doing(doing);
    progress.set_done(done);
    on_progress_(progress);
  }

  void Count(const std::string& kind, uint64_t count) {
    v1::VerifiedKind& checked = *report_.add_checked();
    checked.set_kind(kind);
    checked.set_count(count);
  }

  void Add(const std::string& place, absl::string_view problem) {
    report_.set_problem_count(report_.problem_count() + 1);
    if (report_.problems_size() == kMaxVerificationProblems) return;
    v1::VerificationProblem& added = *report_.add_problems();
    added.set_place(place);
    added.set_problem(std::string(problem));
  }

  absl::Status HoldMoment() {
    if (live_ != nullptr) Tell("writing out the figures in memory");
    uint64_t acknowledged = 0;
    absl::StatusOr<std::unique_ptr<const storage::StoreReader>> moment;
    store_->BetweenCommits([this, &acknowledged, &moment] {
      acknowledged = store_->last_sequence();
      if (live_ != nullptr) held_ = WriteOut(*live_);
      moment = store_->AtThisMoment();
    });
    if (!moment.ok()) return moment.status();
    moment_ = *std::move(moment);
    report_.set_sequence(moment_->last_sequence());
    if (moment_->last_sequence() != acknowledged) {
      return absl::UnavailableError(
          "a write to the store failed and its outcome is unknown, so the figures in memory cannot be compared with "
          "it. Start the server again, then verify.");
    }
    if (live_ != nullptr && held_.sequence != acknowledged) {
      Add("memory", absl::StrCat("it stands at commit ", held_.sequence, ", and the store at ", acknowledged));
    }
    return absl::OkStatus();
  }

  void CheckTables() {
    Tell("verifying the checksums of the store's files");
    const absl::Status status = store_->VerifyChecksums();
    if (!status.ok()) Add("the store's files", status.message());
  }

  void CheckRevisions() {
    uint64_t revisions = 0;
    uint64_t withdrawals = 0;
    storage::ReturnFilter all;
    all.all_revisions = true;
    absl::optional<storage::ReturnKey> key;
    uint32_t next_revision = 0;  // of the same return, counted down
    uint64_t newer_sequence = 0;
    const absl::Status scanned = moment_->ScanReturns(all, [&](const storage::StoredReturn& stored) {
      const v1::Receipt& receipt = stored.record.receipt();
      const std::string place = absl::StrCat(PlaceOf(stored.key), " revision ", receipt.revision());
      if (ContentSha256(stored.record.data(), stored.record.not_available()) != receipt.content_sha256()) {
        Add(place, "its content is not what its receipt says: the SHA-256 differs");
      }
      const bool is_newest = !key || !(*key == stored.key);
      if (is_newest && key && next_revision > 0) Add(PlaceOf(*key), "its first revisions are missing");
      if (!is_newest && receipt.revision() != next_revision) Add(place, "the revision after it is missing");
      if (receipt.sequence() == 0 || receipt.sequence() > report_.sequence() ||
          (!is_newest && receipt.sequence() >= newer_sequence)) {
        Add(place, "its place among the commits cannot be");
      }
      key = stored.key;
      next_revision = receipt.revision() - 1;
      newer_sequence = receipt.sequence();
      if (stored.withdrawal) ++withdrawals;
      if (++revisions % kRevisionsBetweenProgress == 0) Tell("recomputing the hashes of revisions", revisions);
      return !is_cancelled_();
    });
    if (!scanned.ok()) Add("the returns", scanned.message());
    if (scanned.ok() && key && next_revision > 0) Add(PlaceOf(*key), "its first revisions are missing");
    Count("revisions, their hashes recomputed", revisions);
    Count("withdrawals", withdrawals);
  }

  void Rebuild() {
    Tell("rebuilding the figures from the stored returns");
    absl::StatusOr<std::unique_ptr<LiveState>> built = LiveState::Build(moment_.get());
    if (!built.ok()) return Add("the figures", built.status().message());
    rebuilt_ = *std::move(built);
  }

  void CompareFigures() {
    if (rebuilt_ == nullptr) return;
    uint64_t cells = 0;
    uint64_t participants = 0;
    for (const auto& [id, collection] : rebuilt_->collections()) {
      Tell("comparing figures", cells);
      const std::string dump = collection->national->Dump();
      const std::map<std::string, absl::string_view> rebuilt = PlacesOf(dump);
      for (const auto& [place, text] : rebuilt) ++(absl::StrContains(place, " cell ") ? cells : participants);
      if (live_ != nullptr) CompareCollection(id, rebuilt, PlacesOf(held_.figures[id]));
    }
    if (live_ != nullptr && held_.figures.size() != rebuilt_->collections().size()) {
      Add("memory", "other collections are served than are stored");
    }
    const std::string how = live_ == nullptr ? "rebuilt" : "rebuilt and compared with those in memory";
    Count(absl::StrCat("cells of national figures, ", how), cells);
    Count(absl::StrCat("participants' values in a service, ", how), participants);
  }

  void CompareCollection(const std::string& id, const std::map<std::string, absl::string_view>& rebuilt,
                         const std::map<std::string, absl::string_view>& held) {
    for (const auto& [place, text] : rebuilt) {
      const auto found = held.find(place);
      if (found == held.end()) {
        Add(absl::StrCat(id, " ", place), "it follows from the stored returns and is not in memory");
      } else if (found->second != text) {
        Add(absl::StrCat(id, " ", place), "what is in memory does not follow from the stored returns");
      }
    }
    for (const auto& [place, text] : held) {
      if (rebuilt.count(place) == 0) Add(absl::StrCat(id, " ", place), "it is in memory and follows from no return");
    }
  }

  void CompareQueries() {
    if (rebuilt_ == nullptr) return;
    uint64_t queries = 0;
    for (const auto& [id, rebuilt] : QueriesOf(*rebuilt_)) {
      queries += rebuilt.size();
      if (live_ == nullptr) continue;
      const std::vector<QueryIndex::Selected>& held = held_.queries[id];
      for (size_t i = 0; i < std::max(rebuilt.size(), held.size()); ++i) {
        if (i < rebuilt.size() && i < held.size() && IsSame(rebuilt[i], held[i])) continue;
        const QueryIndex::Selected& differs = i < rebuilt.size() ? rebuilt[i] : held[i];
        Add(absl::StrCat(PlaceOf(differs.key), " query ", differs.entry.rule_id),
            "where it stands in memory does not follow from what is stored");
        break;  // Those that follow are shifted.
      }
    }
    Count(live_ == nullptr ? "queries" : "queries, compared with those in memory", queries);
  }

  void CheckReleases() {
    if (rebuilt_ == nullptr) return;
    const absl::StatusOr<storage::Catalogue> catalogue = moment_->ReadCatalogue();
    if (!catalogue.ok()) return Add("the catalogue", catalogue.status().message());
    uint64_t reproduced = 0;
    uint64_t undecided = 0;
    for (const storage::v1::ReleaseRecord& record : catalogue->releases) {
      Tell("making releases again", reproduced + undecided);
      if (is_cancelled_()) return;
      const ReleaseCheckResult result = CheckRelease(record, *catalogue, rebuilt_->participants(), *moment_);
      for (const std::string& problem : result.problems) {
        Add(absl::StrCat("release ", record.release().number(), " of ", record.release().collection(), " ",
                         record.release().period()),
            problem);
      }
      if (result.is_reproduced) ++reproduced;
      if (result.is_undecided) ++undecided;
    }
    Count("releases, their texts and hashes", catalogue->releases.size());
    Count("releases that came out again from the returns that they pin", reproduced);
    Count("releases not made again, because participants or populations changed since", undecided);
  }

  // What follows looks at what is stored now.
  void LetMomentGo() {
    rebuilt_.reset();
    moment_.reset();
  }

  // Up to the line that was the last when this began. `qm admin audit verify` says more of what is wrong.
  void CheckAudit() {
    Tell("verifying the chain of the audit");
    const absl::StatusOr<storage::AuditHead> head = store_->ReadAuditHead();
    if (!head.ok()) return Add("the audit", head.status().message());
    storage::AuditHead last;
    const absl::Status scanned = store_->ScanAudit(1, [&](uint64_t number, absl::string_view line) {
      if (number > head->number || is_cancelled_()) return false;
      const std::string before = absl::StrCat("\"previous\":\"", last.sha256, "\"");
      if (!absl::StrContains(line.substr(0, storage::kAuditFrameBytes), before)) {
        Add(absl::StrCat("the audit, line ", number), "it does not continue the line before");
      }
      last = {number, storage::HashAuditLine(line)};
      return true;
    });
    if (!scanned.ok()) Add("the audit", scanned.message());
    if (scanned.ok() && !is_cancelled_() && last != *head)
      Add("the audit", "its last line is not the one that was kept");
    Count("lines of the audit", last.number);
  }

  storage::Store* const store_;
  const LiveState* const live_;
  const OnProgress& on_progress_;
  const std::function<bool()>& is_cancelled_;
  std::unique_ptr<const storage::StoreReader> moment_;
  Held held_;
  std::unique_ptr<LiveState> rebuilt_;  // Null where the store does not read.
  v1::VerificationReport report_;
};

}  // namespace

absl::StatusOr<v1::VerificationReport> VerifyStore(storage::Store* store, const LiveState* live,
                                                   const OnProgress& on_progress,
                                                   const std::function<bool()>& is_cancelled) {
  return Verification(store, live, on_progress, is_cancelled).Run();
}

}  // namespace quartermaster::server
