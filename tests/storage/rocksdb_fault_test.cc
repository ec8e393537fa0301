// Disks that fail and power that goes: what was acknowledged is there after the next start, what was not has an unknown
// outcome that a retry settles, and a store that failed decides nothing more.
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/acknowledged_mark.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using Call = FaultyFileSystem::Call;

// The first, the last, and some between; any more would be the same case again, at the price of many openings.
constexpr uint64_t kRequests = 4;
// After them something is said about a query of the first.
constexpr uint64_t kWrites = kRequests + 1;

// A store on a file system with faults, in a folder that outlives it.
class FaultTest : public testing::Test {
 protected:
  // A disk that is not told to fail.
  const std::unique_ptr<rocksdb::Env> sound_ = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());

  RocksDbStoreOptions OptionsWith(rocksdb::Env* env) const {
    RocksDbStoreOptions options;
    options.data_dir = folder_.path(absl::StrCat("store", folder_number_));
    options.env = env;
    return options;
  }
  void NextFolder() { ++folder_number_; }

  static Submission Request(uint64_t number) {
    return MakeSubmission(Key(absl::StrCat("RT", number)), absl::StrCat("content ", number), RequestId(number));
  }
  static QueryChange LastWrite() { return MakeQueryChange(Request(0).key, "why", 1, 0); }
  // What this write stored, as it is read now.
  static std::string ReadBack(const Store& store, uint64_t number) {
    if (number == kRequests) {
      const auto query = store.GetQuery(LastWrite().name);
      return query.ok() ? FullText(LastWrite().name, *query) : query.status().ToString();
    }
    const auto found = store.GetReturn(Request(number).key, absl::nullopt);
    return found.ok() ? FullText(*found) : found.status().ToString();
  }
  static absl::StatusOr<absl::optional<StoredReturn>> FindRequest(const Store& store, uint64_t number) {
    const Submission request = Request(number);
    return store.FindSubmission(request.request_id, request.key, request.record.receipt().content_sha256());
  }

  // Opens the store on a sound disk: all of `acknowledged` are there with just those bytes, every write can be made
  // again and is there once, and commits are numbered without a gap. Then the same from the start that follows.
  void ExpectSoundAfterRestart(const std::map<uint64_t, std::string>& acknowledged) {
    {
      auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
      ASSERT_TRUE(store.ok()) << store.status();
      for (const auto& [number, stored] : acknowledged) ASSERT_EQ(ReadBack(**store, number), stored);
      for (uint64_t number = 0; number < kRequests; ++number) {
        const auto again = SubmitAndWait(**store, Request(number));
        ASSERT_TRUE(again.ok()) << again.status();
        ASSERT_EQ(again->stored.record.receipt().revision(), 1);
        ASSERT_TRUE(again->repeated || acknowledged.count(number) == 0);
      }
      const auto again = ChangeQueryAndWait(**store, LastWrite());
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_EQ(again->record.events_size(), 1);
      ASSERT_TRUE(again->repeated || acknowledged.count(kRequests) == 0);
    }
    auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->last_sequence(), kWrites);
    ReturnFilter filter;
    filter.all_revisions = true;
    ASSERT_EQ(ScanAll(**store, filter).size(), kRequests);
    ASSERT_EQ(ScanAllQueries(**store, "").size(), 1);
  }

  // Makes one of the writes; gives what it stored.
  static absl::StatusOr<std::string> MakeWrite(Store& store, uint64_t number) {
    if (number == kRequests) {
      const auto result = ChangeQueryAndWait(store, LastWrite());
      if (!result.ok()) return result.status();
      return FullText(LastWrite().name, result->record);
    }
    const auto result = SubmitAndWait(store, Request(number));
    if (!result.ok()) return result.status();
    return FullText(result->stored);
  }

  // Makes all writes, one after the other, in a store of which one call fails. Gives what was acknowledged.
  static std::map<uint64_t, std::string> SendAll(Store& store, bool& saw_failure) {
    std::map<uint64_t, std::string> acknowledged;
    saw_failure = false;
    for (uint64_t number = 0; number < kWrites; ++number) {
      const absl::StatusOr<std::string> result = MakeWrite(store, number);
      if (result.ok()) {
        EXPECT_FALSE(saw_failure) << "a store that failed took a write";
        acknowledged[number] = *result;
      } else {
        EXPECT_THAT(result, HasCode(StatusCode::kUnavailable));
        EXPECT_THAT(result.status().message(),
                    HasSubstr("its outcome is unknown; send the same request_id again once"));
        saw_failure = true;
      }
    }
    for (const auto& [number, stored] : acknowledged) EXPECT_EQ(ReadBack(store, number), stored) << "reading goes on";
    for (uint64_t number = 0; number < kRequests && saw_failure; ++number) {
      EXPECT_THAT(FindRequest(store, number), HasCode(StatusCode::kUnavailable));
    }
    return acknowledged;
  }

  // Fails the n-th call for n = 1, 2, ... until a run meets no failure.
  void FailEveryCallOnce(Call call, int& failed_opens, int& failed_writes) {
    failed_opens = 0;
    failed_writes = 0;
    for (uint64_t n = 1;; ++n) {
      SCOPED_TRACE(absl::StrCat("call ", n, " fails"));
      NextFolder();
      const auto files = std::make_shared<FaultyFileSystem>();
      const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
      files->FailCall(call, n);
      std::map<uint64_t, std::string> acknowledged;
      {
        auto store = OpenRocksDbStore(OptionsWith(env.get()));
        bool saw_failure = false;
        if (!store.ok()) {
          ASSERT_THAT(store, HasCode(StatusCode::kUnavailable));
          ++failed_opens;
        } else {
          acknowledged = SendAll(**store, saw_failure);
          if (saw_failure) ++failed_writes;
        }
      }
      ExpectSoundAfterRestart(acknowledged);
      if (HasFatalFailure() || !files->has_failed()) return;
    }
  }

 private:
  TemporaryFolder folder_;
  int folder_number_ = 0;
};

