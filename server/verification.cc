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
#include "server/cancellable_reader.h"
#include "server/content_hash.h"
#include "server/figure_hashes.h"
#include "server/release_check.h"
#include "server/stored_commits.h"

namespace quartermaster::server {
namespace {

constexpr uint64_t kRevisionsBetweenProgress = 1000;  // Some milliseconds.

// What is held in memory of one moment, as hashes, by collection.
struct Held {
  std::map<std::string, FigureHashes> figures;
  std::map<std::string, std::vector<uint64_t>> queries;  // in the order of QueriesOf
};

std::vector<QueryIndex::Selected> QueriesOf(const LiveState& state, const std::string& collection) {
  v1::ListQueriesRequest all;
  all.set_collection(collection);
  return state.queries().Select(all, "", absl::nullopt, std::numeric_limits<size_t>::max());
}

std::vector<uint64_t> HashQueries(const std::vector<QueryIndex::Selected>& queries) {
  std::vector<uint64_t> hashes;
  hashes.reserve(queries.size());
  for (const QueryIndex::Selected& query : queries) {
    std::string text = absl::StrCat(query.number, " ", static_cast<int>(query.entry.state));
    for (const std::string* part :
         {&query.key.collection, &query.key.service, &query.key.participant, &query.key.period, &query.entry.rule_id,
          &query.entry.subject, &query.entry.fingerprint}) {
      absl::StrAppend(&text, " ", part->size(), " ", *part);
    }
    hashes.push_back(std::hash<std::string>()(text));
  }
  return hashes;
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
    if (is_cancelled_()) return Cancelled();
    if (absl::Status status = HoldMoment(); !status.ok()) return status;
    using Step = void (Verification::*)();
    for (const Step step : {&Verification::CheckRevisions, &Verification::CheckRequests, &Verification::Rebuild,
                            &Verification::CompareFigures, &Verification::CompareQueries, &Verification::LetFiguresGo,
                            &Verification::CheckReleases, &Verification::LetMomentGo, &Verification::CheckAudit,
                            &Verification::CheckTables}) {
      if (is_cancelled_()) return Cancelled();
      (this->*step)();
    }
    if (is_cancelled_()) return Cancelled();
    return std::move(report_);
  }

 private:
  static absl::Status Cancelled() { return absl::CancelledError("the check was stopped before its end"); }

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
    uint64_t held_sequence = 0;
    std::map<std::string, std::string> dumps;
    absl::StatusOr<std::unique_ptr<const storage::StoreReader>> moment;
    store_->BetweenCommits([&] {
      acknowledged = store_->last_sequence();
      moment = store_->AtThisMoment();
      if (live_ == nullptr) return;
      held_sequence = live_->sequence();
      for (const auto& [id, collection] : live_->collections()) {
        dumps[id] = collection->national->Dump();
        held_.queries[id] = HashQueries(QueriesOf(*live_, id));
      }
    });
    if (!moment.ok()) return moment.status();
    moment_ = std::make_unique<CancellableReader>(*std::move(moment), is_cancelled_);
    report_.set_sequence(moment_->last_sequence());
    if (moment_->last_sequence() != acknowledged) {
      return absl::UnavailableError(
          "a write to the store failed and its outcome is unknown, so the figures in memory cannot be compared with "
          "it. Start the server again, then verify.");
    }
    if (live_ != nullptr && held_sequence != acknowledged) {
      Add("memory", absl::StrCat("it stands at commit ", held_sequence, ", and the store at ", acknowledged));
    }
    // While writes go on. Each text goes as soon as it is hashed.
    for (; !dumps.empty(); dumps.erase(dumps.begin())) {
      held_.figures[dumps.begin()->first] = HashFigures(dumps.begin()->second);
    }
    return absl::OkStatus();
  }

