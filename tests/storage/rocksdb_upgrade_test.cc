// Stores that older programs wrote. tests/storage/golden holds one of each format, made once by a program of that
// format; each opens, has every record, and is of the present format afterwards. That of the present format waits for
// the next one, and shows meanwhile that the format has not changed unawares.
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"
#include "tests/storage/audit_testing.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"
#include "tests/storage/upgrade_testing.h"

namespace quartermaster::storage {
namespace {

// QM_GOLDEN_TO_MAKE=folder makes a store of the present format, before the format changes.
TEST(UpgradeTest, MakesAGoldenStore) {
  const char* const folder = std::getenv("QM_GOLDEN_TO_MAKE");
  if (folder == nullptr) GTEST_SKIP() << "QM_GOLDEN_TO_MAKE names no folder";
  for (const auto fill : {&FillFirstPartOfFormat4, &FillSecondPartOfFormat4}) {
    const auto store = OpenAsBefore(folder);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_NO_FATAL_FAILURE(fill(**store));
  }
  // What RocksDB never reads, or makes anew.
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.rfind("LO", 0) == 0 || name.rfind("OPTIONS", 0) == 0) std::filesystem::remove(entry.path());
  }
}

constexpr char kFormat1[] = "version 1, made 1750000000123456: default returns withdrawals requests catalogue meta";
constexpr char kUpgraded[] =
    "version 4, made 1750000000123456: default returns withdrawals requests catalogue meta queries releases audit";

class Format1Test : public testing::Test {
 protected:
  void SetUp() override {
    CopyGolden();
    const auto made = OpenAsBefore(folder_.path("made"));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_NO_FATAL_FAILURE(FillFirstPart(**made));
    ASSERT_NO_FATAL_FAILURE(FillSecondPart(**made));
    expected_ = Everything(**made);
  }

  // A copy of the golden store.
  std::string golden() const { return folder_.path("golden"); }
  // In place of what became of it.
  void CopyGolden() const {
    std::filesystem::remove_all(golden());
    std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_1"), golden());
  }
  std::string another_folder() const { return folder_.path("another"); }

  // The store says what a new one says that was filled in the same way.
  void ExpectEverything(Store& store) const {
    EXPECT_EQ(Everything(store), expected_);
    EXPECT_THAT(Summaries(ScanAll(store, {})),
                testing::ElementsAre("RT1 2025-04 r2 withdrawn", "RT2 2025-05 r2", "RT3 2025-04 r1 withdrawn"));
    EXPECT_EQ(store.last_sequence(), 9);
    EXPECT_TRUE(SubmitAndWait(store, WithFinding(MakeSubmission(Key("RT1"), "a", RequestId(1))))->repeated);
    EXPECT_TRUE(WithdrawAndWait(store, MakeWithdrawal(Key("RT1"), "wrong ward", RequestId(2)))->repeated);
    EXPECT_TRUE(SubmitAndWait(store, MakeSubmission(Key("RT2", "2025-05"), "d", RequestId(4)))->repeated);
    EXPECT_THAT(SubmitAndWait(store, MakeSubmission(Key("RT3"), "other", RequestId(5))),
                HasCode(absl::StatusCode::kAlreadyExists));
  }

 private:
  TemporaryFolder folder_;
  std::vector<std::string> expected_;
};

TEST_F(Format1Test, EveryRecordIsThere) {
  EXPECT_EQ(Description(golden()), kFormat1);
  CopyGolden();  // RocksDB has moved the log into tables.
  for (int opening = 0; opening < 2; ++opening) {
    {
      const auto store = OpenAsBefore(golden());
      ASSERT_TRUE(store.ok()) << store.status();
      ExpectEverything(**store);
      EXPECT_TRUE(ScanAllQueries(**store, "").empty());
      EXPECT_TRUE((*store)->ReadCatalogue()->exceptions.empty());
    }
    EXPECT_EQ(Description(golden()), kUpgraded);
  }
}

TEST_F(Format1Test, WhatIsNewCanBeStored) {
  {
    const auto store = OpenAsBefore(golden());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(ChangeQueryAndWait(**store, MakeQueryChange(Key("RT2", "2025-05"), "why", 2, 0)).ok());
    CatalogueChange change;
    change.exceptions.emplace_back().mutable_exception()->set_participant("RT1");
    ASSERT_EQ(*ChangeAndWait(**store, change), 11);
  }
  const auto store = OpenAsBefore(golden());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GetQuery(Query(Key("RT2", "2025-05")))->events(0).sequence(), 10);
  EXPECT_EQ((*store)->ReadCatalogue()->exceptions.size(), 1);
}

