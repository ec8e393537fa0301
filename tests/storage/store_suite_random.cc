// Every engine: random operations, many in flight at once, against a model that is a few lines of maps.
#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "tests/storage/audit_testing.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

// What an operation answered: what it stored and whether before, or the code of its error.
struct Outcome {
  absl::StatusCode code = absl::StatusCode::kOk;
  bool repeated = false;
  std::string stored;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << absl::StatusCodeToString(outcome.code) << (outcome.repeated ? " repeated " : " ") << outcome.stored;
}

template <typename Result>
Outcome OutcomeOf(const absl::StatusOr<Result>& result) {
  if (!result.ok()) return {result.status().code(), false, ""};
  return {absl::StatusCode::kOk, result->repeated, FullText(result->stored)};
}

Outcome OutcomeOfQuery(const QueryName& name, const absl::StatusOr<QueryChangeResult>& result) {
  if (!result.ok()) return {result.status().code(), false, ""};
  return {absl::StatusCode::kOk, result->repeated, FullText(name, result->record)};
}

// The contract of storage/store.h in memory.
class Model {
 public:
  explicit Model(int64_t now_us) : now_us_(now_us) {}

  Outcome Submit(Submission submission) {
    const Use use = {false, submission.key, submission.record.receipt().content_sha256(), 0};
    Outcome outcome;
    if (IsDecided(submission.request_id, use, outcome)) return outcome;
    std::vector<StoredReturn>& revisions = returns_[submission.key];
    if (submission.expected_revision.has_value() && *submission.expected_revision != revisions.size()) {
      return {absl::StatusCode::kAborted, false, ""};
    }
    quartermaster::v1::Receipt& receipt = *submission.record.mutable_receipt();
    receipt.set_revision(static_cast<uint32_t>(revisions.size() + 1));
    receipt.set_sequence(++sequence_);
    *receipt.mutable_commit_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now_us_);
    revisions.push_back({submission.key, submission.record, absl::nullopt});
    for (const NewQueryEvent& added : submission.query_events) {
      Say({submission.key, added.rule_id, added.subject}, receipt.revision(), added.event);
    }
    Remember(submission.request_id, use, revisions.size());
    return {absl::StatusCode::kOk, false, FullText(revisions.back())};
  }

  Outcome Withdraw(const WithdrawalRequest& request) {
    const Use use = {true, request.key, request.reason, 0};
    Outcome outcome;
    if (IsDecided(request.request_id, use, outcome)) return outcome;
    std::vector<StoredReturn>& revisions = returns_[request.key];
    if (revisions.empty()) return {absl::StatusCode::kNotFound, false, ""};
    if (request.expected_revision.has_value() && *request.expected_revision != revisions.size()) {
      return {absl::StatusCode::kAborted, false, ""};
    }
    if (revisions.back().withdrawal.has_value()) return {absl::StatusCode::kFailedPrecondition, false, ""};
    v1::WithdrawalRecord& withdrawal = revisions.back().withdrawal.emplace();
    withdrawal.set_revision(static_cast<uint32_t>(revisions.size()));
    withdrawal.set_commit_time_us(now_us_);
    withdrawal.set_submitter(request.submitter);
    withdrawal.set_reason(request.reason);
    withdrawal.set_sequence(++sequence_);
    Remember(request.request_id, use, revisions.size());
    return {absl::StatusCode::kOk, false, FullText(revisions.back())};
  }

  Outcome ChangeQuery(const QueryChange& change) {
    const std::vector<StoredReturn>& revisions = returns_[change.name.return_key];
    if (revisions.empty()) return {absl::StatusCode::kNotFound, false, ""};
    if (revisions.back().withdrawal.has_value()) return {absl::StatusCode::kFailedPrecondition, false, ""};
    const auto query = queries_.find(change.name);
    const size_t events = query == queries_.end() ? 0 : static_cast<size_t>(query->second.events_size());
    if (events > 0) {
      const quartermaster::v1::QueryEvent& last = *query->second.events().rbegin();
      if (last.text() == change.event.text() && last.revision() == change.expected_revision) {
        return {absl::StatusCode::kOk, true, FullText(change.name, query->second)};
      }
    }
    if (change.expected_revision != revisions.size() || change.expected_events != events) {
      return {absl::StatusCode::kAborted, false, ""};
    }
    ++sequence_;
    Say(change.name, change.expected_revision, change.event);
    return {absl::StatusCode::kOk, false, FullText(change.name, queries_[change.name])};
  }

  Outcome ChangeCatalogue() { return {absl::StatusCode::kOk, false, absl::StrCat("commit ", ++sequence_)}; }

  // Makes the change expect what is there, so that it is not refused for that.
  void ExpectRightly(QueryChange& change) {
    change.expected_revision = static_cast<uint32_t>(returns_[change.name.return_key].size());
    const auto query = queries_.find(change.name);
    change.expected_events = query == queries_.end() ? 0 : static_cast<size_t>(query->second.events_size());
  }

  std::vector<std::string> ScanQueries(const std::string& collection) const {
    std::vector<std::string> found;
    for (const auto& [name, record] : queries_) {
      if (collection.empty() || collection == name.return_key.collection) found.push_back(FullText(name, record));
    }
    return found;
  }

  std::vector<std::string> Scan(const ReturnFilter& filter) const {
    std::vector<std::string> found;
    for (const auto& [key, revisions] : returns_) {
      if ((!filter.participant.empty() && filter.participant != key.participant) ||
          (!filter.collection.empty() && filter.collection != key.collection)) {
        continue;
      }
      const size_t count = filter.all_revisions ? revisions.size() : std::min<size_t>(1, revisions.size());
      for (size_t i = 0; i < count; ++i) found.push_back(FullText(revisions[revisions.size() - 1 - i]));
    }
    return found;
  }

  uint64_t sequence() const { return sequence_; }

 private:
  struct Use {
    bool withdrawal;
    ReturnKey key;
    std::string content;
    size_t revision;
  };

  bool IsDecided(const std::string& request_id, const Use& use, Outcome& outcome) {
    const auto first = requests_.find(request_id);
    if (first == requests_.end()) return false;
    if (first->second.withdrawal != use.withdrawal || first->second.key != use.key ||
        first->second.content != use.content) {
      outcome = {absl::StatusCode::kAlreadyExists, false, ""};
    } else {
      outcome = {absl::StatusCode::kOk, true, FullText(returns_[use.key][first->second.revision - 1])};
    }
    return true;
  }

  void Say(const QueryName& name, uint32_t revision, quartermaster::v1::QueryEvent event) {
    event.set_revision(revision);
    event.set_sequence(sequence_);
    *event.mutable_commit_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now_us_);
    *queries_[name].add_events() = event;
  }

  void Remember(const std::string& request_id, Use use, size_t revision) {
    use.revision = revision;
    if (!request_id.empty()) requests_.emplace(request_id, std::move(use));
  }

  const int64_t now_us_;
  uint64_t sequence_ = 0;
  std::map<ReturnKey, std::vector<StoredReturn>> returns_;
  std::map<QueryName, v1::QueryRecord> queries_;
  std::map<std::string, Use> requests_;
};

