// Every call of the file system by which a store changes something fails once, fails for ever, or is the last one
// before the power goes: while a store is made and written to, and while one is opened that has a log to recover, with
// a torn end or without. While one is opened, every call that opens, lists or reads fails, too. Making folders and
// asking for files and their sizes does not (faulty_file_system.h). That takes minutes: by default it is every sixth
// call from a random one. QM_TEST_EFFORT=2 or more makes it every call, and keeps other shares of what was not synced,
// too.
#include <iostream>
#include <random>
#include <vector>

#include "tests/storage/fault_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using Call = FaultyFileSystem::Call;
using After = FaultyFileSystem::After;

bool IsLongRun() { return Repetitions(1) > 1; }
const uint64_t kStep = IsLongRun() ? 1 : 6;

// Power may go with the start of what was not synced on the disk, which tears a record; with none of it, or with all.
std::vector<uint64_t> BytesKept() {
  return IsLongRun() ? std::vector<uint64_t>{20, 0, 1 << 20} : std::vector<uint64_t>{20};
}

class EveryFaultTest : public FaultTest {
 protected:
  // What a run met.
  struct Tally {
    uint64_t runs = 0;
    uint64_t refused_openings = 0;
    uint64_t failed_writes = 0;
  };

  static void Print(const Tally& tally) {
    std::cout << (kStep == 1 ? "every call: " : "some calls: ") << tally.runs << " runs, " << tally.refused_openings
              << " openings refused, " << tally.failed_writes << " times a write failed" << std::endl;
  }

  // A run: the n-th such call fails while a store is opened and all writes are made. For n = 1, 2, ... until a run
  // meets no failure. `prepare` fills the folder that a run starts from, and gives what was acknowledged there.
  template <typename Prepare>
  void FailEveryCall(Call call, After after, uint64_t bytes_kept, Prepare prepare, Tally& tally) {
    for (uint64_t n = 1 + random_() % kStep;; n += kStep) {
      SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed_, ": call ", n, " fails, ", bytes_kept, " unsynced bytes kept"));
      NextFolder();
      std::map<uint64_t, std::string> acknowledged = prepare();
      const auto files = std::make_shared<FaultyFileSystem>();
      const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
      files->FailCall(call, n, after);
      {
        auto store = OpenRocksDbStore(OptionsWith(env.get()));
        bool saw_failure = false;
        if (!store.ok()) {
          ASSERT_THAT(store, HasCode(StatusCode::kUnavailable));
          ++tally.refused_openings;
        } else {
          acknowledged.merge(SendAll(**store, saw_failure));
          if (saw_failure) ++tally.failed_writes;
        }
      }
      if (after == After::kPowerIsCut) files->LoseUnsynced(0, bytes_kept);
      ++tally.runs;
      ExpectSoundAfterRestart(acknowledged);
      if (HasFatalFailure() || !files->has_failed()) return;
    }
  }

  // A folder with nothing in it.
  static std::map<uint64_t, std::string> Nothing() { return {}; }

  // A store with a log of all writes but the last, and, if `torn`, the start of a record that found the disk full.
  std::map<uint64_t, std::string> WithLog(bool torn) {
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    std::map<uint64_t, std::string> acknowledged;
    auto store = OpenRocksDbStore(OptionsWith(env.get()));
    EXPECT_TRUE(store.ok()) << store.status();
    for (uint64_t number = 0; number + 1 < kWrites; ++number) acknowledged[number] = *MakeWrite(**store, number);
    if (torn) {
      files->FillDisk();
      EXPECT_FALSE(MakeWrite(**store, kWrites - 1).ok());
    }
    return acknowledged;
  }

  void FailEveryCallWhileOpening(Call call, After after, uint64_t bytes_kept, Tally& tally) {
    for (const bool torn : {false, true}) {
      SCOPED_TRACE(torn ? "a torn log" : "a whole log");
      FailEveryCall(
          call, after, bytes_kept, [&] { return WithLog(torn); }, tally);
      if (HasFatalFailure()) return;
    }
  }

 private:
  const uint64_t seed_ = TestSeed();
  std::mt19937_64 random_{seed_};
};

TEST_F(EveryFaultTest, AnyChangeOfANewStoreMayFailOnce) {
  Tally tally;
  FailEveryCall(Call::kChange, After::kGoesOn, 0, Nothing, tally);
  EXPECT_GE(tally.refused_openings, 20 / kStep);
  // The log, its sync and the mark of each.
  EXPECT_GE(tally.failed_writes, 3 * kWrites / kStep);
  Print(tally);
}

TEST_F(EveryFaultTest, AnyChangeOfANewStoreMayFailForEver) {
  Tally tally;
  FailEveryCall(Call::kChange, After::kFailsForEver, 0, Nothing, tally);
  EXPECT_GE(tally.refused_openings, 20 / kStep);
  EXPECT_GE(tally.failed_writes, 3 * kWrites / kStep);
  Print(tally);
}

TEST_F(EveryFaultTest, PowerMayGoAtAnyChangeOfANewStore) {
  Tally tally;
  for (const uint64_t kept : BytesKept()) {
    FailEveryCall(Call::kChange, After::kPowerIsCut, kept, Nothing, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 20 / kStep);
  EXPECT_GE(tally.failed_writes, 3 * kWrites / kStep);
  Print(tally);
}

TEST_F(EveryFaultTest, AnyChangeWhileOpeningMayFail) {
  Tally tally;
  for (const After after : {After::kGoesOn, After::kFailsForEver}) {
    FailEveryCallWhileOpening(Call::kChange, after, 0, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 40 / kStep);
  Print(tally);
}

TEST_F(EveryFaultTest, PowerMayGoAtAnyChangeWhileOpening) {
  Tally tally;
  for (const uint64_t kept : BytesKept()) {
    FailEveryCallWhileOpening(Call::kChange, After::kPowerIsCut, kept, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 20 / kStep);
  Print(tally);
}

TEST_F(EveryFaultTest, AnyLookWhileOpeningMayFail) {
  Tally tally;
  for (const After after : {After::kGoesOn, After::kFailsForEver}) {
    FailEveryCallWhileOpening(Call::kLook, after, 0, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 10 / kStep);
  Print(tally);
}

}  // namespace
}  // namespace quartermaster::storage
