// Writes whose caller was told that the outcome is unknown, because the disk was full, and that turn out to be stored:
// memory follows them, of every kind, without a restart.
#include "server/exception_grants.h"
#include "server/verification.h"
#include "tests/server/releases_fixture.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::server {
namespace {

class DoubtedWritesTest : public ReleaseServer {
 protected:
  DoubtedWritesTest() {
    Close();
    env_ = faulty_.get();
    Open();
  }
  ~DoubtedWritesTest() override { Close(); }

  // Writes over a file, as the mark of the last commit is, need room here, as on a disk that copies on write: so a
  // commit is durable although its write fails.
  template <typename Write>
  void StoreInDoubt(Write write) {
    const uint64_t before = store_->last_sequence();
    files_->FailCall(storage::FaultyFileSystem::Call::kOverwrite, 1, storage::FaultyFileSystem::After::kDiskIsFull);
    const auto answer = write();
    ASSERT_EQ(answer.status().code(), absl::StatusCode::kUnavailable) << answer.status();
    EXPECT_EQ(state_->sequence(), before);
    files_->MakeRoom();
    storage::WaitForWrites(*store_);
    EXPECT_EQ(state_->sequence(), before + 1);
    EXPECT_EQ(store_->last_sequence(), before + 1);
    const auto report = VerifyStore(store_.get(), state_.get(), [](const v1::Progress&) {});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->problem_count(), 0) << report->DebugString();
  }

  absl::StatusOr<v1::ImportParticipantsResponse> ImportOne(const std::string& name) {
    v1::ImportParticipantsRequest request;
    request.add_participants()->set_code("RT9");
    request.mutable_participants(0)->set_name(name);
    return Await<v1::ImportParticipantsResponse>(
        [&](auto done) { imports_->ImportParticipants(request, "test", std::move(done)); });
  }

  absl::StatusOr<v1::PublishCollectionResponse> PublishText(const std::string& text) {
    v1::PublishCollectionRequest request;
    *request.mutable_descriptor_set() = testing::DescriptorSetFromText(text);
    request.set_file_name(testing::kCollectionFile);
    return Await<v1::PublishCollectionResponse>(
        [&](auto done) { imports_->PublishCollection(request, "test", std::move(done)); });
  }

 private:
  const std::shared_ptr<storage::FaultyFileSystem> files_ = std::make_shared<storage::FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> faulty_ = rocksdb::NewCompositeEnv(files_);
};

TEST_F(DoubtedWritesTest, AReturnCountsAndItsRetryGetsItsReceipt) {
  const v1::SubmitReturnRequest request =
      SubmitRequest({"RT1", kQuarter, 90, 45}, "00000000-0000-4000-8000-000000000001");
  StoreInDoubt([&] { return Submit(request); });
  const uint64_t sequence = store_->last_sequence();
  const auto again = Submit(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->receipt().sequence(), sequence);
  EXPECT_EQ(again->revision(), 1);
  ASSERT_GT(again->position_size(), 0);
  EXPECT_EQ(again->position(0).national().n(), 1);
}

TEST_F(DoubtedWritesTest, AWithdrawalAndWhatIsSaidOfAQuery) {
  Send({"RT1", kQuarter, 90, 95});
  const auto explain = [&] { return Say(v1::QueryEvent::KIND_EXPLAINED, "A ward was opened.", "RT1", kQuarter); };
  StoreInDoubt(explain);
  const uint64_t sequence = store_->last_sequence();
  ASSERT_TRUE(explain().ok());
  EXPECT_EQ(store_->last_sequence(), sequence) << "it was said already";
  StoreInDoubt([&] {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant("RT1");
    request.set_period(kQuarter);
    request.set_reason("A test.");
    return Await<storage::StoredReturn>(
        [&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
  });
}

TEST_F(DoubtedWritesTest, TheCatalogue) {
  StoreInDoubt([&] { return ImportOne("Made up"); });
  EXPECT_EQ(ImportOne("Made up")->unchanged(), 1);
  const std::string next = CollectionText(
      "option (schema.v1.indicator) = { id: \"more\" title: \"More\" value: "
      "\"occupied\" };");
  StoreInDoubt([&] { return PublishText(next); });
  const auto published = PublishText(next);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_FALSE(published->published());
  EXPECT_EQ(published->collection().version(), 2);
}

TEST_F(DoubtedWritesTest, Grants) {
  v1::CreateTokenRequest token;
  token.set_principal("jo");
  token.add_roles(v1::ROLE_OPERATOR);
  StoreInDoubt([&] { return CreateToken(token); });
  ASSERT_EQ(state_->tokens()->all().size(), 1);
  EXPECT_EQ(state_->tokens()->all().begin()->first, store_->last_sequence());

  StoreInDoubt([&] {
    v1::GrantWindowRequest request;
    request.set_collection("test");
    request.set_from(kQuarter);
    request.set_until("2027-06-30");
    request.set_reason("A test.");
    return Await<v1::WindowGrant>([&](auto done) { window_control_->Grant(request, "steward", std::move(done)); });
  });
  v1::ListWindowGrantsRequest list;
  list.set_collection("test");
  const auto grants = window_control_->List(list);
  ASSERT_TRUE(grants.ok()) << grants.status();
  ASSERT_EQ(grants->grants_size(), 1);
  EXPECT_EQ(grants->grants(0).id(), store_->last_sequence());

  ExceptionGrants exceptions(store_.get(), state_.get(), [this] { return *now_; });
  StoreInDoubt([&] {
    v1::StandingException exception;
    exception.set_collection("test");
    exception.set_service("beds");
    exception.set_participant("RT1");
    exception.set_rule_id("within");
    exception.set_until("2025-12-31");
    exception.set_reason("A test.");
    return Await<v1::StandingException>([&](auto done) { exceptions.Grant(exception, "steward", std::move(done)); });
  });
  ASSERT_EQ(state_->exceptions()->all().size(), 1);
  EXPECT_EQ(state_->exceptions()->all().begin()->first, store_->last_sequence());
}

TEST_F(DoubtedWritesTest, ARelease) {
  for (const std::string participant : {"RT1", "RT2", "RT3", "RT4", "RT5"}) Send({participant, kQuarter, 90, 45});
  StoreInDoubt([&] { return releases_->Publish(PublishRequest(), "steward"); });
  const v1::PublishReleaseResponse again = Published();
  EXPECT_TRUE(again.unchanged());
  EXPECT_EQ(again.release().number(), 1);
  EXPECT_FALSE(Text(1).empty());
}

}  // namespace
}  // namespace quartermaster::server
