// A full disk: what cannot be stored is refused and says so, reads go on, and once there is room the store goes on by
// itself, with all that was acknowledged and nothing else.
#include <atomic>
#include <chrono>
#include <thread>

#include "storage/disk_full.h"
#include "tests/storage/fault_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using Call = FaultyFileSystem::Call;
using After = FaultyFileSystem::After;

class FullDiskTest : public FaultTest {
 protected:
  const std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);

  // Makes all writes, those that are there already too; gives what they stored.
  static std::map<uint64_t, std::string> MakeAll(Store& store) {
    std::map<uint64_t, std::string> stored;
    for (uint64_t number = 0; number < kWrites; ++number) {
      const absl::StatusOr<std::string> result = MakeWrite(store, number);
      EXPECT_TRUE(result.ok()) << result.status();
      if (result.ok()) stored[number] = *result;
    }
    return stored;
  }
  void FailEveryGrowth(After after);
};

TEST_F(FullDiskTest, BelowTheReserveNothingIsWrittenAndAboveItTheStoreGoesOn) {
  auto store = OpenRocksDbStore(OptionsWith(env_.get()));
  ASSERT_TRUE(store.ok()) << store.status();
  const auto first = MakeWrite(**store, 0);
  ASSERT_TRUE(first.ok()) << first.status();
  files_->SetFreeBytes(OptionsWith(nullptr).reserved_bytes - 1);
  // Any change would fail now.
  files_->FailCall(Call::kChange, 1, After::kFailsForEver);
  WaitForRefusal(**store);
  EXPECT_TRUE(IsDiskFull((*store)->writes())) << (*store)->writes();

  const auto refused = MakeWrite(**store, 1);
  EXPECT_THAT(refused, HasCode(StatusCode::kResourceExhausted));
  EXPECT_TRUE(IsDiskFull(refused.status()));
  EXPECT_THAT(refused.status().message(), HasSubstr("Nothing was stored. Tell the operator;"));
  EXPECT_THAT(ChangeAndWait(**store, {}), HasCode(StatusCode::kResourceExhausted));
  // What stores nothing is answered as ever.
  EXPECT_EQ(*MakeWrite(**store, 0), *first);
  Submission stale = Request(0);
  stale.request_id.clear();
  stale.expected_revision = 7;
  EXPECT_THAT(SubmitAndWait(**store, stale), HasCode(StatusCode::kAborted));
  EXPECT_TRUE(FindRequest(**store, 0)->has_value());
  EXPECT_FALSE(FindRequest(**store, 1)->has_value());
  EXPECT_EQ(ReadBack(**store, 0), *first);
  EXPECT_EQ((*store)->last_sequence(), 1);

  EXPECT_FALSE(files_->has_failed()) << "nothing was to be written";
  files_->FailCall(Call::kChange, 0);
  files_->SetFreeBytes(OptionsWith(nullptr).reserved_bytes);
  WaitForWrites(**store);
  const auto acknowledged = MakeAll(**store);
  EXPECT_EQ(acknowledged.at(0), *first);
  EXPECT_EQ((*store)->last_sequence(), kWrites);
  store->reset();
  ExpectSoundAfterRestart(acknowledged);
}

// The growth that finds the disk full is the n-th, for every n of some writes.
void FullDiskTest::FailEveryGrowth(After after) {
  int recovered = 0;
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("growth ", n, " finds the disk full"));
    NextFolder();
    auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    files_->FailCall(Call::kGrowth, n, after);
    std::map<uint64_t, std::string> acknowledged;
    for (uint64_t number = 0; number < kWrites; ++number) {
      const absl::StatusOr<std::string> result = MakeWrite(**store, number);
      if (result.ok()) {
        ASSERT_FALSE(files_->has_failed()) << "a write was acknowledged while the disk is full";
        acknowledged[number] = *result;
        continue;
      }
      ASSERT_THAT(result, HasCode(StatusCode::kUnavailable));
      ASSERT_THAT(result.status().message(), HasSubstr("its outcome is unknown; send the same request_id again once "
                                                       "there is room on the disk of the server"));
      ASSERT_THAT((*store)->writes(), HasCode(StatusCode::kUnavailable));
      ASSERT_THAT(FindRequest(**store, 0), HasCode(StatusCode::kUnavailable));
    }
    for (const auto& [number, stored] : acknowledged) ASSERT_EQ(ReadBack(**store, number), stored) << "reading goes on";
    if (!files_->has_failed()) break;
    files_->MakeRoom();
    WaitForWrites(**store);
    ASSERT_EQ((*store)->last_sequence(), acknowledged.size());
    const auto all = MakeAll(**store);
    for (const auto& [number, stored] : acknowledged) ASSERT_EQ(all.at(number), stored);
    ASSERT_EQ((*store)->last_sequence(), kWrites);
    ++recovered;
    store->reset();
    ExpectSoundAfterRestart(all);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(recovered, static_cast<int>(kWrites));
}

TEST_F(FullDiskTest, AnyGrowthMayFindTheDiskFull) { FailEveryGrowth(After::kDiskIsFull); }

// What the system calls free says nothing of it.
TEST_F(FullDiskTest, AnyGrowthMayFindTheQuotaFull) { FailEveryGrowth(After::kQuotaIsFull); }

