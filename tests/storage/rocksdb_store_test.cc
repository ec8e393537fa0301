// RocksDB passes the suite of every engine; and what is RocksDB's own: limits, locks, options.
#include "storage/rocksdb_store.h"

#include <algorithm>
#include <filesystem>

#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Store>> OpenWithClock(const std::string& folder, std::function<absl::Time()> clock) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.clock = std::move(clock);
  return OpenRocksDbStore(options);
}

// The same with groups so small that a row of writes ends in many.
absl::StatusOr<std::unique_ptr<Store>> OpenWithSmallGroups(const std::string& folder,
                                                           std::function<absl::Time()> clock) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.clock = std::move(clock);
  options.max_group_writes = 3;
  options.max_group_bytes = 150;
  return OpenRocksDbStore(options);
}

std::string NameOf(const testing::TestParamInfo<StoreFactory>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(RocksDb, StoreSuite, testing::Values(StoreFactory{"Default", &OpenWithClock}), &NameOf);
INSTANTIATE_TEST_SUITE_P(RocksDb, StoreCrowdSuite,
                         testing::Values(StoreFactory{"Default", &OpenWithClock},
                                         StoreFactory{"SmallGroups", &OpenWithSmallGroups}),
                         &NameOf);

TEST(RocksDbStoreTest, ABoundedNumberOfWritesWaits) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  options.max_queued_writes = 2;
  auto store = OpenRocksDbStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  Obstacle obstacle(**store);
  Answer<SubmissionResult> first;
  Answer<SubmissionResult> second;
  (*store)->Submit(MakeSubmission(Key("RT1"), "a"), nullptr, first.Done());
  (*store)->Submit(MakeSubmission(Key("RT2"), "a"), nullptr, second.Done());
  const auto third = SubmitAndWait(**store, MakeSubmission(Key("RT3"), "a"));
  ASSERT_THAT(third, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(third.status().message(), HasSubstr("2 writes wait already. Nothing was stored; send it again"));
  obstacle.Remove();
  EXPECT_TRUE(first.Wait().ok());
  EXPECT_TRUE(second.Wait().ok());
  EXPECT_TRUE(SubmitAndWait(**store, MakeSubmission(Key("RT3"), "a")).ok());
  EXPECT_EQ((*store)->last_sequence(), 4);
}

TEST(RocksDbStoreTest, ABoundedNumberOfBytesWaitsButAnyWriteIsTakenAlone) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  options.max_queued_bytes = 1000;
  auto store = OpenRocksDbStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  Obstacle obstacle(**store);
  Answer<SubmissionResult> large;
  (*store)->Submit(MakeSubmission(Key("RT1"), std::string(3000, 'x')), nullptr, large.Done());
  EXPECT_THAT(SubmitAndWait(**store, MakeSubmission(Key("RT2"), "a")), HasCode(StatusCode::kResourceExhausted));
  obstacle.Remove();
  EXPECT_TRUE(large.Wait().ok());
}

TEST(RocksDbStoreTest, CheckingTablesAsksBeforeEachWhetherToStop) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  for (int revision = 1; revision <= 2; ++revision) {
    auto store = OpenRocksDbStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(SubmitAndWait(**store, MakeSubmission(Key("RT1"), "a")).ok());
  }
  auto store = OpenRocksDbStore(options);  // What was written before lies in tables now.
  ASSERT_TRUE(store.ok()) << store.status();
  int asked = 0;
  ASSERT_TRUE((*store)->VerifyChecksums([&] { return ++asked < 0; }).ok());
  EXPECT_GE(asked, 2);
  const int files = asked;
  asked = 0;
  EXPECT_THAT((*store)->VerifyChecksums([&] { return ++asked == files; }), HasCode(StatusCode::kCancelled));
  EXPECT_EQ(asked, files);
}

size_t TableFiles(const std::string& folder) {
  const std::filesystem::directory_iterator files(folder);
  return static_cast<size_t>(std::count_if(begin(files), end(files), [](const std::filesystem::directory_entry& file) {
    return file.path().extension() == ".sst";
  }));
}

