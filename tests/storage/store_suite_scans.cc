// Every engine: scans with their filters and resumption, the catalogue, the order of answers, and all of it after a
// restart.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

void Take(Store& store, const ReturnKey& key) { ASSERT_TRUE(WithdrawAndWait(store, MakeWithdrawal(key, "why")).ok()); }

// RT1 has three revisions in April, the second one withdrawn; RT2 a withdrawn one; and there are returns all around.
void Fill(Store& store) {
  Put(store, {"aaa", "adult-inpatient", "RT1", "2025-04"});
  Put(store, Key("RT1"));
  Put(store, Key("RT1"));
  Take(store, Key("RT1"));
  Put(store, Key("RT1"));
  Put(store, Key("RT1", "2025-05"));
  Put(store, Key("RT10"));
  Put(store, Key("RT2"));
  Take(store, Key("RT2"));
  Put(store, {"mhlda", "cyp-community", "RT1", "2025-04"});
  Put(store, {"zzz", "adult-inpatient", "RT1", "2025-04"});
}

std::vector<std::string> Scan(const Store& store, const ReturnFilter& filter) {
  return Summaries(ScanAll(store, filter));
}

ReturnFilter Inpatient(bool all_revisions = false) {
  ReturnFilter filter;
  filter.collection = "mhlda";
  filter.service = "adult-inpatient";
  filter.all_revisions = all_revisions;
  return filter;
}

TEST_P(StoreSuite, ScansVisitTheLatestOfEachReturnInOrder) {
  Fill(store());
  EXPECT_THAT(Scan(store(), Inpatient()),
              ElementsAre("RT1 2025-04 r3", "RT1 2025-05 r1", "RT10 2025-04 r1", "RT2 2025-04 r1 withdrawn"));
  EXPECT_EQ(Scan(store(), {}).size(), 7);
}

TEST_P(StoreSuite, ScansVisitAllRevisionsNewestFirst) {
  Fill(store());
  EXPECT_THAT(Scan(store(), Inpatient(/*all_revisions=*/true)),
              ElementsAre("RT1 2025-04 r3", "RT1 2025-04 r2 withdrawn", "RT1 2025-04 r1", "RT1 2025-05 r1",
                          "RT10 2025-04 r1", "RT2 2025-04 r1 withdrawn"));
}

TEST_P(StoreSuite, ScansVisitWhatRequestIdsWereUsedFor) {
  const auto used = [this](size_t most) {
    std::vector<std::string> seen;
    const absl::Status scanned = store().ScanRequests([&](const std::string& id, const v1::RequestRecord& record) {
      EXPECT_EQ(id, RequestId(seen.size() + 1));
      seen.push_back(record.participant() + " r" + std::to_string(record.revision()) + " " + record.content());
      return seen.size() < most;
    });
    EXPECT_TRUE(scanned.ok()) << scanned;
    return seen;
  };
  EXPECT_THAT(used(10), IsEmpty());
  const Submission first = MakeSubmission(Key("RT2"), "x", RequestId(1));
  ASSERT_TRUE(SubmitAndWait(store(), first).ok());
  ASSERT_TRUE(SubmitAndWait(store(), first).ok());  // A retry.
  Put(store(), Key("RT3"));                         // Without an id.
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT2"), "why", RequestId(2))).ok());
  const std::string submitted = "RT2 r1 " + first.record.receipt().content_sha256();
  EXPECT_THAT(used(10), ElementsAre(submitted, "RT2 r1 why"));
  EXPECT_THAT(used(1), ElementsAre(submitted));
  const auto moment = store().AtThisMoment();
  ASSERT_TRUE(moment.ok()) << moment.status();
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "y", RequestId(3))).ok());
  EXPECT_EQ(used(10).size(), 3);
  int then = 0;
  ASSERT_TRUE((*moment)->ScanRequests([&](const auto&, const auto&) { return ++then > 0; }).ok());
  EXPECT_EQ(then, 2);
}

TEST_P(StoreSuite, ScansFilterByEachPart) {
  Fill(store());
  ReturnFilter filter;
  filter.participant = "RT1";
  EXPECT_EQ(Scan(store(), filter).size(), 5);
  filter.period = "2025-05";
  EXPECT_THAT(Scan(store(), filter), ElementsAre("RT1 2025-05 r1"));
  filter = {};
  filter.service = "cyp-community";
  EXPECT_THAT(Scan(store(), filter), ElementsAre("RT1 2025-04 r1"));
  filter = Inpatient();
  filter.period = "2025-04";
  EXPECT_THAT(Scan(store(), filter), ElementsAre("RT1 2025-04 r3", "RT10 2025-04 r1", "RT2 2025-04 r1 withdrawn"));
  filter.participant = "RT";
  EXPECT_THAT(Scan(store(), filter), IsEmpty());
}

