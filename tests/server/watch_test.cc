// Watches: the past and what comes, each event once and none left out, whatever is committed meanwhile and however slow
// the reader is.
#include "server/watch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "server/errors.h"
#include "tests/server/progress_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// How a reader waits for what comes.
class Bell {
 public:
  void Ring() {
    const std::lock_guard<std::mutex> lock(mutex_);
    rung_ = true;
    changed_.notify_all();
  }
  // Gives false if it did not ring for a second.
  bool Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(1), [this] { return rung_; })) return false;
    rung_ = false;
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

class WatchTest : public ProgressFixture {
 protected:
  WatchTest() {
    now_ = At("2025-07-10T12:00:00Z");
    ImportParticipants({"RT1", "RT2", "RT3", "RT4"});
  }

  static v1::WatchRequest Watching(const std::string& period, absl::optional<uint64_t> after) {
    v1::WatchRequest request;
    request.set_collection("test");
    request.set_period(period);
    if (after) request.set_after_sequence(*after);
    return request;
  }

  absl::StatusOr<std::unique_ptr<Watch>> Open(
      const v1::WatchRequest& request, std::function<void()> wake = [] {}) {
    return Watch::Open(request, store_.get(), state_.get(), progress_.get(), watchers_.get(), std::move(wake));
  }

  // All that it has to say now.
  static std::vector<v1::WatchResponse> Drain(Watch& watch) {
    std::vector<v1::WatchResponse> messages;
    while (true) {
      auto next = watch.Next();
      EXPECT_TRUE(next.ok()) << next.status();
      if (!next.ok() || !next->has_value()) return messages;
      messages.push_back(**std::move(next));
    }
  }

  // "RT1 wards 2025-04 r1", "caught up", one for each message.
  static std::vector<std::string> Texts(const std::vector<v1::WatchResponse>& messages) {
    std::vector<std::string> texts;
    for (const v1::WatchResponse& message : messages) {
      const v1::WatchedReturn& told = message.stored_return();
      texts.push_back(message.has_caught_up()
                          ? "caught up"
                          : absl::StrCat(told.participant(), " ", told.service(), " ", told.period(), " r",
                                         told.revision(), told.withdrawn() ? " withdrawn" : ""));
    }
    return texts;
  }

  // What the store has of the quarter's months after this commit, in the order of commits.
  std::vector<uint64_t> StoredAfter(uint64_t after) const {
    std::vector<uint64_t> sequences;
    storage::ReturnFilter filter;
    filter.all_revisions = true;
    EXPECT_TRUE(store_
                    ->ScanReturns(filter,
                                  [&](const storage::StoredReturn& stored) {
                                    if (stored.key.period == "2025-07") return true;
                                    sequences.push_back(stored.record.receipt().sequence());
                                    if (stored.withdrawal) sequences.push_back(stored.withdrawal->sequence());
                                    return true;
                                  })
                    .ok());
    std::sort(sequences.begin(), sequences.end());
    sequences.erase(sequences.begin(), std::upper_bound(sequences.begin(), sequences.end(), after));
    return sequences;
  }

  // Submits so many returns for months of the quarter and one after it, as fast as the store takes them.
  void SubmitMany(int count, unsigned seed, absl::string_view participant) {
    std::mt19937 random(seed);
    constexpr int kAtOnce = 1'000;  // Fewer than may wait.
    for (int sent = 0; sent < count; sent += kAtOnce) {
      std::vector<std::pair<v1::Verdict, std::promise<bool>>> answers(
          static_cast<size_t>(std::min(kAtOnce, count - sent)));
      for (auto& [verdict, accepted] : answers) {
        const std::string period = absl::StrCat("2025-0", 4 + random() % 4);
        submissions_->Submit(Wards(std::string(participant), period, static_cast<int64_t>(random() % 100)), Everybody(),
                             &verdict, [verdict = &verdict, accepted = &accepted](const absl::Status& status) {
                               accepted->set_value(status.ok() && verdict->accepted());
                             });
      }
      for (auto& [verdict, accepted] : answers) EXPECT_TRUE(accepted.get_future().get());
    }
  }
};