TEST(RocksDbStoreTest, FilesAreMergedOnceUpkeepHasStarted) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  std::unique_ptr<Store> store;
  size_t files = 0;
  for (int start = 0; start < 12; ++start) {  // Each makes tables of what was written before.
    store.reset();
    store = OpenRocksDbStore(options).value();
    EXPECT_GE(TableFiles(options.data_dir), files);
    files = TableFiles(options.data_dir);
    ASSERT_TRUE(SubmitAndWait(*store, MakeSubmission(Key("RT1"), std::to_string(start))).ok());
  }
  ASSERT_TRUE(store->StartUpkeep().ok());
  WaitUntil([&] { return TableFiles(options.data_dir) < files; });
  EXPECT_LT(TableFiles(options.data_dir), files);
  EXPECT_EQ(store->GetReturn(Key("RT1"), 1)->record.receipt().revision(), 1);
}

TEST(RocksDbStoreTest, TwoOfOneRequestIdInOneGroupMakeOneRevision) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  auto store = OpenRocksDbStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  Obstacle obstacle(**store);
  Answer<SubmissionResult> first, superseding, second, other, stale;
  Answer<WithdrawalResult> withdrawal;
  (*store)->Submit(MakeSubmission(Key("RT1"), "a", RequestId(1)), nullptr, first.Done());
  (*store)->Submit(MakeSubmission(Key("RT1"), "b", RequestId(2)), nullptr, superseding.Done());
  (*store)->Submit(MakeSubmission(Key("RT1"), "a", RequestId(1)), nullptr, second.Done());
  (*store)->Submit(MakeSubmission(Key("RT1"), "c", RequestId(1)), nullptr, other.Done());
  Submission expecting = MakeSubmission(Key("RT1"), "d");
  expecting.expected_revision = 1;
  (*store)->Submit(expecting, nullptr, stale.Done());
  (*store)->Withdraw(MakeWithdrawal(Key("RT1"), "why"), nullptr, withdrawal.Done());
  obstacle.Remove();
  EXPECT_FALSE(first.Wait()->repeated);
  EXPECT_EQ(superseding.Wait()->stored.record.receipt().revision(), 2);
  EXPECT_TRUE(second.Wait()->repeated);
  EXPECT_EQ(FullText(second.Wait()->stored), FullText(first.Wait()->stored));
  EXPECT_THAT(other.Wait(), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(stale.Wait(), HasCode(StatusCode::kAborted));
  EXPECT_EQ(withdrawal.Wait()->stored.withdrawal->revision(), 2);
  EXPECT_EQ((*store)->last_sequence(), 4);
}

TEST(RocksDbStoreTest, AFolderThatIsOpenIsRefused) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  const auto store = OpenRocksDbStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto second = OpenRocksDbStore(options);
  ASSERT_THAT(second, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(second.status().message(),
              HasSubstr(options.data_dir + " is open already: stop the other program or choose another folder"));
}

TEST(RocksDbStoreTest, NoneIsMadeWhereOneIsWanted) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("store");
  options.create_if_missing = false;
  EXPECT_THAT(OpenRocksDbStore(options), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(options.data_dir));
  std::filesystem::create_directory(options.data_dir);
  EXPECT_THAT(OpenRocksDbStore(options), HasCode(StatusCode::kNotFound));
  EXPECT_TRUE(std::filesystem::is_empty(options.data_dir));
  options.create_if_missing = true;
  EXPECT_TRUE(OpenRocksDbStore(options).ok());
  options.create_if_missing = false;
  EXPECT_TRUE(OpenRocksDbStore(options).ok());
}

TEST(RocksDbStoreTest, AFolderThatCannotBeMadeIsRefused) {
  const TemporaryFolder folder;
  RocksDbStoreOptions options;
  options.data_dir = folder.path("missing/store");
  const auto store = OpenRocksDbStore(options);
  ASSERT_THAT(store, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(store.status().message(), HasSubstr("cannot make the folder " + options.data_dir));
}

TEST(RocksDbStoreTest, OptionsWithoutSenseAreRefused) {
  const TemporaryFolder folder;
  RocksDbStoreOptions good;
  good.data_dir = folder.path("store");
  const std::vector<std::function<void(RocksDbStoreOptions&)>> faults = {
      [](auto& options) { options.data_dir = ""; },         [](auto& options) { options.clock = nullptr; },
      [](auto& options) { options.max_group_writes = 0; },  [](auto& options) { options.max_group_bytes = 0; },
      [](auto& options) { options.max_queued_writes = 0; }, [](auto& options) { options.max_queued_bytes = 0; }};
  for (const auto& fault : faults) {
    RocksDbStoreOptions options = good;
    fault(options);
    EXPECT_THAT(OpenRocksDbStore(options), HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_FALSE(std::filesystem::exists(good.data_dir));
}

}  // namespace
}  // namespace quartermaster::storage