TEST_F(Format1Test, ABackupOfItIsRestoredAndOpens) {
  const std::string backups = another_folder() + "-backups";
  Tamper(golden(), [&](rocksdb::DB& db, const Handles&) {
    v1::BackupRecord record;
    record.set_acknowledged_sequence(9);
    record.set_store_create_time_us(kUpgradeNowUs);
    rocksdb::BackupEngine* engine = nullptr;
    rocksdb::Status status = rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(backups), db.GetEnv(), &engine);
    if (status.ok()) status = engine->CreateNewBackupWithMetadata(&db, record.SerializeAsString());
    delete engine;
    return status;
  });
  ASSERT_TRUE(RestoreBackup(backups, absl::nullopt, another_folder()).ok());
  const auto store = OpenAsBefore(another_folder());
  ASSERT_TRUE(store.ok()) << store.status();
  ExpectEverything(**store);
}

TEST_F(Format1Test, AnUpgradeThatWasCutShortIsFinished) {
  Tamper(golden(), [](rocksdb::DB& db, const Handles&) { return MakeFamily(db, "queries"); });
  EXPECT_THAT(Description(golden()), testing::StartsWith("version 1, "));
  {
    const auto store = OpenAsBefore(golden());
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectEverything(**store);
  }
  EXPECT_EQ(Description(golden()), kUpgraded);
}

TEST_F(Format1Test, AnyCallMayFailAndPowerMayGoDuringAnUpgrade) {
  using Call = FaultyFileSystem::Call;
  const std::unique_ptr<rocksdb::Env> sound = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());
  for (const auto& [call, cut] : {std::pair(Call::kAppend, false), {Call::kSync, false}, {Call::kSync, true}}) {
    uint64_t failed = 0;
    for (uint64_t n = 1;; ++n) {
      SCOPED_TRACE(absl::StrCat(cut ? "power goes" : "failure", " at call ", n));
      CopyGolden();
      const auto files = std::make_shared<FaultyFileSystem>();
      const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
      files->FailCall(call, n, cut ? FaultyFileSystem::After::kPowerIsCut : FaultyFileSystem::After::kGoesOn);
      const absl::Status status = OpenAsBefore(golden(), env.get()).status();
      if (cut) files->LoseUnsynced();
      if (!status.ok()) {
        ++failed;
        EXPECT_THAT(status, HasCode(absl::StatusCode::kUnavailable));
      }
      {
        const auto store = OpenAsBefore(golden(), sound.get());
        ASSERT_TRUE(store.ok()) << store.status();
        ASSERT_NO_FATAL_FAILURE(ExpectEverything(**store));
      }
      ASSERT_EQ(Description(golden()), kUpgraded);
      if (!files->has_failed()) break;
    }
    EXPECT_GE(failed, 4);
  }
}

TEST_F(Format1Test, WhatIsDamagedIsRefusedAndLeftAsItIs) {
  std::filesystem::remove(golden() + "/ACKNOWLEDGED");
  const auto without_mark = OpenAsBefore(golden());
  ASSERT_THAT(without_mark, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(without_mark.status().message(), testing::HasSubstr("the file ACKNOWLEDGED is missing"));
  EXPECT_EQ(Description(golden()), kFormat1);

  CopyGolden();
  Tamper(golden(), [](rocksdb::DB& db, const Handles& handles) { return db.DropColumnFamily(handles[1]); });
  const auto without_returns = OpenAsBefore(golden());
  ASSERT_THAT(without_returns, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(without_returns.status().message(), testing::HasSubstr("a column family is missing"));
}

// The program of format 1 was killed after it had made the families and before it wrote anything.
TEST_F(Format1Test, AStoreThatWasNeverMadeToTheEndBecomesANewOne) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* made = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, another_folder(), &made).ok());
  for (const char* name : {"returns", "withdrawals", "requests", "catalogue", "meta"}) {
    ASSERT_TRUE(MakeFamily(*made, name).ok());
  }
  delete made;
  {
    const auto store = OpenAsBefore(another_folder());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(SubmitAndWait(**store, MakeSubmission(Key("RT1"), "a")).ok());
    ASSERT_TRUE(ChangeQueryAndWait(**store, MakeQueryChange(Key("RT1"), "why", 1, 0)).ok());
  }
  EXPECT_EQ(Description(another_folder()), kUpgraded);
  EXPECT_EQ(ScanAllQueries(**OpenAsBefore(another_folder()), "").size(), 1);
}