TEST_F(WatchTest, ThePastComesFirstThenWhatComes) {
  MustSubmit(Wards("RT1", "2025-04"));
  MustSubmit(Wards("RT2", "2025-26-Q1"));
  MustSubmit(Wards("RT1", "2025-04", 6));
  MustWithdraw("wards", "RT1", "2025-04");
  MustSubmit(Wards("RT1", "2025-04", 7));
  const auto watch = Open(Watching("2025-26-Q1", 0));
  ASSERT_TRUE(watch.ok()) << watch.status();
  const std::vector<v1::WatchResponse> past = Drain(**watch);
  EXPECT_THAT(Texts(past), ElementsAre("RT1 wards 2025-04 r1", "RT2 wards 2025-26-Q1 r1", "RT1 wards 2025-04 r2",
                                       "RT1 wards 2025-04 r2 withdrawn", "RT1 wards 2025-04 r3", "caught up"));
  for (size_t i = 0; i + 1 < past.size(); ++i) {
    EXPECT_TRUE(past[i].moved().empty() && !past[i].has_completeness());
    EXPECT_GT(past[i].stored_return().commit_time().seconds(), 0);
  }
  EXPECT_EQ(past.back().sequence(), store_->last_sequence());
  EXPECT_EQ(past.back().moved_size(), 2);  // Both indicators, whatever moved.
  EXPECT_EQ(past.back().completeness().submitted(), 1u);
  EXPECT_EQ(past.back().completeness().partial(), 1u);

  MustSubmit(Wards("RT3", "2025-26-Q1"));
  const std::vector<v1::WatchResponse> live = Drain(**watch);
  ASSERT_THAT(Texts(live), ElementsAre("RT3 wards 2025-26-Q1 r1"));
  EXPECT_EQ(live[0].sequence(), store_->last_sequence());
  ASSERT_EQ(live[0].moved_size(), 1);
  EXPECT_EQ(live[0].moved(0).indicator(), "wards");
  EXPECT_EQ(live[0].moved(0).n(), 2u);
  EXPECT_EQ(live[0].completeness().submitted(), 2u);
  MustSubmit(Wards("RT4", "2025-05"));  // A part of a quarter moves none of its figures.
  EXPECT_TRUE(Drain(**watch).at(0).moved().empty());
  MustWithdraw("wards", "RT3", "2025-26-Q1");
  EXPECT_THAT(Texts(Drain(**watch)), ElementsAre("RT3 wards 2025-26-Q1 r1 withdrawn"));
}

TEST_F(WatchTest, FromNowOnThereIsNoPast) {
  MustSubmit(Wards("RT1", "2025-04"));
  const auto watch = Open(Watching("2025-04", absl::nullopt));
  ASSERT_TRUE(watch.ok()) << watch.status();
  const std::vector<v1::WatchResponse> messages = Drain(**watch);
  ASSERT_THAT(Texts(messages), ElementsAre("caught up"));
  EXPECT_EQ(messages[0].sequence(), store_->last_sequence());
  MustSubmit(Wards("RT2", "2025-04"));
  EXPECT_THAT(Texts(Drain(**watch)), ElementsAre("RT2 wards 2025-04 r1"));
}

