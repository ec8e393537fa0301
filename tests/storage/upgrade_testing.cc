// Fills stores with what each format can hold, and looks at a store behind its back.
#include "tests/storage/upgrade_testing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

// Of the first standing exception of format 2, and of the first window grant and token of format 3.
constexpr uint64_t kExceptionId = 7;
constexpr uint64_t kGrantId = 8;

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

v1::EnrolmentRecord MakeEnrolment(const std::string& participant, const std::string& to) {
  v1::EnrolmentRecord record;
  record.mutable_enrolment()->set_collection("mhlda");
  record.mutable_enrolment()->set_service("adult-inpatient");
  record.mutable_enrolment()->set_participant(participant);
  record.mutable_enrolment()->set_to(to);
  return record;
}

v1::WindowGrantRecord MakeWindowGrant(uint64_t id, const std::string& ended_by) {
  v1::WindowGrantRecord record;
  quartermaster::v1::WindowGrant& grant = *record.mutable_grant();
  grant.set_id(id);
  grant.set_collection("mhlda");
  grant.set_participant("RT1");
  grant.set_granted_by("office");
  grant.set_ended_by(ended_by);
  return record;
}

v1::TokenRecord MakeToken(uint64_t id, const std::string& revoked_by) {
  v1::TokenRecord record;
  quartermaster::v1::Token& token = *record.mutable_token();
  token.set_id(id);
  token.set_principal("jo.bloggs");
  token.add_roles(quartermaster::v1::ROLE_STEWARD);
  token.set_revoked_by(revoked_by);
  record.set_secret_sha256(std::string(32, 's'));
  return record;
}

v1::ShownRecord MakeShown(uint64_t data_sequence) {
  v1::ShownRecord record;
  record.set_collection("mhlda");
  record.set_service("adult-inpatient");
  record.set_period("2025-04");
  v1::ShownCell& cell = *record.add_cells();
  cell.set_indicator("occupancy");
  cell.set_data_sequence(data_sequence);
  cell.mutable_statistics()->set_n(7);
  return record;
}

NewRelease MakeRelease(uint32_t number) {
  NewRelease release;
  release.record.mutable_release()->set_collection("mhlda");
  release.record.mutable_release()->set_period("2025-04");
  release.record.mutable_release()->set_number(number);
  release.record.add_statistics()->set_n(number);
  release.parts = {absl::StrCat("first of ", number), "second"};
  return release;
}

// A write of each kind with its line, and lines without a write. `part` tells one part from another.
void FillAudit(Store& store, const std::string& part) {
  const auto members = [&part](const std::string& rpc) {
    return absl::StrCat(R"("principal":"jo","rpc":")", rpc, R"(","outcome":"stored","part":")", part, "\"");
  };
  const std::string participant = absl::StrCat("RT5-", part);
  Submission submission = MakeSubmission(Key(participant), "g");
  submission.audit = members("SubmitReturn");
  ASSERT_TRUE(SubmitAndWait(store, submission).ok());
  QueryChange said = MakeQueryChange(Key(participant), "moved", 1, 0);
  said.audit = members("ExplainQuery");
  ASSERT_TRUE(ChangeQueryAndWait(store, said).ok());
  WithdrawalRequest withdrawal = MakeWithdrawal(Key(participant), "closed");
  withdrawal.audit = members("WithdrawReturn");
  ASSERT_TRUE(WithdrawAndWait(store, withdrawal).ok());
  CatalogueChange change;
  change.participants = {MakeParticipant(participant, "five")};
  change.audit = members("ImportParticipants");
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
  Answer<uint64_t> number;
  store.Audit({{members("GetReturn"), members("Extract")}}, number.Done());
  ASSERT_TRUE(number.Wait().ok());
}

template <typename Record>
void AddTexts(const std::vector<Record>& records, std::vector<std::string>& lines) {
  for (const Record& record : records) lines.push_back(record.DebugString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenAsBefore(const std::string& folder, rocksdb::Env* env) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.clock = [] { return absl::FromUnixMicros(kUpgradeNowUs); };
  options.env = env;
  return OpenRocksDbStore(options);
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

void FillFirstPartOfFormat3(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat2(store));
  CatalogueChange change;
  change.enrolments = {MakeEnrolment("RT1", ""), MakeEnrolment("RT2", "")};
  change.window_grants = {MakeWindowGrant(0, "")};
  change.tokens = {MakeToken(0, "")};
  ASSERT_EQ(*ChangeAndWait(store, change), kGrantId);
  CatalogueChange published;
  published.shown = {MakeShown(4)};
  published.releases = {MakeRelease(1)};
  ASSERT_TRUE(ChangeAndWait(store, published).ok());
}

void FillSecondPartOfFormat3(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat2(store));
  CatalogueChange change;
  change.enrolments = {MakeEnrolment("RT2", "2025-12")};
  change.window_grants = {MakeWindowGrant(kGrantId, "office")};
  change.tokens = {MakeToken(kGrantId, "office")};
  ASSERT_TRUE(ChangeAndWait(store, change).ok());
  CatalogueChange published;
  published.shown = {MakeShown(12)};
  published.releases = {MakeRelease(2)};
  ASSERT_TRUE(ChangeAndWait(store, published).ok());
}

void FillFirstPartOfFormat4(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillFirstPartOfFormat3(store));
  ASSERT_NO_FATAL_FAILURE(FillAudit(store, "first"));
}

void FillSecondPartOfFormat4(Store& store) {
  ASSERT_NO_FATAL_FAILURE(FillSecondPartOfFormat3(store));
  ASSERT_NO_FATAL_FAILURE(FillAudit(store, "second"));
}

std::vector<std::string> Everything(Store& store) {
  ReturnFilter filter;
  filter.all_revisions = true;
  std::vector<std::string> lines;
  for (const StoredReturn& stored : ScanAll(store, filter)) lines.push_back(FullText(stored));
  for (const std::string& query : ScanAllQueries(store, "")) lines.push_back(query);
  const absl::StatusOr<Catalogue> catalogue = store.ReadCatalogue();
  EXPECT_TRUE(catalogue.ok()) << catalogue.status();
  if (!catalogue.ok()) return lines;
  AddTexts(catalogue->collections, lines);
  AddTexts(catalogue->participants, lines);
  AddTexts(catalogue->populations, lines);
  AddTexts(catalogue->exceptions, lines);
  AddTexts(catalogue->enrolments, lines);
  AddTexts(catalogue->window_grants, lines);
  AddTexts(catalogue->tokens, lines);
  AddTexts(catalogue->shown, lines);
  AddTexts(catalogue->releases, lines);
  for (const v1::ReleaseRecord& record : catalogue->releases) {
    const quartermaster::v1::Release& release = record.release();
    const absl::Status read =
        store.ReadRelease(release.collection(), release.period(), release.number(), [&](const std::string& part) {
          lines.push_back(absl::StrCat("part ", part));
          return true;
        });
    EXPECT_TRUE(read.ok()) << read;
  }
  lines.push_back(absl::StrCat("last commit ", store.last_sequence()));
  return lines;
}

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

}  // namespace quartermaster::storage