  void CheckTables() {
    Tell("verifying the checksums of the store's files");
    const absl::Status status = store_->VerifyChecksums(is_cancelled_);
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
      commits_.Add(stored);
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
      return true;
    });
    if (!scanned.ok()) Add("the returns", scanned.message());
    can_look_up_commits_ = scanned.ok();
    commits_.Sort();
    if (scanned.ok() && key && next_revision > 0) Add(PlaceOf(*key), "its first revisions are missing");
    Count("revisions, their hashes recomputed", revisions);
    Count("withdrawals", withdrawals);
  }

  void CheckRequests() {
    Tell("looking for what request ids were used for");
    uint64_t requests = 0;
    const auto tell = [this](const std::string& place, const std::string& problem) { Add(place, problem); };
    const absl::Status scanned =
        moment_->ScanRequests([&](const std::string& id, const storage::v1::RequestRecord& record) {
          ++requests;
          commits_.AddRequest(id);
          // Where not all returns read, those behind would be missed for nothing.
          if (can_look_up_commits_) commits_.CheckRequest(id, record, tell);
          return true;
        });
    if (!scanned.ok()) Add("the request ids", scanned.message());
    can_look_up_commits_ = can_look_up_commits_ && scanned.ok();
    commits_.Sort();
    Count("request ids, and what they were used for", requests);
  }

  void Rebuild() {
    Tell("rebuilding the figures from the stored returns");
    absl::StatusOr<std::unique_ptr<LiveState>> built = LiveState::Build(moment_.get());
    if (!built.ok()) return Add("the figures", built.status().message());
    rebuilt_ = *std::move(built);
  }

  void CompareFigures() {
    if (rebuilt_ == nullptr) return;
    const bool other_collections = live_ != nullptr && held_.figures.size() != rebuilt_->collections().size();
    if (other_collections) Add("memory", "other collections are served than are stored");
    uint64_t cells = 0;
    uint64_t participants = 0;
    for (const auto& [id, collection] : rebuilt_->collections()) {
      Tell("comparing figures", cells);
      if (is_cancelled_()) return;
      const FigureHashes rebuilt = HashFigures(collection->national->Dump());
      for (const auto& [place, hash] : rebuilt) ++(absl::StrContains(place, " cell ") ? cells : participants);
      if (live_ != nullptr) CompareCollection(id, rebuilt, held_.figures[id]);
      held_.figures.erase(id);
    }
    const std::string how = live_ == nullptr ? "rebuilt" : "rebuilt and compared with those in memory";
    Count(absl::StrCat("cells of national figures, ", how), cells);
    Count(absl::StrCat("participants' values in a service, ", how), participants);
  }

  void CompareCollection(const std::string& id, const FigureHashes& rebuilt, const FigureHashes& held) {
    for (const auto& [place, hash] : rebuilt) {
      const auto found = held.find(place);
      if (found == held.end()) {
        Add(absl::StrCat(id, " ", place), "it follows from the stored returns and is not in memory");
      } else if (found->second != hash) {
        Add(absl::StrCat(id, " ", place), "what is in memory does not follow from the stored returns");
      }
    }
    for (const auto& [place, hash] : held) {
      if (rebuilt.count(place) == 0) Add(absl::StrCat(id, " ", place), "it is in memory and follows from no return");
    }
  }

  void CompareQueries() {
    if (rebuilt_ == nullptr) return;
    uint64_t queries = 0;
    for (const auto& [id, collection] : rebuilt_->collections()) {
      if (is_cancelled_()) return;
      const std::vector<QueryIndex::Selected> rebuilt = QueriesOf(*rebuilt_, id);
      queries += rebuilt.size();
      if (live_ != nullptr) CompareQueriesOf(id, rebuilt, held_.queries[id]);
      held_.queries.erase(id);
    }
    Count(live_ == nullptr ? "queries" : "queries, compared with those in memory", queries);
  }

  // Names the first that differs: those that follow are shifted.
  void CompareQueriesOf(const std::string& id, const std::vector<QueryIndex::Selected>& rebuilt,
                        const std::vector<uint64_t>& held) {
    const std::vector<uint64_t> hashes = HashQueries(rebuilt);
    const auto differs = std::mismatch(hashes.begin(), hashes.end(), held.begin(), held.end()).first;
    if (differs != hashes.end()) {
      const QueryIndex::Selected& query = rebuilt[static_cast<size_t>(differs - hashes.begin())];
      Add(absl::StrCat(PlaceOf(query.key), " query ", query.entry.rule_id),
          "where it stands in memory does not follow from what is stored");
    } else if (held.size() > hashes.size()) {
      Add(id, absl::StrCat(held.size() - hashes.size(), " queries in memory follow from nothing that is stored"));
    }
  }

  // Releases are made again from figures of their own.
  void LetFiguresGo() {
    if (rebuilt_ != nullptr) participants_ = rebuilt_->participants();
    rebuilt_.reset();
    held_ = Held();
  }

  void CheckReleases() {
    if (participants_ == nullptr) return;
    const absl::StatusOr<storage::Catalogue> catalogue = moment_->ReadCatalogue();
    if (!catalogue.ok()) return Add("the catalogue", catalogue.status().message());
    uint64_t reproduced = 0;
    uint64_t undecided = 0;
    for (const storage::v1::ReleaseRecord& record : catalogue->releases) {
      Tell("making releases again", reproduced + undecided);
      if (is_cancelled_()) return;
      const ReleaseCheckResult result = CheckRelease(record, *catalogue, participants_, *moment_);
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
  void LetMomentGo() { moment_.reset(); }

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
      if (can_look_up_commits_) {
        commits_.CheckLine(number, line, report_.sequence(),
                           [this](const auto& place, const auto& problem) { Add(place, problem); });
      }
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
  StoredCommits commits_;
  bool can_look_up_commits_ = false;    // All returns and request ids have been read into it.
  std::unique_ptr<LiveState> rebuilt_;  // Null where the store does not read.
  std::shared_ptr<const Participants> participants_;
  v1::VerificationReport report_;
};

}  // namespace

absl::StatusOr<v1::VerificationReport> VerifyStore(storage::Store* store, const LiveState* live,
                                                   const OnProgress& on_progress,
                                                   const std::function<bool()>& is_cancelled) {
  return Verification(store, live, on_progress, is_cancelled).Run();
}

}  // namespace quartermaster::server