TEST_F(WatchTest, OnlyWhatBearsOnThePeriodAndServiceComes) {
  now_ = At("2025-10-10T12:00:00Z");  // The second quarter is open.
  v1::WatchRequest request = Watching("2025-26-Q1", 0);
  request.set_service("wards");
  const auto watch = Open(request);
  const auto month = Open(Watching("2025-05", 0));
  const auto year = Open(Watching("FY2025-26", 0));
  MustSubmit(Wards("RT1", "2025-03"));
  MustSubmit(Wards("RT1", "2025-05"));
  MustSubmit(Wards("RT1", "2025-07"));
  for (auto* one : {&*watch, &*month, &*year}) (void)Drain(**one);
  MustSubmit(Wards("RT1", "2025-04"));
  MustSubmit(Wards("RT1", "2025-26-Q2"));
  MustSubmit(Request("beds", "RT1", "2025-05", {{"available", 1}, {"occupied", 1}}));
  EXPECT_THAT(Texts(Drain(**watch)), ElementsAre("RT1 wards 2025-04 r1"));
  EXPECT_THAT(Texts(Drain(**month)), ElementsAre("RT1 beds 2025-05 r1"));
  EXPECT_THAT(Texts(Drain(**year)),
              ElementsAre("RT1 wards 2025-04 r1", "RT1 wards 2025-26-Q2 r1", "RT1 beds 2025-05 r1"));
  EXPECT_THAT(Texts(Drain(**Open(request))), ElementsAre("RT1 wards 2025-05 r1", "RT1 wards 2025-04 r1", "caught up"));
}

TEST_F(WatchTest, AnEventWithOthersBehindItHasNoFigures) {
  const auto watch = Open(Watching("2025-04", absl::nullopt));
  (void)Drain(**watch);
  MustSubmit(Wards("RT1", "2025-04"));
  MustSubmit(Wards("RT2", "2025-04"));
  const std::vector<v1::WatchResponse> messages = Drain(**watch);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_FALSE(messages[0].has_completeness());
  EXPECT_TRUE(messages[0].moved().empty());
  EXPECT_EQ(messages[1].completeness().submitted(), 2u);
  EXPECT_EQ(messages[1].moved(0).n(), 2u);
}

TEST_F(WatchTest, WhatCannotBeWatchedIsRefused) {
  v1::WatchRequest request = Watching("2025-04", store_->last_sequence() + 1);
  EXPECT_TRUE(absl::IsInvalidArgument(Open(request).status()));
  request.set_after_sequence(store_->last_sequence());
  EXPECT_TRUE(Open(request).ok());
  request.set_service("bed");
  EXPECT_TRUE(absl::IsNotFound(Open(request).status()));
  request = Watching("2025Q1", 0);
  EXPECT_TRUE(absl::IsInvalidArgument(Open(request).status()));
  request.set_collection("other");
  EXPECT_TRUE(absl::IsNotFound(Open(request).status()));
}

TEST_F(WatchTest, PlacesAreBoundedAndFreedAndEndWithTheServer) {
  std::vector<std::unique_ptr<Watch>> watches;
  for (size_t i = 0; i < Watchers::kMaxWatchers; ++i) watches.push_back(Open(Watching("2025-04", 0)).value());
  const absl::Status refused = Open(Watching("2025-04", 0)).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_WATCHERS");
  watches.pop_back();
  Bell bell;
  watches.push_back(Open(Watching("2025-04", 0), [&bell] { bell.Ring(); }).value());
  (void)Drain(*watches.back());
  watchers_->Close();
  EXPECT_TRUE(bell.Wait());
  for (const auto& watch : watches) {  // Those that have not begun, too.
    const absl::Status ended = watch->Next().status();
    EXPECT_TRUE(absl::IsUnavailable(ended));
    EXPECT_EQ(ReasonOf(ended), "SERVER_STOPS");
  }
  watches.clear();
  EXPECT_TRUE(absl::IsUnavailable(Open(Watching("2025-04", 0)).status()));
}