TEST_P(StoreSuite, ScansStopWhenTheVisitorHasEnough) {
  Fill(store());
  int visited = 0;
  EXPECT_TRUE(store().ScanReturns({}, [&](const StoredReturn&) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_P(StoreSuite, ScansResumeAfterEveryPlace) {
  Fill(store());
  for (const bool all_revisions : {false, true}) {
    for (ReturnFilter filter : {ReturnFilter(), Inpatient()}) {
      filter.all_revisions = all_revisions;
      const std::vector<StoredReturn> all = ScanAll(store(), filter);
      for (size_t i = 0; i < all.size(); ++i) {
        filter.after = all[i].key;
        filter.after_revision = all[i].record.receipt().revision();
        const std::vector<StoredReturn> rest(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end());
        EXPECT_EQ(Scan(store(), filter), Summaries(rest));
      }
    }
  }
}

TEST_P(StoreSuite, ScansResumeOutsideOfTheFilter) {
  Fill(store());
  ReturnFilter filter = Inpatient();
  filter.after = ReturnKey{"aaa", "b", "c", "d"};
  EXPECT_EQ(Scan(store(), filter).size(), 4);
  filter.after = ReturnKey{"zzz", "b", "c", "d"};
  EXPECT_THAT(Scan(store(), filter), IsEmpty());
  filter = Inpatient(/*all_revisions=*/true);
  filter.after = Key("RT1");  // Revision 0 comes after all revisions.
  EXPECT_EQ(Scan(store(), filter).size(), 3);
}

TEST_P(StoreSuite, ScansSeeOneMoment) {
  Fill(store());
  size_t visited = 0;
  const absl::Status status = store().ScanReturns({}, [&](const StoredReturn& stored) {
    if (visited++ == 0) {
      Put(store(), {"zzzz", "late", "RT1", "2025-04"});
      Take(store(), {"zzz", "adult-inpatient", "RT1", "2025-04"});
    }
    EXPECT_NE(stored.key.collection, "zzzz");
    EXPECT_TRUE(stored.key.collection != "zzz" || !stored.withdrawal.has_value());
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(visited, 7);
}

TEST_P(StoreSuite, ScansSeeTheSameAfterARestart) {
  Fill(store());
  ReturnFilter filter;
  filter.all_revisions = true;
  std::vector<std::string> before;
  for (const StoredReturn& stored : ScanAll(store(), filter)) before.push_back(FullText(stored));
  Reopen();
  std::vector<std::string> after;
  for (const StoredReturn& stored : ScanAll(store(), filter)) after.push_back(FullText(stored));
  EXPECT_EQ(after, before);
  EXPECT_EQ(store().last_sequence(), 11);
  const auto next = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "y"));
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->stored.record.receipt().sequence(), 12);
  EXPECT_EQ(next->stored.record.receipt().revision(), 4);
}

v1::CollectionRecord MakeCollection(const std::string& id, uint32_t version, const std::string& file) {
  v1::CollectionRecord record;
  record.set_id(id);
  record.set_version(version);
  record.set_file_name(file);
  record.mutable_descriptor_set()->add_file()->set_name(file);
  return record;
}

v1::PopulationRecord MakePopulation(const std::string& participant, const std::string& band, const std::string& from,
                                    int64_t registered) {
  v1::PopulationRecord record;
  record.mutable_population()->set_participant(participant);
  record.mutable_population()->set_age_band(band);
  record.mutable_population()->set_from(from);
  record.mutable_population()->set_registered(registered);
  return record;
}

v1::ParticipantRecord MakeParticipant(const std::string& code, const std::string& name) {
  v1::ParticipantRecord record;
  record.mutable_participant()->set_code(code);
  record.mutable_participant()->set_name(name);
  return record;
}

// One line for each record, in order.
std::vector<std::string> Lines(const Catalogue& catalogue) {
  std::vector<std::string> lines;
  for (const auto& record : catalogue.collections) lines.push_back(record.ShortDebugString());
  for (const auto& record : catalogue.participants) lines.push_back(record.ShortDebugString());
  for (const auto& record : catalogue.populations) lines.push_back(record.ShortDebugString());
  return lines;
}

TEST_P(StoreSuite, TheCatalogueIsOrderedAndLaterRecordsReplaceEarlierOnes) {
  CatalogueChange change;
  change.collections = {MakeCollection("mhlda", 10, "c"), MakeCollection("mhlda", 2, "b"),
                        MakeCollection("kh03", 1, "a")};
  change.collections[0].set_publish_time_us(5);
  change.participants = {MakeParticipant("RT2", "two"), MakeParticipant("RT1", "one")};
  change.populations = {MakePopulation("RT1", "65+", "", 3), MakePopulation("RT1", "0-17", "2024-04", 2),
                        MakePopulation("RT1", "0-17", "", 1)};
  const auto first = ChangeAndWait(store(), change);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, 1);
  change = {};
  change.collections = {MakeCollection("mhlda", 2, "b again")};
  change.participants = {MakeParticipant("RT1", "one renamed"), MakeParticipant("RT1", "one renamed twice")};
  change.populations = {MakePopulation("RT1", "0-17", "", 9)};
  EXPECT_EQ(*ChangeAndWait(store(), change), 2);

  const std::vector<std::string> expected = {
      "id: \"kh03\" version: 1 publish_time_us: 1750000000123456 descriptor_set { file { name: \"a\" } } file_name: "
      "\"a\" "
      "sequence: 1",
      "id: \"mhlda\" version: 2 publish_time_us: 1750000000123456 descriptor_set { file { name: \"b again\" } } "
      "file_name: \"b again\" sequence: 2",
      "id: \"mhlda\" version: 10 publish_time_us: 5 descriptor_set { file { name: \"c\" } } file_name: \"c\" sequence: "
      "1",
      "participant { code: \"RT1\" name: \"one renamed twice\" } sequence: 2",
      "participant { code: \"RT2\" name: \"two\" } sequence: 1",
      "population { participant: \"RT1\" age_band: \"0-17\" registered: 9 } sequence: 2",
      "population { participant: \"RT1\" age_band: \"0-17\" registered: 2 from: \"2024-04\" } sequence: 1",
      "population { participant: \"RT1\" age_band: \"65+\" registered: 3 } sequence: 1"};
  EXPECT_EQ(Lines(*store().ReadCatalogue()), expected);
  Reopen();
  EXPECT_EQ(Lines(*store().ReadCatalogue()), expected);
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreCrowdSuite, AnswersComeInTheOrderOfSequenceWithoutGaps) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::vector<uint64_t> order;          // Only the store's thread touches it.
  std::set<std::thread::id> answering;  // for others than themselves
  std::atomic<bool> behind = false;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const ReturnKey key = Key("RT" + std::to_string(i % 5));
        const CommitOn commit_on = thread % 2 == 0 ? CommitOn::kStoresThread : CommitOn::kCallersThread;
        store().Submit(
            MakeSubmission(key, std::to_string(thread)), nullptr,
            [&, commit_on, caller = std::this_thread::get_id()](absl::StatusOr<SubmissionResult> result) {
              ASSERT_TRUE(result.ok()) << result.status();
              order.push_back(result->stored.record.receipt().sequence());
              if (store().last_sequence() < order.back()) behind = true;
              if (commit_on == CommitOn::kStoresThread || std::this_thread::get_id() != caller) {
                answering.insert(std::this_thread::get_id());
              }
            },
            commit_on);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto last = ChangeAndWait(store(), {});
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(*last, kThreads * kEach + 1);
  ASSERT_EQ(order.size(), size_t{kThreads} * kEach);
  for (size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i + 1);
  EXPECT_EQ(answering.size(), 1);
  EXPECT_EQ(answering.count(std::this_thread::get_id()), 0);
  EXPECT_FALSE(behind);
}