Outcome OutcomeOfCommit(const absl::StatusOr<uint64_t>& sequence) {
  if (!sequence.ok()) return {sequence.status().code(), false, ""};
  return {absl::StatusCode::kOk, false, absl::StrCat("commit ", *sequence)};
}

class Chooser {
 public:
  explicit Chooser(uint64_t seed) : generator_(seed) {}
  uint64_t Below(uint64_t limit) { return generator_() % limit; }
  ReturnKey AnyKey() {
    return {Below(2) == 0 ? "mhlda" : std::string("mh\0", 3), "s", absl::StrCat("RT", Below(4)),
            absl::StrCat(Below(2))};
  }
  // Of few texts and small numbers, so that some repeat and some expect what is there.
  QueryChange AnyQueryChange() {
    QueryChange change = MakeQueryChange(AnyKey(), absl::StrCat("said ", Below(2)), Below(8), Below(4));
    change.name.subject = absl::StrCat(Below(2));
    return change;
  }
  std::string AnyRequestId() { return Below(3) == 0 ? "" : RequestId(Below(60)); }
  absl::optional<uint32_t> AnyExpectedRevision() {
    if (Below(3) > 0) return absl::nullopt;
    return static_cast<uint32_t>(Below(8));
  }

 private:
  std::mt19937_64 generator_;
};

