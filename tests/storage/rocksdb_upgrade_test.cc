// Stores that older programs wrote. tests/storage/golden holds one of each older format, made once by the program of
// that format; each opens, has every record, and is of the present format afterwards.
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

constexpr int64_t kNowUs = 1'750'000'000'123'456;

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

// QM_GOLDEN_TO_MAKE=folder makes a store of the present format, before the format changes.
TEST(UpgradeTest, MakesAGoldenStore) {
  const char* const folder = std::getenv("QM_GOLDEN_TO_MAKE");
  if (folder == nullptr) GTEST_SKIP() << "QM_GOLDEN_TO_MAKE names no folder";
  for (const auto fill : {&FillFirstPart, &FillSecondPart}) {
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

class Format1Test : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(absl::StrCat(QM_GOLDEN_STORES, "/format_1"), golden());
    const auto made = Open(folder_.path("made"));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_NO_FATAL_FAILURE(FillFirstPart(**made));
    ASSERT_NO_FATAL_FAILURE(FillSecondPart(**made));
    expected_ = Everything(**made);
  }

  // A copy of the golden store.
  std::string golden() const { return folder_.path("golden"); }

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
  for (int opening = 0; opening < 2; ++opening) {
    const auto store = Open(golden());
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectEverything(**store);
  }
}

}  // namespace
}  // namespace quartermaster::storage