// Queries and standing exceptions are there too, and what is new can be stored.
TEST(Format2Test, EveryRecordIsThereAndWhatIsNewCanBeStored) {
  const TemporaryFolder folder;
  const std::string golden = folder.path("golden");
  std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_2"), golden);
  const auto made = OpenAsBefore(folder.path("made"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat2(**made));
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat2(**made));
  {
    const auto store = OpenAsBefore(golden);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ(Everything(**store), Everything(**made));
    EXPECT_EQ(ScanAllQueries(**store, ""), ScanAllQueries(**made, ""));
    ASSERT_EQ((*store)->ReadCatalogue()->exceptions.size(), 2);
    EXPECT_EQ((*store)->ReadCatalogue()->exceptions[0].exception().ended_by(), "office");
    CatalogueChange change;
    change.enrolments.emplace_back().mutable_enrolment()->set_participant("RT1");
    NewRelease& release = change.releases.emplace_back();
    release.record.mutable_release()->set_number(1);
    release.parts = {"a"};
    ASSERT_TRUE(ChangeAndWait(**store, change).ok());
  }
  EXPECT_EQ(
      Description(golden),
      "version 4, made 1750000000123456: default returns withdrawals requests catalogue queries meta releases audit");
  const auto store = OpenAsBefore(golden);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->ReadCatalogue()->enrolments.size(), 1);
  EXPECT_EQ((*store)->ReadCatalogue()->releases.size(), 1);
}

// A store that was never audited has no lines for what lies in it; they begin with the next write.
TEST(Format3Test, EveryRecordIsThereAndTheAuditBegins) {
  const TemporaryFolder folder;
  const std::string golden = folder.path("golden");
  std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_3"), golden);
  const auto made = OpenAsBefore(folder.path("made"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat3(**made));
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat3(**made));
  uint64_t last_sequence = 0;
  {
    const auto store = OpenAsBefore(golden);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ(Everything(**store), Everything(**made));
    EXPECT_THAT(ReadAudit(**store), testing::IsEmpty());
    last_sequence = (*store)->last_sequence();
    Submission submission = MakeSubmission(Key("RT1"), "new");
    submission.audit = "\"says\":\"first\"";
    ASSERT_TRUE(SubmitAndWait(**store, submission).ok());
  }
  EXPECT_EQ(
      Description(golden),
      "version 4, made 1750000000123456: default returns withdrawals requests catalogue queries releases meta audit");
  const auto store = OpenAsBefore(golden);
  ASSERT_TRUE(store.ok()) << store.status();
  ExpectChain(**store, ReadAudit(**store));
  EXPECT_EQ(LinesByCommit(ReadAudit(**store)), (std::map<uint64_t, int>{{last_sequence + 1, 1}}));
}

// The chain of the audit is there to the byte, and goes on.
constexpr char kFormat4[] =
    "version 4, made 1750000000123456: default returns withdrawals requests catalogue queries releases audit meta";

TEST(Format4Test, EveryRecordAndLineIsThereAndTheAuditGoesOn) {
  const TemporaryFolder folder;
  const std::string golden = folder.path("golden");
  std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_4"), golden);
  const auto made = OpenAsBefore(folder.path("made"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat4(**made));
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat4(**made));
  const std::vector<std::string> lines = ReadAudit(**made);
  ASSERT_THAT(lines, testing::SizeIs(12));
  {
    const auto store = OpenAsBefore(golden);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ(Everything(**store), Everything(**made));
    EXPECT_EQ(ReadAudit(**store), lines);
    Submission submission = MakeSubmission(Key("RT1"), "new");
    submission.audit = "\"says\":\"next\"";
    ASSERT_TRUE(SubmitAndWait(**store, submission).ok());
  }
  EXPECT_EQ(Description(golden), kFormat4);
  const auto store = OpenAsBefore(golden);
  ASSERT_TRUE(store.ok()) << store.status();
  ExpectChain(**store, ReadAudit(**store));
  EXPECT_THAT(ReadAudit(**store), testing::SizeIs(lines.size() + 1));
}

}  // namespace
}  // namespace quartermaster::storage
