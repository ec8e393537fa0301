// A group whose writers were told that its outcome is unknown, because the disk was full: once there is room, what is
// derived follows it if it is stored, and lets it go if it is not.
#include <atomic>
#include <vector>

#include "tests/storage/fault_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using Call = FaultyFileSystem::Call;
using After = FaultyFileSystem::After;

class DoubtTest : public FaultTest {
 protected:
  void SetUp() override {
    auto store = OpenRocksDbStore(OptionsWith(env_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Sends a group of every kind of write, three of which store nothing, of which the first fails for want of room.
  void SendGroup(Call fails) {
    Obstacle obstacle(*store_);
    Submission stale = MakeSubmission(Request(0).key, "stale");
    stale.expected_revision = 7;
    store_->Submit(stale, Told<SubmissionResult>("stale"), CertainlyAnswered<SubmissionResult>());
    store_->Submit(Request(0), Told<SubmissionResult>("return"), Doubted<SubmissionResult>());
    store_->Submit(Request(0), Told<SubmissionResult>("repeated"), Doubted<SubmissionResult>());
    store_->Submit(stale, Told<SubmissionResult>("stale"), Doubted<SubmissionResult>());
    store_->ChangeQuery(LastWrite(), Told<QueryChangeResult>("query"), Doubted<QueryChangeResult>());
    CatalogueChange catalogue;
    catalogue.audit = "\"imports\":1";
    store_->ChangeCatalogue(catalogue, Told<uint64_t>("catalogue"), Doubted<uint64_t>());
    store_->Audit({{"\"reads\":1"}}, Doubted<uint64_t>());
    WithdrawalRequest withdrawal = MakeWithdrawal(Request(0).key, "why");
    withdrawal.audit = "\"withdraws\":1";
    store_->Withdraw(withdrawal, Told<WithdrawalResult>("withdrawal"), Doubted<WithdrawalResult>());
    files_->FailCall(fails, 1, After::kDiskIsFull);
    obstacle.Remove();
    WaitUntil([&] { return answered_ == 8; });
    ASSERT_EQ(answered_, 8);
    ASSERT_TRUE(files_->has_failed());
    ASSERT_EQ(store_->last_sequence(), 1) << "what was in the way";
    ASSERT_EQ(followed_, std::vector<std::string>());
  }

  void MakeRoom() {
    files_->MakeRoom();
    WaitForWrites(*store_);
  }

  const std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::unique_ptr<Store> store_;
  std::atomic<int> answered_ = 0;
  // By the store's thread; to be read once it takes writes again.
  std::vector<std::string> followed_;
  // Held by whatever may still follow.
  std::shared_ptr<int> holder_ = std::make_shared<int>(0);

 private:
  template <typename Result>
  Store::Follow<Result> Told(const std::string& what) {
    return [this, what, holder = holder_](const Result&) { followed_.push_back(what); };
  }
  template <typename Result>
  Store::Done<Result> Doubted() {
    return [this](const absl::StatusOr<Result>& result) {
      EXPECT_THAT(result, HasCode(StatusCode::kUnavailable));
      ++answered_;
    };
  }
  template <typename Result>
  Store::Done<Result> CertainlyAnswered() {
    return [this](const absl::StatusOr<Result>& result) {
      EXPECT_THAT(result, HasCode(StatusCode::kAborted));
      ++answered_;
    };
  }
};

// Where writing over needs room, as on a disk that copies on write, a commit may be durable and the mark not written.
TEST_F(DoubtTest, WhatIsStoredIsFollowedOnceInItsOrder) {
  SendGroup(Call::kOverwrite);
  MakeRoom();
  EXPECT_EQ(followed_, (std::vector<std::string>{"return", "query", "catalogue", "withdrawal"}));
  EXPECT_EQ(holder_.use_count(), 1);
  EXPECT_EQ(store_->last_sequence(), 5);
  const auto again = SubmitAndWait(*store_, Request(0));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->stored.record.receipt().sequence(), 2);
  ASSERT_TRUE(SubmitAndWait(*store_, Request(1)).ok());
  EXPECT_EQ(store_->last_sequence(), 6);
  EXPECT_EQ(ReadAudit(*store_).size(), 6);
  ExpectChain(*store_, ReadAudit(*store_));
}

TEST_F(DoubtTest, WhatIsNotStoredIsLetGo) {
  SendGroup(Call::kGrowth);
  MakeRoom();
  EXPECT_EQ(followed_, std::vector<std::string>());
  EXPECT_EQ(holder_.use_count(), 1);
  EXPECT_EQ(store_->last_sequence(), 1);
  const auto again = SubmitAndWait(*store_, Request(0));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->repeated);
  EXPECT_EQ(again->stored.record.receipt().sequence(), 2);
}

TEST_F(DoubtTest, AStoreMayBeClosedMeanwhile) {
  SendGroup(Call::kOverwrite);
  store_.reset();
  EXPECT_EQ(followed_, std::vector<std::string>());
  EXPECT_EQ(holder_.use_count(), 1);
  auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->last_sequence(), 5);
}

}  // namespace
}  // namespace quartermaster::storage
