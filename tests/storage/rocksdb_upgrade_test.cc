// Stores that older programs wrote. tests/storage/golden holds one of each older format, made once by the program of
// that format; each opens, has every record, and is of the present format afterwards.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"
#include "storage/keys.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

constexpr int64_t kNowUs = 1'750'000'000'123'456;
// Of the first standing exception in a golden store.
constexpr uint64_t kExceptionId = 7;

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& folder, rocksdb::Env* env = nullptr) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.clock = [] { return absl::FromUnixMicros(kNowUs); };
  options.env = env;
  return OpenRocksDbStore(options);
}

v1::CollectionRecord MakeCollection(uint32_t version) {
  v1::CollectionRecord record;
  record.set_id("mhlda");
  record.set_version(version);
  record.set_publisher("office");
  record.set_file_name("mhlda.proto");
  google::protobuf::FileDescriptorProto& file = *record.mutable_descriptor_set()->add_file();
  file.set_name("mhlda.proto");
  file.add_message_type()->set_name(absl::StrCat("Mhlda", version));
  return record;
}

v1::ParticipantRecord MakeParticipant(const std::string& code, const std::string& name) {
  v1::ParticipantRecord record;
  record.mutable_participant()->set_code(code);
  record.mutable_participant()->set_name(name);
  record.mutable_participant()->set_nation("England");
  return record;
}

v1::PopulationRecord MakePopulation(const std::string& participant, const std::string& from, int64_t registered) {
  v1::PopulationRecord record;
  record.mutable_population()->set_participant(participant);
  record.mutable_population()->set_age_band("65+");
  record.mutable_population()->set_from(from);
  record.mutable_population()->set_registered(registered);
  return record;
}

Submission WithFinding(Submission submission) {
  quartermaster::v1::NotAvailable& not_available = *submission.record.add_not_available();
  not_available.set_field("beds.open");
  not_available.set_reason("ward moved");
  quartermaster::v1::Finding& finding = *submission.record.add_findings();
  finding.set_rule_id("maximum");
  finding.set_severity(quartermaster::schema::v1::SEVERITY_QUERY);
  finding.set_field("beds.closed");
  finding.set_message("too many");
  return submission;
}

// What format 1 can hold, in two parts: the first of them lies in tables, the second in the log.
void FillFirstPart(Store& store) {
  CatalogueChange change;
  change.collections = {MakeCollection(1)};
  change.participants = {MakeParticipant("RT1", "one"), MakeParticipant("RT2", "two")};
  change.populations = {MakePopulation("RT1", "", 100), MakePopulation("RT1", "2024-04", 200)};
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
  ASSERT_TRUE(SubmitAndWait(store, WithFinding(MakeSubmission(Key("RT1"), "a", RequestId(1)))).ok());
  ASSERT_TRUE(SubmitAndWait(store, MakeSubmission(Key("RT1"), "b")).ok());
  ASSERT_TRUE(WithdrawAndWait(store, MakeWithdrawal(Key("RT1"), "wrong ward", RequestId(2))).ok());
  ASSERT_TRUE(SubmitAndWait(store, MakeSubmission(Key("RT2", "2025-05"), "c", RequestId(3))).ok());
}

void FillSecondPart(Store& store) {
  ASSERT_TRUE(SubmitAndWait(store, MakeSubmission(Key("RT2", "2025-05"), "d", RequestId(4))).ok());
  ASSERT_TRUE(SubmitAndWait(store, MakeSubmission(Key("RT3"), "e", RequestId(5))).ok());
  ASSERT_TRUE(WithdrawAndWait(store, MakeWithdrawal(Key("RT3"), "closed", RequestId(6))).ok());
  CatalogueChange change;
  change.collections = {MakeCollection(2)};
  change.participants = {MakeParticipant("RT2", "two renamed")};
  change.populations = {MakePopulation("RT1", "", 300)};
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
}

v1::StandingExceptionRecord MakeException(uint64_t id, const std::string& ended_by) {
  v1::StandingExceptionRecord record;
  quartermaster::v1::StandingException& exception = *record.mutable_exception();
  exception.set_id(id);
  exception.set_participant("RT1");
  exception.set_rule_id("maximum");
  exception.set_granted_by("office");
  exception.set_ended_by(ended_by);
  return record;
}

