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

constexpr int kSteps = 3000;
constexpr int kReaders = 4;

// Step s puts s into `waiting` and `staff` of RT1 in the ward, and then into `rooms` of its clinic. RT2 always has 0.
class ConcurrentStateTest : public ::testing::Test {
 protected:
  void Step(int step) {
    state_.Put(ward_, "RT1", month_, Return(ward_, {{"waiting", step}, {"staff", step}}));
    state_.Put(clinic_, "RT1", month_, Return(clinic_, {{"rooms", step}}));
  }

  // The ward's answer, and that of the clinic at the same moment: of the same step, or of the one before.
  static void ExpectOneMoment(double ward, double clinic) {
    EXPECT_GE(clinic, ward - 1);
    EXPECT_LE(clinic, ward);
  }

  // Reads until the writer is done, and once more.
  void Read() {
    double last = 0;
    bool final_round = false;
    while (!final_round) {
      final_round = done_;
      const auto statistics = state_.Statistics({&ward_, &clinic_}, month_, {"waiting", "staff", "rooms"});
      const double step = Row(statistics, "waiting").maximum();
      EXPECT_GE(step, last);
      last = step;
      EXPECT_EQ(Row(statistics, "staff").maximum(), step);
      EXPECT_EQ(Row(statistics, "staff").mean(), step / 2);
      ExpectOneMoment(step, Row(statistics, "rooms").maximum());

      const auto position = state_.Position({&ward_, &clinic_}, "RT1", month_);
      const double value = Row(position, "waiting").value();
      EXPECT_GE(value, last);
      EXPECT_EQ(Row(position, "waiting").national().maximum(), value);
      ExpectOneMoment(value, Row(position, "rooms").value());

      // What is foretold is among the figures of its moment: a third participant above all others.
      const auto foretold = state_.Foretell(ward_, "RT3", month_, Return(ward_, {{"waiting", 1e6}}));
      EXPECT_EQ(Row(foretold, "waiting").rank(), 1U);
      EXPECT_EQ(Row(foretold, "waiting").national().n(), 3U);
    }
    EXPECT_EQ(last, kSteps);
  }

  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& ward_ = *schema_->FindService("ward");
  const ServiceSchema& clinic_ = *schema_->FindService("clinic");
  const Period month_ = At("2025-04");
  Register register_;
  NationalState state_{schema_, register_.Source()};
  std::atomic<bool> done_ = false;
};

TEST_F(ConcurrentStateTest, EveryAnswerIsOfOneMoment) {
  state_.Put(ward_, "RT2", month_, Return(ward_, {{"waiting", 0}, {"staff", 0}}));
  state_.Put(clinic_, "RT2", month_, Return(clinic_, {{"rooms", 0}}));
  Step(1);
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back([this] { Read(); });
  for (int step = 2; step <= kSteps; ++step) Step(step);
  done_ = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace quartermaster::national