// Tables are written by a thread that nobody waits for. The write under way may be stored although it failed: RocksDB
// notes in the manifest that the log before is synced, and the disk may become full just then.
TEST_F(FullDiskTest, AFlushMayFindTheDiskFull) {
  constexpr size_t kLargeBytes = 1 << 20;
  constexpr uint64_t kLargeReturns = 20;  // More than the buffer of a family.
  for (uint64_t n = 1; n <= 4; ++n) {
    SCOPED_TRACE(absl::StrCat("growth ", n, " after the buffer is full"));
    NextFolder();
    auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    // The first file that is made after opening is the log that follows when a buffer is full; then comes the table.
    files_->FailCall(n < 3 ? Call::kCreate : Call::kGrowth, n < 3 ? n : kLargeReturns + n * 10, After::kDiskIsFull);
    uint64_t acknowledged = 0;
    std::atomic<uint64_t> followed = 0;
    const auto large = [&](uint64_t number) {
      return MakeSubmission(Key(absl::StrCat("L", number)), std::string(kLargeBytes, static_cast<char>('a' + number)),
                            RequestId(100 + number));
    };
    for (; acknowledged < kLargeReturns; ++acknowledged) {
      Answer<SubmissionResult> answer;
      (*store)->Submit(
          large(acknowledged), [&](const auto&) { ++followed; }, answer.Done());
      if (!answer.Wait().ok()) break;
    }
    if (files_->has_failed()) WaitForRefusal(**store);
    files_->MakeRoom();
    WaitForWrites(**store);
    const uint64_t stored = (*store)->last_sequence();
    ASSERT_EQ(followed, stored);
    ASSERT_TRUE(stored == acknowledged || stored == acknowledged + 1) << stored;
    for (uint64_t number = 0; number < kLargeReturns; ++number) {
      const auto result = SubmitAndWait(**store, large(number));
      ASSERT_TRUE(result.ok()) << result.status();
      ASSERT_EQ(result->repeated, number < stored);
    }
    store->reset();
    store = OpenRocksDbStore(OptionsWith(sound_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->last_sequence(), kLargeReturns);
    ASSERT_EQ(ScanAll(**store, {}).size(), kLargeReturns);
  }
}

TEST_F(FullDiskTest, AReaderIsNotDisturbedByOpeningAgain) {
  auto store = OpenRocksDbStore(OptionsWith(env_.get()));
  ASSERT_TRUE(store.ok()) << store.status();
  const auto first = MakeWrite(**store, 0);
  ASSERT_TRUE(first.ok()) << first.status();
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> reads = 0;
  std::thread reader([&] {
    while (!stop) {
      EXPECT_EQ(ReadBack(**store, 0), *first);
      ReturnFilter filter;
      EXPECT_GE(ScanAll(**store, filter).size(), 1);
      ++reads;
    }
  });
  for (uint64_t number = 1; number < kWrites; ++number) {
    files_->FillDisk();
    EXPECT_FALSE(MakeWrite(**store, number).ok());
    files_->MakeRoom();
    ASSERT_NO_FATAL_FAILURE(WaitForWrites(**store));
    EXPECT_TRUE(MakeWrite(**store, number).ok());
  }
  stop = true;
  reader.join();
  EXPECT_GT(reads, 0);
}

TEST_F(FullDiskTest, AStartWithoutRoomForTheLogIsNotBegun) {
  std::map<uint64_t, std::string> acknowledged;
  {
    auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    acknowledged = MakeAll(**store);
  }
  files_->SetFreeBytes(8 << 20);
  files_->FailCall(Call::kChange, 1, After::kFailsForEver);
  const auto store = OpenRocksDbStore(OptionsWith(env_.get()));
  ASSERT_THAT(store, HasCode(StatusCode::kResourceExhausted));
  EXPECT_TRUE(IsDiskFull(store.status()));
  EXPECT_THAT(store.status().message(), HasSubstr("is full, and a start needs some room (8 MB are free, and 9 MB are "
                                                  "needed). Make room on it, then start again; nothing is lost."));
  EXPECT_FALSE(files_->has_failed()) << "nothing was to be written";
  ExpectSoundAfterRestart(acknowledged);
}

TEST_F(FullDiskTest, ADiskMayFillUpWhileAStoreIsOpened) {
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("growth ", n, " finds the disk full"));
    NextFolder();
    std::map<uint64_t, std::string> acknowledged;
    {
      auto store = OpenRocksDbStore(OptionsWith(env_.get()));
      ASSERT_TRUE(store.ok()) << store.status();
      acknowledged = MakeAll(**store);
    }
    files_->FailCall(Call::kGrowth, n, After::kDiskIsFull);
    const auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    files_->MakeRoom();
    if (store.ok()) break;
    ASSERT_THAT(store, HasCode(StatusCode::kResourceExhausted));
    ExpectSoundAfterRestart(acknowledged);
    if (HasFatalFailure()) return;
  }
}

TEST_F(FullDiskTest, AStoreCannotBeMadeOnAFullDisk) {
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("growth ", n, " finds the disk full"));
    NextFolder();
    files_->FailCall(Call::kGrowth, n, After::kDiskIsFull);
    const auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    files_->MakeRoom();
    if (store.ok()) break;
    ASSERT_THAT(store, HasCode(StatusCode::kResourceExhausted));
    EXPECT_THAT(store.status().message(), HasSubstr("the disk of the store in "));
    ExpectSoundAfterRestart({});
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace quartermaster::storage