TEST_P(StoreCrowdSuite, RandomOperationsAgreeWithTheModel) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  Chooser choose(seed);
  Model model(kNowUs);
  const uint64_t rounds = Repetitions(5);  // Request ids and revisions repeat from round to round.
  uint64_t without_commit = 0;             // Lines of the audit.
  for (uint64_t round = 0; round < rounds; ++round) {
    std::vector<Outcome> expected;
    std::vector<Outcome> given;  // Only the store's thread touches it until the store is closed.
    for (int i = 0; i < 120; ++i) {
      const uint64_t kind = choose.Below(7);
      const std::string audit = absl::StrCat("\"kind\":", kind, ",\"round\":", round);
      if (kind < 2) {
        QueryChange change = choose.AnyQueryChange();
        if (choose.Below(2) == 0) model.ExpectRightly(change);
        change.audit = audit;
        expected.push_back(model.ChangeQuery(change));
        store().ChangeQuery(change, nullptr, [&given, name = change.name](absl::StatusOr<QueryChangeResult> r) {
          given.push_back(OutcomeOfQuery(name, r));
        });
      } else if (kind < 4) {
        Submission submission =
            MakeSubmission(choose.AnyKey(), absl::StrCat("content ", choose.Below(3)), choose.AnyRequestId());
        submission.expected_revision = choose.AnyExpectedRevision();
        submission.audit = audit;
        if (choose.Below(4) == 0) submission.query_events = {{"maximum", "0", MakeEvent("with it")}};
        expected.push_back(model.Submit(submission));
        store().Submit(
            submission, nullptr, [&](absl::StatusOr<SubmissionResult> r) { given.push_back(OutcomeOf(r)); },
            choose.Below(2) == 0 ? CommitOn::kStoresThread : CommitOn::kCallersThread);
      } else if (kind == 5) {
        CatalogueChange change;
        change.audit = audit;
        expected.push_back(model.ChangeCatalogue());
        store().ChangeCatalogue(change, nullptr,
                                [&](absl::StatusOr<uint64_t> r) { given.push_back(OutcomeOfCommit(r)); });
      } else if (kind == 6) {
        const std::vector<std::string> lines(1 + choose.Below(3), audit);
        without_commit += lines.size();
        store().Audit({lines}, [](const absl::StatusOr<uint64_t>& number) { EXPECT_TRUE(number.ok()); });
      } else {
        WithdrawalRequest request =
            MakeWithdrawal(choose.AnyKey(), absl::StrCat("reason ", choose.Below(2)), choose.AnyRequestId());
        request.expected_revision = choose.AnyExpectedRevision();
        request.audit = audit;
        expected.push_back(model.Withdraw(request));
        store().Withdraw(request, nullptr, [&](absl::StatusOr<WithdrawalResult> r) { given.push_back(OutcomeOf(r)); });
      }
    }
    Reopen();
    ASSERT_EQ(given, expected);
    ASSERT_EQ(store().last_sequence(), model.sequence());
    const std::vector<std::string> audit = ReadAudit(store());
    ASSERT_NO_FATAL_FAILURE(ExpectChain(store(), audit));
    ExpectOneLineForEachCommit(store(), audit);
    ASSERT_EQ(audit.size(), model.sequence() + without_commit);
    const std::string collection = choose.Below(2) == 0 ? "" : choose.AnyKey().collection;
    ASSERT_EQ(ScanAllQueries(store(), collection), model.ScanQueries(collection));
    for (const bool all_revisions : {false, true}) {
      ReturnFilter filter;
      filter.all_revisions = all_revisions;
      if (choose.Below(2) == 0) filter.participant = choose.AnyKey().participant;
      if (choose.Below(2) == 0) filter.collection = choose.AnyKey().collection;
      std::vector<std::string> found;
      for (const StoredReturn& stored : ScanAll(store(), filter)) found.push_back(FullText(stored));
      ASSERT_EQ(found, model.Scan(filter));
    }
  }
}

}  // namespace
}  // namespace quartermaster::storage