// What format 2 can hold beyond that, also in two parts.
void FillFirstPartOfFormat2(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillFirstPart(store));
  ASSERT_TRUE(ChangeQueryAndWait(store, MakeQueryChange(Key("RT2", "2025-05"), "moved", 1, 0)).ok());
  CatalogueChange change;
  change.exceptions = {MakeException(0, "")};
  ASSERT_EQ(*ChangeAndWait(store, change), kExceptionId);
}

void FillSecondPartOfFormat2(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillSecondPart(store));
  ASSERT_TRUE(ChangeQueryAndWait(store, MakeQueryChange(Key("RT2", "2025-05"), "moved again", 2, 1)).ok());
  Submission explained = WithFinding(MakeSubmission(Key("RT4"), "f", RequestId(7)));
  explained.query_events = {{"maximum", "beds.closed", MakeEvent("flood")}};
  ASSERT_TRUE(SubmitAndWait(store, explained).ok());
  CatalogueChange change;
  change.exceptions = {MakeException(kExceptionId, "office")};
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
  change.exceptions = {MakeException(0, "")};
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
}

// QM_GOLDEN_TO_MAKE=folder makes a store of the present format, before the format changes.
TEST(UpgradeTest, MakesAGoldenStore) {
  const char* const folder = std::getenv("QM_GOLDEN_TO_MAKE");
  if (folder == nullptr) GTEST_SKIP() << "QM_GOLDEN_TO_MAKE names no folder";
  for (const auto fill : {&FillFirstPartOfFormat2, &FillSecondPartOfFormat2}) {
    const auto store = Open(folder);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_NO_FATAL_FAILURE(fill(**store));
  }
  // What RocksDB never reads, or makes anew.
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.rfind("LO", 0) == 0 || name.rfind("OPTIONS", 0) == 0) std::filesystem::remove(entry.path());
  }
}

// Everything that a store says, line by line.
std::vector<std::string> Everything(Store& store) {
  ReturnFilter filter;
  filter.all_revisions = true;
  std::vector<std::string> lines;
  for (const StoredReturn& stored : ScanAll(store, filter)) lines.push_back(FullText(stored));
  const absl::StatusOr<Catalogue> catalogue = store.ReadCatalogue();
  EXPECT_TRUE(catalogue.ok()) << catalogue.status();
  if (!catalogue.ok()) return lines;
  for (const auto& record : catalogue->collections) lines.push_back(record.DebugString());
  for (const auto& record : catalogue->participants) lines.push_back(record.DebugString());
  for (const auto& record : catalogue->populations) lines.push_back(record.DebugString());
  lines.push_back(absl::StrCat("last commit ", store.last_sequence()));
  return lines;
}

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

// Opens the database behind the store's back, with the families that it has, in the order of their making.
void Tamper(const std::string& folder, const std::function<rocksdb::Status(rocksdb::DB&, const Handles&)>& change) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* opened = nullptr;
  Handles handles;
  const auto status = rocksdb::DB::Open({}, folder, families, &handles, &opened);
  ASSERT_TRUE(status.ok()) << status.ToString();
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto changed = change(*db, handles);
  for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  ASSERT_TRUE(changed.ok()) << changed.ToString();
}

rocksdb::Status MakeFamily(rocksdb::DB& db, const std::string& name) {
  rocksdb::ColumnFamilyHandle* made = nullptr;
  const auto status = db.CreateColumnFamily({}, name, &made);
  return status.ok() ? db.DestroyColumnFamilyHandle(made) : status;
}

// What the store says about itself, and its families: "version 1, made 5: default returns".
std::string Description(const std::string& folder) {
  std::string description = "no record";
  Tamper(folder, [&](rocksdb::DB& db, const Handles& handles) {
    std::string names;
    for (const rocksdb::ColumnFamilyHandle* handle : handles) absl::StrAppend(&names, " ", handle->GetName());
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      std::string bytes;
      v1::StoreRecord record;
      if (handle->GetName() != "meta" || !db.Get({}, handle, kStoreRecordKey, &bytes).ok()) continue;
      EXPECT_TRUE(record.ParseFromString(bytes));
      description = absl::StrCat("version ", record.format_version(), ", made ", record.create_time_us(), ":", names);
    }
    return rocksdb::Status::OK();
  });
  return description;
}

