// Disks that fail and power that goes: what was acknowledged is there after the next start, what was not has an unknown
// outcome that a retry settles, and a store that failed decides nothing more. rocksdb_every_fault_test.cc has the same
// for every call that can fail.
#include <map>

#include "absl/strings/str_cat.h"
#include "storage/acknowledged_mark.h"
#include "tests/storage/fault_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using Call = FaultyFileSystem::Call;

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
    EXPECT_THAT((*store)->HasWithdrawn(RequestId(9), Request(0).key, "why"), HasCode(StatusCode::kUnavailable));
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
    (*store)->Submit(stale, nullptr, before.Done());
    (*store)->Submit(MakeSubmission(Key("RT1"), "a"), nullptr, written.Done());
    (*store)->Submit(stale, nullptr, after.Done());
    (*store)->Withdraw(MakeWithdrawal(Key("RT2"), "why"), nullptr, withdrawal.Done());
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
        (*store)->Submit(Request(number), nullptr, [&, number](absl::StatusOr<SubmissionResult> result) {
          if (result.ok()) acknowledged[number] = FullText(result->stored);
          if (acknowledged.size() == cut_after) files->CutPower();
        });
      }
      (*store)->ChangeQuery(LastWrite(), nullptr, [&](absl::StatusOr<QueryChangeResult> result) {
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

}  // namespace
}  // namespace quartermaster::storage
