// An audit of which something was changed behind the store's back: its end is looked at when the store is opened, a gap
// when it is read, and what was changed amid it does not hang together any more.
#include <functional>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "storage/keys.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/audit_testing.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class AuditDamageTest : public testing::Test {
 protected:
  // A store with three lines, the second of a commit.
  void SetUp() override {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    Answer<uint64_t> first;
    (*store)->Audit({{"\"says\":\"first\""}}, first.Done());
    Submission submission = MakeSubmission(Key("RT1"), "a");
    submission.audit = "\"says\":\"second\"";
    ASSERT_TRUE(SubmitAndWait(**store, submission).ok());
    Answer<uint64_t> third;
    (*store)->Audit({{"\"says\":\"third\""}}, third.Done());
    ASSERT_EQ(*third.Wait(), 3);
    lines_ = ReadAudit(**store);
  }

  absl::StatusOr<std::unique_ptr<Store>> Open() const {
    RocksDbStoreOptions options;
    options.data_dir = folder_.path("store");
    return OpenRocksDbStore(options);
  }

  using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;
  void Tamper(const std::function<rocksdb::Status(rocksdb::DB&, const Handles&)>& change) const {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const FamilyOnDisk& family : kFamilies) families.emplace_back(family.name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    Handles handles;
    const auto status = rocksdb::DB::Open({}, folder_.path("store"), families, &handles, &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(opened);
    const auto changed = change(*db, handles);
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    ASSERT_TRUE(changed.ok()) << changed.ToString();
  }
  void Put(Family family, const std::string& key, const std::string& value) const {
    Tamper([&](rocksdb::DB& db, const Handles& handles) {
      return db.Put({}, handles[static_cast<size_t>(family)], key, value);
    });
  }
  void Delete(Family family, const std::string& key) const {
    Tamper([&](rocksdb::DB& db, const Handles& handles) {
      return db.Delete({}, handles[static_cast<size_t>(family)], key);
    });
  }

  void ExpectRefused(const std::string& saying) const {
    const auto store = Open();
    ASSERT_THAT(store, HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(store.status().message(), HasSubstr(saying));
  }

  static std::string KeyOfLine(uint64_t number) { return AuditKey{number}.Encode(); }

  std::vector<std::string> lines_;

 private:
  TemporaryFolder folder_;
};

TEST_F(AuditDamageTest, TheLastLineMustBeTheOneThatWasWritten) {
  std::string changed = lines_[2];
  changed[changed.size() - 3] ^= 1;
  Put(Family::kAudit, KeyOfLine(3), changed);
  ExpectRefused("line 3 of the audit, the last one, was changed.");
  Delete(Family::kAudit, KeyOfLine(3));
  ExpectRefused("the audit ends with line 2, but it had 3 lines.");
  Put(Family::kAudit, KeyOfLine(3), lines_[2]);
  Put(Family::kAudit, KeyOfLine(4), lines_[2]);
  ExpectRefused("the audit ends with line 4, but it had 3 lines.");
  Delete(Family::kAudit, KeyOfLine(4));
  EXPECT_TRUE(Open().ok());
}

TEST_F(AuditDamageTest, TheRecordOfTheEndMustBeThere) {
  Delete(Family::kMeta, kAuditRecordKey);
  ExpectRefused("the audit ends with line 3, but it had 0 lines.");
  Put(Family::kMeta, kAuditRecordKey, "garbage");
  ExpectRefused("does not read back as quartermaster.storage.v1.AuditRecord");
}

TEST_F(AuditDamageTest, AKeyThatIsNoNumberIsRefused) {
  Put(Family::kAudit, "zzz", "");
  ExpectRefused("audit line");
}

TEST_F(AuditDamageTest, AGapIsDataLossForWhoeverReads) {
  Delete(Family::kAudit, KeyOfLine(2));
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  std::vector<uint64_t> visited;
  const absl::Status scanned = (*store)->ScanAudit(1, [&](uint64_t number, absl::string_view) {
    visited.push_back(number);
    return true;
  });
  ASSERT_THAT(scanned, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(scanned.message(), HasSubstr("line 2 of the audit is not there"));
  EXPECT_THAT(visited, testing::ElementsAre(1));
}

// An opening does not hash years of lines; reading gives what lies there, and the next line tells that it was changed.
TEST_F(AuditDamageTest, AChangedLineIsGivenAsItIs) {
  std::string changed = lines_[1];
  changed[changed.size() - 3] ^= 1;
  Put(Family::kAudit, KeyOfLine(2), changed);
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  const std::vector<std::string> lines = ReadAudit(**store);
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[1], changed);
  EXPECT_THAT(lines[2], HasSubstr(HashAuditLine(lines_[1])));
  EXPECT_NE(HashAuditLine(changed), HashAuditLine(lines_[1]));
}

}  // namespace
}  // namespace quartermaster::storage
