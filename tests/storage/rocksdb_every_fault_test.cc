// Every call of the file system that a store makes fails once, fails for ever, or is the last one before the power
// goes: while a store is made and written to, and while one is opened that has a log to recover, with a torn end or
// without.
#include <filesystem>

#include "tests/storage/fault_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using Call = FaultyFileSystem::Call;
using After = FaultyFileSystem::After;

// Power may go with none of what was not synced on the disk, with the start of it, or with all.
constexpr uint64_t kKeptOfUnsynced[] = {0, 20, 1 << 20};

class EveryFaultTest : public FaultTest {
 protected:
  // What a run met.
  struct Tally {
    int runs = 0;
    int refused_openings = 0;
    int failed_writes = 0;
  };

  // A run: the n-th such call fails while a store is opened and all writes are made. For n = 1, 2, ... until a run
  // meets no failure. `prepare` fills the folder that a run starts from, and gives what was acknowledged there.
  template <typename Prepare>
  void FailEveryCall(Call call, After after, uint64_t bytes_kept, Prepare prepare, Tally& tally) {
    for (uint64_t n = 1;; ++n) {
      SCOPED_TRACE(absl::StrCat("call ", n, " fails, ", bytes_kept, " unsynced bytes are kept"));
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
};

TEST_F(EveryFaultTest, AnyChangeOfANewStoreMayFailOnce) {
  Tally tally;
  FailEveryCall(Call::kChange, After::kGoesOn, 0, Nothing, tally);
  EXPECT_GE(tally.refused_openings, 20);
  // The log, its sync and the mark of each.
  EXPECT_GE(tally.failed_writes, 3 * kWrites);
  RecordProperty("runs", tally.runs);
}

TEST_F(EveryFaultTest, AnyChangeOfANewStoreMayFailForEver) {
  Tally tally;
  FailEveryCall(Call::kChange, After::kFailsForEver, 0, Nothing, tally);
  EXPECT_GE(tally.refused_openings, 20);
  EXPECT_GE(tally.failed_writes, 3 * kWrites);
  RecordProperty("runs", tally.runs);
}

TEST_F(EveryFaultTest, PowerMayGoAtAnyChangeOfANewStore) {
  Tally tally;
  for (const uint64_t kept : kKeptOfUnsynced) {
    FailEveryCall(Call::kChange, After::kPowerIsCut, kept, Nothing, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 60);
  EXPECT_GE(tally.failed_writes, 9 * kWrites);
  RecordProperty("runs", tally.runs);
}

TEST_F(EveryFaultTest, AnyChangeWhileOpeningMayFail) {
  Tally tally;
  for (const After after : {After::kGoesOn, After::kFailsForEver}) {
    FailEveryCallWhileOpening(Call::kChange, after, 0, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 40);
  RecordProperty("runs", tally.runs);
}

TEST_F(EveryFaultTest, PowerMayGoAtAnyChangeWhileOpening) {
  Tally tally;
  for (const uint64_t kept : kKeptOfUnsynced) {
    FailEveryCallWhileOpening(Call::kChange, After::kPowerIsCut, kept, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 60);
  RecordProperty("runs", tally.runs);
}

TEST_F(EveryFaultTest, AnyReadWhileOpeningMayFail) {
  Tally tally;
  for (const After after : {After::kGoesOn, After::kFailsForEver}) {
    FailEveryCallWhileOpening(Call::kRead, after, 0, tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(tally.refused_openings, 10);
  RecordProperty("runs", tally.runs);
}

}  // namespace
}  // namespace quartermaster::storage
