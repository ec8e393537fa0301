// Tasks that take turns: in their order, however they end and on whatever thread.
#include "server/one_at_a_time.h"

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;

using NumberDone = std::function<void(int)>;

TEST(OneAtATimeTest, EachBeginsOnceTheOneBeforeHasEnded) {
  OneAtATime turns;
  std::vector<std::string> events;
  std::vector<NumberDone> ends;
  for (const char* name : {"a", "b"}) {
    turns.Do(NumberDone([&events, name](int result) { events.push_back(absl::StrCat(name, " gave ", result)); }),
             [&, name](NumberDone done) {
               events.push_back(absl::StrCat(name, " began"));
               ends.push_back(std::move(done));
             });
  }
  EXPECT_THAT(events, ElementsAre("a began"));
  ends[0](1);
  EXPECT_THAT(events, ElementsAre("a began", "b began", "a gave 1"));
  ends[1](2);
  EXPECT_THAT(events, ElementsAre("a began", "b began", "a gave 1", "b gave 2"));
}

TEST(OneAtATimeTest, ThoseThatWaitAndEndAtOnceDoNotPileUpOnTheStack) {
  constexpr int kTasks = 200'000;
  OneAtATime turns;
  NumberDone end_first;
  turns.Do(NumberDone([](int) {}), [&](NumberDone done) { end_first = std::move(done); });
  int ended = 0;
  for (int i = 0; i < kTasks; ++i) {
    turns.Do(NumberDone([&ended](int) { ++ended; }), [](const NumberDone& done) { done(0); });
  }
  EXPECT_EQ(ended, 0);
  end_first(0);
  EXPECT_EQ(ended, kTasks);
}

TEST(OneAtATimeTest, OfManyThreadsOneIsAtIt) {
  constexpr int kThreads = 8;
  constexpr int kTasksOfEach = 500;
  Worker ender(kThreads);
  int under_way = 0;  // No atomic: the thread sanitizer sees where two are at it.
  std::atomic<int> answered = 0;
  std::promise<void> all_answered;
  const NumberDone count = [&](int) {
    if (++answered == kThreads * kTasksOfEach) all_answered.set_value();
  };
  OneAtATime turns;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kTasksOfEach; ++i) {
        turns.Do(count, [&, ends_later = i % 2 == 0](const NumberDone& done) {
          EXPECT_EQ(++under_way, 1);
          const auto end = [&under_way, done] {
            --under_way;
            done(0);
          };
          if (!ends_later || !ender.Do(end)) end();
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  all_answered.get_future().wait();
}

}  // namespace
}  // namespace quartermaster::server
