// Readers beside a writer: every answer is of one moment, and that moment is the sequence that it names.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/national/national_state.h"
#include "tests/server/national/fixture.h"

namespace quartermaster::national {
namespace {

constexpr int kCommits = 3000;
constexpr int kReaders = 4;

// Commit s puts s into `waiting` and `staff` of RT1, whose other companion always has 0.
class ConcurrentStateTest : public ::testing::Test {
 protected:
  // Reads until the writer is done, and once more. Each answer is checked against its sequence.
  void Read() {
    uint64_t last = 0;
    bool final_round = false;
    while (!final_round) {
      final_round = done_;
      uint64_t sequence = 0;
      const auto statistics = state_.Statistics(ward_, month_, {"waiting", "staff"}, &sequence);
      const auto expected = static_cast<double>(sequence);
      EXPECT_GE(sequence, last);
      last = sequence;
      EXPECT_EQ(Row(statistics, "waiting").maximum(), expected);
      EXPECT_EQ(Row(statistics, "staff").maximum(), expected);
      EXPECT_EQ(Row(statistics, "staff").mean(), expected / 2);

      const auto position = state_.Position(ward_, "RT1", month_, &sequence);
      EXPECT_EQ(Row(position, "waiting").value(), static_cast<double>(sequence));
      EXPECT_EQ(Row(position, "waiting").national().maximum(), static_cast<double>(sequence));

      // What is foretold is among the figures of its moment: a third participant above all others.
      const auto foretold = state_.Foretell(ward_, "RT3", month_, Return(ward_, {{"waiting", 1e6}}));
      EXPECT_EQ(Row(foretold, "waiting").rank(), 1U);
      EXPECT_EQ(Row(foretold, "waiting").national().n(), 3U);
    }
    EXPECT_EQ(last, static_cast<uint64_t>(kCommits));
  }

  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& ward_ = *schema_->FindService("ward");
  const Period month_ = At("2025-04");
  Register register_;
  NationalState state_{schema_, register_.Source()};
  std::atomic<bool> done_ = false;
};

TEST_F(ConcurrentStateTest, EveryAnswerIsOfOneMoment) {
  const auto commit = [this](uint64_t sequence) {
    const auto value = static_cast<double>(sequence);
    state_.Put(ward_, "RT1", month_, Return(ward_, {{"waiting", value}, {"staff", value}}), sequence);
  };
  state_.Put(ward_, "RT2", month_, Return(ward_, {{"waiting", 0}, {"staff", 0}}), 0);
  commit(1);
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back([this] { Read(); });
  for (int sequence = 2; sequence <= kCommits; ++sequence) commit(static_cast<uint64_t>(sequence));
  done_ = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace quartermaster::national