constexpr char kFormat1[] = "version 1, made 1750000000123456: default returns withdrawals requests catalogue meta";
constexpr char kUpgraded[] =
    "version 3, made 1750000000123456: default returns withdrawals requests catalogue meta queries releases";

class Format1Test : public testing::Test {
 protected:
  void SetUp() override {
    CopyGolden();
    const auto made = Open(folder_.path("made"));
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
      const auto store = Open(golden());
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
    const auto store = Open(golden());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(ChangeQueryAndWait(**store, MakeQueryChange(Key("RT2", "2025-05"), "why", 2, 0)).ok());
    CatalogueChange change;
    change.exceptions.emplace_back().mutable_exception()->set_participant("RT1");
    ASSERT_EQ(*ChangeAndWait(**store, change), 11);
  }
  const auto store = Open(golden());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GetQuery(Query(Key("RT2", "2025-05")))->events(0).sequence(), 10);
  EXPECT_EQ((*store)->ReadCatalogue()->exceptions.size(), 1);
}

// Made by the program of format 1, had it made backups.
TEST_F(Format1Test, ABackupOfItIsRestoredAndOpens) {
  const std::string backups = another_folder() + "-backups";
  Tamper(golden(), [&](rocksdb::DB& db, const Handles&) -> rocksdb::Status {
    v1::BackupRecord record;
    record.set_acknowledged_sequence(9);
    record.set_store_create_time_us(kNowUs);
    rocksdb::BackupEngine* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(backups), db.GetEnv(), &opened);
    const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
    return status.ok() ? engine->CreateNewBackupWithMetadata(&db, record.SerializeAsString()) : status;
  });
  const auto restored = RestoreBackup(backups, absl::nullopt, another_folder());
  ASSERT_TRUE(restored.ok()) << restored.status();
  {
    const auto store = Open(another_folder());
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectEverything(**store);
  }
  EXPECT_EQ(Description(another_folder()), kUpgraded);
}

TEST_F(Format1Test, AnUpgradeThatWasCutShortIsFinished) {
  Tamper(golden(), [](rocksdb::DB& db, const Handles&) { return MakeFamily(db, "queries"); });
  EXPECT_THAT(Description(golden()), testing::StartsWith("version 1, "));
  {
    const auto store = Open(golden());
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
      const absl::Status status = Open(golden(), env.get()).status();
      if (cut) files->LoseUnsynced();
      if (!status.ok()) {
        ++failed;
        EXPECT_THAT(status, HasCode(absl::StatusCode::kUnavailable));
      }
      {
        const auto store = Open(golden(), sound.get());
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
  const auto without_mark = Open(golden());
  ASSERT_THAT(without_mark, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(without_mark.status().message(), testing::HasSubstr("the file ACKNOWLEDGED is missing"));
  EXPECT_EQ(Description(golden()), kFormat1);

  CopyGolden();
  Tamper(golden(), [](rocksdb::DB& db, const Handles& handles) { return db.DropColumnFamily(handles[1]); });
  const auto without_returns = Open(golden());
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
    const auto store = Open(another_folder());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(SubmitAndWait(**store, MakeSubmission(Key("RT1"), "a")).ok());
    ASSERT_TRUE(ChangeQueryAndWait(**store, MakeQueryChange(Key("RT1"), "why", 1, 0)).ok());
  }
  EXPECT_EQ(Description(another_folder()), kUpgraded);
  EXPECT_EQ(ScanAllQueries(**Open(another_folder()), "").size(), 1);
}

// Queries and standing exceptions are there too, and what is new can be stored.
TEST(Format2Test, EveryRecordIsThereAndWhatIsNewCanBeStored) {
  const TemporaryFolder folder;
  const std::string golden = folder.path("golden");
  std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_2"), golden);
  const auto made = Open(folder.path("made"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat2(**made));
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat2(**made));
  {
    const auto store = Open(golden);
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
  EXPECT_EQ(Description(golden),
            "version 3, made 1750000000123456: default returns withdrawals requests catalogue queries meta releases");
  const auto store = Open(golden);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->ReadCatalogue()->enrolments.size(), 1);
  EXPECT_EQ((*store)->ReadCatalogue()->releases.size(), 1);
}

}  // namespace
}  // namespace quartermaster::storage
