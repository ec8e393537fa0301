// The gate between those who read a store and the one who opens it again.
#include "storage/reader_gate.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"

namespace quartermaster::storage {
namespace {

TEST(ReaderGateTest, NobodyIsAloneWhileSomebodyReads) {
  ReaderGate gate;
  ReaderGate::Reader first = gate.Enter();
  ReaderGate::Reader second = gate.Enter();
  EXPECT_EQ(gate.TryEnterAlone(), nullptr);
  first.reset();
  EXPECT_EQ(gate.TryEnterAlone(), nullptr);
  second.reset();
  ReaderGate::Alone alone = gate.TryEnterAlone();
  EXPECT_NE(alone, nullptr);
  EXPECT_EQ(gate.TryEnterAlone(), nullptr);
  alone.reset();
  EXPECT_NE(gate.TryEnterAlone(), nullptr);
}

// A gate that lets those who wait to be alone go first would hang here.
TEST(ReaderGateTest, WhoReadsMayReadWithinWhileSomebodyWantsToBeAlone) {
  ReaderGate gate;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> tries{0};
  std::atomic<uint64_t> successes{0};
  std::atomic<int> inside{0};
  std::thread other([&] {
    for (; !stop; ++tries) {
      const ReaderGate::Alone alone = gate.TryEnterAlone();
      if (alone == nullptr) continue;
      EXPECT_EQ(inside.load(), 0);
      ++successes;
    }
  });
  while (successes == 0) std::this_thread::yield();
  for (int round = 0; round < 100; ++round) {
    const ReaderGate::Reader outer = gate.Enter();
    ++inside;
    const uint64_t before = tries;
    while (tries < before + 2) std::this_thread::yield();
    {
      const ReaderGate::Reader inner = gate.Enter();
      EXPECT_NE(inner, nullptr);
    }
    --inside;
  }
  stop = true;
  other.join();
}

TEST(ReaderGateTest, WhoWantsToReadWaitsForTheOneAlone) {
  ReaderGate gate;
  ReaderGate::Alone alone = gate.TryEnterAlone();
  std::atomic<bool> left{false};
  std::thread reader([&] {
    const ReaderGate::Reader entered = gate.Enter();
    EXPECT_TRUE(left.load());
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  left = true;
  alone.reset();
  reader.join();
}

}  // namespace
}  // namespace quartermaster::storage