TEST_F(FaultTest, AnySyncMayFail) {
  int failed_opens = 0;
  int failed_writes = 0;
  FailEveryCallOnce(Call::kSync, failed_opens, failed_writes);
  EXPECT_GE(failed_opens, 5);  // The manifest, CURRENT, the families, the first records, the mark.
  EXPECT_EQ(failed_writes, kWrites);
}

TEST_F(FaultTest, AnyAppendMayFail) {
  int failed_opens = 0;
  int failed_writes = 0;
  FailEveryCallOnce(Call::kAppend, failed_opens, failed_writes);
  EXPECT_GE(failed_opens, 5);
  EXPECT_EQ(failed_writes, kWrites);
}

TEST_F(FaultTest, AnyMarkMayFail) {
  int failed_opens = 0;
  int failed_writes = 0;
  FailEveryCallOnce(Call::kOverwrite, failed_opens, failed_writes);
  EXPECT_EQ(failed_opens, 0);
  EXPECT_EQ(failed_writes, kWrites);
}

TEST_F(FaultTest, WhatIsDurableButNotAcknowledgedIsNotFoundUntilTheNextStart) {
  const auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  {
    auto store = OpenRocksDbStore(OptionsWith(env.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    bool visible = false;
    absl::StatusOr<absl::optional<StoredReturn>> found_before_the_mark;
    files->BeforeOverwrite([&] {
      visible = (*store)->GetReturn(Request(0).key, absl::nullopt).ok();
      found_before_the_mark = FindRequest(**store, 0);
    });
    files->FailCall(Call::kOverwrite, 1);
    EXPECT_THAT(SubmitAndWait(**store, Request(0)), HasCode(StatusCode::kUnavailable));
    EXPECT_TRUE(visible) << "else the rest shows nothing";
    ASSERT_TRUE(found_before_the_mark.ok()) << found_before_the_mark.status();
    EXPECT_FALSE(found_before_the_mark->has_value());
    EXPECT_THAT(FindRequest(**store, 0), HasCode(StatusCode::kUnavailable));
    EXPECT_EQ((*store)->last_sequence(), 0);
  }
  auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
  ASSERT_TRUE(store.ok()) << store.status();
  const auto found = FindRequest(**store, 0);
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->record.receipt().sequence(), 1);
  EXPECT_EQ((*store)->last_sequence(), 1);
}

TEST_F(FaultTest, OnlyWhatSawNothingOfTheFailedGroupIsCertain) {
  const auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  auto store = OpenRocksDbStore(OptionsWith(env.get()));
  ASSERT_TRUE(store.ok()) << store.status();
  Submission stale = MakeSubmission(Key("RT1"), "a");
  stale.expected_revision = 5;
  Answer<SubmissionResult> before, written, after;
  Answer<WithdrawalResult> withdrawal;
  {
    Obstacle obstacle(**store);
    (*store)->Submit(stale, before.Done());
    (*store)->Submit(MakeSubmission(Key("RT1"), "a"), written.Done());
    (*store)->Submit(stale, after.Done());
    (*store)->Withdraw(MakeWithdrawal(Key("RT2"), "why"), withdrawal.Done());
    files->FailCall(Call::kSync, 1);
    obstacle.Remove();
    EXPECT_THAT(before.Wait(), HasCode(StatusCode::kAborted));
    EXPECT_THAT(written.Wait(), HasCode(StatusCode::kUnavailable));
    EXPECT_THAT(after.Wait(), HasCode(StatusCode::kUnavailable));
    EXPECT_THAT(withdrawal.Wait(), HasCode(StatusCode::kUnavailable));
  }
  EXPECT_THAT(ChangeAndWait(**store, {}), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(SubmitAndWait(**store, stale), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ((*store)->last_sequence(), 1);  // The obstacle's own.
}

TEST_F(FaultTest, PowerMayGoAtAnyMoment) {
  for (uint64_t cut_after = 0; cut_after <= kWrites; ++cut_after) {
    SCOPED_TRACE(absl::StrCat("cut after ", cut_after, " answers"));
    NextFolder();
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    std::map<uint64_t, std::string> acknowledged;  // Only the store's thread touches it until the store is closed.
    {
      auto store = OpenRocksDbStore(OptionsWith(env.get()));
      ASSERT_TRUE(store.ok()) << store.status();
      if (cut_after == 0) files->CutPower();
      for (uint64_t number = 0; number < kRequests; ++number) {
        (*store)->Submit(Request(number), [&, number](absl::StatusOr<SubmissionResult> result) {
          if (result.ok()) acknowledged[number] = FullText(result->stored);
          if (acknowledged.size() == cut_after) files->CutPower();
        });
      }
      (*store)->ChangeQuery(LastWrite(), [&](absl::StatusOr<QueryChangeResult> result) {
        if (result.ok()) acknowledged[kRequests] = FullText(LastWrite().name, result->record);
        if (acknowledged.size() == cut_after) files->CutPower();
      });
    }
    files->LoseUnsynced();
    ExpectSoundAfterRestart(acknowledged);
    if (HasFatalFailure()) return;
  }
}

// The mark is not synced: a power cut may leave any earlier one.
TEST_F(FaultTest, AnOlderMarkOpensWithAllThatWasAcknowledged) {
  for (uint64_t kept = 0; kept <= kWrites; ++kept) {
    SCOPED_TRACE(absl::StrCat("mark ", kept, " reached the disk"));
    NextFolder();
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    std::map<uint64_t, std::string> acknowledged;
    {
      auto store = OpenRocksDbStore(OptionsWith(env.get()));
      ASSERT_TRUE(store.ok()) << store.status();
      bool saw_failure = false;
      acknowledged = SendAll(**store, saw_failure);
      ASSERT_FALSE(saw_failure);
      files->CutPower();
    }
    const std::string folder = OptionsWith(sound_.get()).data_dir;
    ASSERT_EQ(**AcknowledgedMark::Read(rocksdb::Env::Default(), folder), kWrites);
    files->LoseUnsynced(/*overwrites_kept=*/kept);
    ASSERT_EQ(**AcknowledgedMark::Read(rocksdb::Env::Default(), folder), kept);
    ExpectSoundAfterRestart(acknowledged);
    if (HasFatalFailure()) return;
  }
}

TEST_F(FaultTest, PowerMayGoWhileAStoreIsMade) {
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("power goes at sync ", n));
    NextFolder();
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    files->CutPowerAtCall(Call::kSync, n);
    const bool opened = OpenRocksDbStore(OptionsWith(env.get())).ok();
    files->LoseUnsynced();
    ExpectSoundAfterRestart({});
    if (HasFatalFailure() || opened) break;
  }
}

}  // namespace
}  // namespace quartermaster::storage