TEST_F(WatchTest, WhoFallsBehindGoesOnFromWhereItWas) {
  const auto watch = Open(Watching("2025-26-Q1", absl::nullopt));
  ASSERT_THAT(Texts(Drain(**watch)), ElementsAre("caught up"));
  const uint64_t before = store_->last_sequence();
  SubmitMany(static_cast<int>(Watchers::kMaxWaitingEvents) * 2, 1, "RT1");
  std::vector<uint64_t> told;
  absl::Status ended;
  while (true) {
    const auto next = (*watch)->Next();
    ended = next.status();
    if (!next.ok()) break;
    ASSERT_TRUE(next->has_value());
    told.push_back((*next)->sequence());
  }
  EXPECT_EQ(told.size(), Watchers::kMaxWaitingEvents);
  EXPECT_TRUE(absl::IsResourceExhausted(ended)) << ended;
  EXPECT_EQ(ReasonOf(ended), "FELL_BEHIND");
  EXPECT_THAT(ended.message(), HasSubstr(absl::StrCat("after_sequence ", told.back(), ".")));

  const auto again = Open(Watching("2025-26-Q1", told.back()));
  for (const v1::WatchResponse& message : Drain(**again)) {
    if (message.has_stored_return()) told.push_back(message.sequence());
  }
  EXPECT_EQ(told, StoredAfter(before));
}

TEST_F(WatchTest, ALongPastComesInPortions) {
  SubmitMany(14'000, 2, "RT1");  // Three in four bear on the quarter: more than a portion.
  ASSERT_GT(StoredAfter(0).size(), 10'000u);
  const auto watch = Open(Watching("2025-26-Q1", 0));
  std::vector<uint64_t> told;
  for (const v1::WatchResponse& message : Drain(**watch)) {
    if (message.has_stored_return()) told.push_back(message.sequence());
  }
  EXPECT_EQ(told, StoredAfter(0));
}

// Readers come at any time, from any commit, while others commit; each is told just what the store has.
TEST_F(WatchTest, NothingIsMissedOrTwiceWhileOthersCommit) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;
  std::atomic<bool> committing{true};
  const auto read = [&](unsigned number) {
    std::mt19937 random(seed + number);
    // Not all at the beginning.
    for (const uint64_t begin = random() % 1'000; committing && state_->sequence() < begin;) std::this_thread::yield();
    const uint64_t after = random() % (state_->sequence() + 1);
    uint64_t last = after;
    std::vector<uint64_t> told;
    int fell_behind = 0;
    bool caught_up = false;
    while (true) {  // One turn a watch.
      Bell bell;
      const auto watch = Open(Watching("2025-26-Q1", last), [&bell] { bell.Ring(); });
      ASSERT_TRUE(watch.ok()) << watch.status();
      absl::Status ended;
      while (true) {
        const bool was_committing = committing;
        const auto next = (*watch)->Next();
        ended = next.status();
        if (!next.ok()) break;
        if (!next->has_value()) {
          if (!was_committing) break;
          bell.Wait();
          continue;
        }
        caught_up = caught_up || (*next)->has_caught_up();
        EXPECT_GE((*next)->sequence(), last);
        last = (*next)->sequence();
        if ((*next)->has_stored_return()) told.push_back(last);
        // Now and then a reader goes away and comes again.
        if (random() % 30 == 0) ended = absl::ResourceExhaustedError("let us say");
        if (!ended.ok()) break;
      }
      (*watch)->Leave();
      if (ended.ok()) break;
      ASSERT_TRUE(absl::IsResourceExhausted(ended)) << ended;
      ++fell_behind;
    }
    EXPECT_TRUE(caught_up);
    EXPECT_EQ(told, StoredAfter(after)) << "after " << after << ", seed " << seed << ", " << fell_behind << " turns";
  };
  std::vector<std::thread> readers;
  for (unsigned i = 0; i < 6; ++i) readers.emplace_back(read, i);
  std::vector<std::thread> writers;
  for (const char* participant : {"RT1", "RT2", "RT3"}) {
    writers.emplace_back([this, participant, seed] {
      for (int i = 0; i < 10; ++i) {
        SubmitMany(60, seed + static_cast<unsigned>(i), participant);
        MustSubmit(Wards(participant, "2025-05"));
        MustWithdraw("wards", participant, "2025-05");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  committing = false;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace quartermaster::server
