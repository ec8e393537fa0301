// Readers beside a writer: every answer is of one moment, over several services as well.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/national/national_state.h"
#include "tests/server/national/fixture.h"

namespace quartermaster::national {
namespace {

constexpr int kSteps = 20000;
constexpr int kReaders = 4;

// Step s puts s into `waiting` and `staff` of RT1, whose other participant always has 0. The readers ask for the ward
// as if it were many services: the first answer and the last must be of the same step.
class ConcurrentStateTest : public ::testing::Test {
 protected:
  void Step(int step) { state_.Put(ward_, "RT1", month_, Return(ward_, {{"waiting", step}, {"staff", step}}), 1); }

  // Reads until the writer is done, and once more.
  void Read() {
    double last = 0;
    bool final_round = false;
    while (!final_round) {
      final_round = done_;
      const auto statistics = state_.Statistics(asked_, month_, {"waiting", "staff"});
      ASSERT_EQ(statistics.size(), 2 * asked_.size());
      const double step = Row(statistics, "waiting").maximum();
      EXPECT_GE(step, last);
      EXPECT_EQ(Row(statistics, "staff").mean(), step / 2);
      EXPECT_EQ(statistics.back().maximum(), step);

      const auto position = PositionsOf(state_, asked_, "RT1", month_);
      last = Row(position, "waiting").value();
      EXPECT_GE(last, step);
      EXPECT_EQ(Row(position, "waiting").national().maximum(), last);
      const std::vector<v1::IndicatorPosition> reversed(position.rbegin(), position.rend());
      EXPECT_EQ(Row(reversed, "staff").value(), last);

      // What is foretold is among the figures of its moment: a third participant above all others.
      const auto foretold = Foretold(state_, ward_, "RT3", month_, Return(ward_, {{"waiting", 1e6}}));
      EXPECT_EQ(Row(foretold, "waiting").rank(), 1U);
      EXPECT_EQ(Row(foretold, "waiting").national().n(), 3U);
    }
    EXPECT_EQ(last, kSteps);
  }

  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& ward_ = *schema_->FindService("ward");
  const std::vector<const ServiceSchema*> asked_ = std::vector<const ServiceSchema*>(20, &ward_);
  const Period month_ = At("2025-04");
  Register register_;
  NationalState state_{schema_, register_.Source(), NoMergers()};
  std::atomic<bool> done_ = false;
};

TEST_F(ConcurrentStateTest, EveryAnswerIsOfOneMoment) {
  state_.Put(ward_, "RT2", month_, Return(ward_, {{"waiting", 0}, {"staff", 0}}), 1);
  Step(1);
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back([this] { Read(); });
  for (int step = 2; step <= kSteps; ++step) Step(step);
  done_ = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace quartermaster::national