TEST_P(StoreSuite, ACallerWhoAsksForItCommitsWhileNobodyElseDoes) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<std::thread::id> following;
  std::atomic<std::thread::id> answering;
  const auto submit = [&] {
    store().Submit(
        MakeSubmission(Key("RT1"), "x"), [&](const auto&) { following = std::this_thread::get_id(); },
        [&](const absl::StatusOr<SubmissionResult>& result) {
          EXPECT_TRUE(result.ok()) << result.status();
          answering = std::this_thread::get_id();
        },
        CommitOn::kCallersThread);
  };
  // A new store's own thread may be looking at the disk just then.
  WaitUntil([&] {
    submit();
    return answering == caller;
  });
  EXPECT_EQ(following.load(), caller);

  following = answering = std::thread::id();
  Obstacle obstacle(store());
  submit();
  EXPECT_EQ(answering.load(), std::thread::id()) << "another write is under way";
  obstacle.Remove();
  Close();
  EXPECT_NE(answering.load(), std::thread::id());
  EXPECT_NE(answering.load(), caller);
  EXPECT_EQ(answering.load(), following.load());
}

TEST_P(StoreSuite, NoCallerCommitsBetweenTwoCommits) {
  std::atomic<bool> answered = false;
  store().BetweenCommits([&] {
    std::thread([&] {
      store().Submit(
          MakeSubmission(Key("RT1"), "x"), nullptr, [&](const auto&) { answered = true; }, CommitOn::kCallersThread);
    }).join();
    EXPECT_FALSE(answered);
    EXPECT_EQ(store().last_sequence(), 0);
  });
  Close();
  EXPECT_TRUE(answered);
}

TEST_P(StoreCrowdSuite, ClosingFinishesWhatWasTaken) {
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    store().Submit(MakeSubmission(Key("RT1"), std::to_string(i)), nullptr,
                   [&](absl::StatusOr<SubmissionResult> result) {
                     EXPECT_TRUE(result.ok()) << result.status();
                     ++answered;
                   });
  }
  Close();
  EXPECT_EQ(answered, 100);
  Reopen();
  EXPECT_EQ(store().GetReturn(Key("RT1"), absl::nullopt)->record.data(), "99");
}

}  // namespace
}  // namespace quartermaster::storage
