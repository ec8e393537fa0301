// Damaged, foreign and newer folders: a store says what is wrong and refuses, rather than answer wrongly or start anew
// over what is there.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

constexpr int kReturns = 100;

std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Where the records of a RocksDB log start. Each has a head of 7 bytes: 4 of checksum, 2 of length, 1 of type. None
// starts in the last 6 bytes of a block.
constexpr size_t kLogHeadBytes = 7;
constexpr size_t kLogBlockBytes = 32768;
std::vector<size_t> LogRecords(const std::string& log) {
  std::vector<size_t> starts;
  for (size_t start = 0; start + kLogHeadBytes <= log.size();) {
    const size_t left = kLogBlockBytes - start % kLogBlockBytes;
    if (left < kLogHeadBytes) {
      start += left;
      continue;
    }
    starts.push_back(start);
    const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(log[start + i])); };
    start += kLogHeadBytes + byte(4) + (byte(5) << 8);
  }
  return starts;
}

class DamageTest : public testing::Test {
 protected:
  // A store with returns RT0 to RT99, all in the log, and RT0 withdrawn.
  void SetUp() override {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < kReturns; ++i) {
      Submission submission = MakeSubmission(Key(absl::StrCat("RT", i)), std::string(200, 'x'), RequestId(i));
      (*store)->Submit(submission, nullptr, [](const auto& result) { ASSERT_TRUE(result.ok()) << result.status(); });
    }
    ASSERT_TRUE(WithdrawAndWait(**store, MakeWithdrawal(Key("RT0"), "why", RequestId(1000))).ok());
    CatalogueChange change;
    change.participants.emplace_back().mutable_participant()->set_code("RT1");
    ASSERT_TRUE(ChangeAndWait(**store, change).ok());
  }

  std::string folder() const { return folder_.path("store"); }
  std::string file(const std::string& name) const { return absl::StrCat(folder(), "/", name); }

  absl::StatusOr<std::unique_ptr<Store>> Open() const {
    RocksDbStoreOptions options;
    options.data_dir = folder();
    options.max_group_writes = 5;  // The log has many records.
    options.env = env_.get();
    return OpenRocksDbStore(options);
  }

  // Files whose names end so.
  std::vector<std::string> FilesLike(const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      if (absl::EndsWith(entry.path().string(), ending)) found.push_back(entry.path());
    }
    return found;
  }

  using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;
  // Changes the database behind the store's back. The handles are in the order of Family.
  void Tamper(const std::function<rocksdb::Status(rocksdb::DB&, const Handles&)>& change) const {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const FamilyOnDisk& family : kFamilies) families.emplace_back(family.name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    Handles handles;
    const auto status = rocksdb::DB::Open(rocksdb::DBOptions(), folder(), families, &handles, &opened);
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

  void ExpectRefused(StatusCode code, const std::string& saying) const {
    const auto store = Open();
    ASSERT_THAT(store, HasCode(code));
    EXPECT_THAT(store.status().message(), HasSubstr(saying));
  }
  absl::Status OpenAndScan(std::vector<std::string>& found) const {
    const auto store = Open();
    if (!store.ok()) return store.status();
    return (*store)->ScanReturns({}, [&](const StoredReturn& stored) {
      found.push_back(FullText(stored));
      return true;
    });
  }
  absl::Status Scan(const Store& store) const {
    return store.ScanReturns({}, [](const StoredReturn&) { return true; });
  }
  absl::Status ScanQueries(const Store& store) const {
    return store.ScanQueries("", [](const QueryName&, const v1::QueryRecord&) { return true; });
  }

 private:
  TemporaryFolder folder_;
  // Nothing fails here; but syncs are not waited for.
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());
};

TEST_F(DamageTest, WhatMustBeThereIsLookedFor) {
  Delete(Family::kMeta, kStoreRecordKey);
  ExpectRefused(StatusCode::kDataLoss,
                "the record of its format is missing. It was not opened, so that nothing is answered wrongly. Keep the "
                "folder, and ");
  Put(Family::kMeta, kStoreRecordKey, "garbage");
  ExpectRefused(StatusCode::kDataLoss, "does not read back as quartermaster.storage.v1.StoreRecord");
  Put(Family::kMeta, kStoreRecordKey, "");  // Format version 0.
  ExpectRefused(StatusCode::kDataLoss, "StoreRecord");
}

TEST_F(DamageTest, TheLastCommitMustBeThere) {
  Put(Family::kMeta, kCommitRecordKey, "");
  ExpectRefused(StatusCode::kDataLoss, "commit 102 was acknowledged, but the last one here is 0");
  Delete(Family::kMeta, kCommitRecordKey);
  ExpectRefused(StatusCode::kDataLoss, "the record of the last commit is missing");
  v1::CommitRecord commit;
  commit.set_sequence(101);
  Put(Family::kMeta, kCommitRecordKey, Serialize(commit));
  ExpectRefused(StatusCode::kDataLoss, "commit 102 was acknowledged, but the last one here is 101");
}

TEST_F(DamageTest, ANewerFormatIsRefusedWithARemedy) {
  v1::StoreRecord record;
  record.set_format_version(kFormatVersion + 1);
  Put(Family::kMeta, kStoreRecordKey, Serialize(record));
  ExpectRefused(
      StatusCode::kFailedPrecondition,
      "the store has format version 5; this program reads up to 4. Start the version of the program that wrote");
}

TEST_F(DamageTest, AnUnknownFamilyIsRefusedWithARemedy) {
  Tamper([](rocksdb::DB& db, const Handles&) {
    rocksdb::ColumnFamilyHandle* made = nullptr;
    const auto status = db.CreateColumnFamily({}, "figures", &made);
    return status.ok() ? db.DestroyColumnFamilyHandle(made) : status;
  });
  ExpectRefused(StatusCode::kFailedPrecondition, "a column family \"figures\" that this program does not know");
}

TEST_F(DamageTest, EveryFamilyIsMissed) {
  for (const Family family : {Family::kReturns, Family::kWithdrawals, Family::kRequests, Family::kCatalogue,
                              Family::kQueries, Family::kReleases, Family::kAudit}) {
    const std::string copy = folder() + "-copy";
    std::filesystem::copy(folder(), copy, std::filesystem::copy_options::recursive);
    Tamper([&](rocksdb::DB& db, const Handles& handles) {
      return db.DropColumnFamily(handles[static_cast<size_t>(family)]);
    });
    ExpectRefused(StatusCode::kDataLoss, "a column family is missing");
    std::filesystem::remove_all(folder());
    std::filesystem::rename(copy, folder());
  }
  Tamper([](rocksdb::DB& db, const Handles& handles) { return db.DropColumnFamily(handles.back()); });
  ExpectRefused(StatusCode::kDataLoss, "commit 102 was acknowledged, but the last one here is 0");
}

TEST_F(DamageTest, NoNewStoreIsMadeOverAnOldOne) {
  std::filesystem::remove(file("CURRENT"));
  const size_t files = FilesLike("").size();
  ExpectRefused(StatusCode::kDataLoss, "but no CURRENT");
  EXPECT_EQ(FilesLike("").size(), files);
}

TEST_F(DamageTest, TheMarkMustBeThereAndReadable) {
  const std::string mark = ReadBytes(file("ACKNOWLEDGED"));
  EXPECT_EQ(mark, "00000000000000000102 18446744073709551513\n");
  std::filesystem::remove(file("ACKNOWLEDGED"));
  ExpectRefused(StatusCode::kDataLoss, "the file ACKNOWLEDGED is missing");
  for (const std::string& bad : {std::string(), mark.substr(1), mark + "\n", "1" + mark.substr(1),
                                 std::string(42, '\0'), mark.substr(0, 21) + "0" + mark.substr(22)}) {
    WriteBytes(file("ACKNOWLEDGED"), bad);
    ExpectRefused(StatusCode::kDataLoss, "ACKNOWLEDGED is damaged");
  }
  WriteBytes(file("ACKNOWLEDGED"), mark);
  EXPECT_TRUE(Open().ok());
}

// RocksDB alone forgives some of these as a torn tail; see acknowledged_mark.h.
TEST_F(DamageTest, AFlippedBitInTheLogIsNeverForgiven) {
  const std::string copy = folder() + "-copy";
  std::filesystem::copy(folder(), copy, std::filesystem::copy_options::recursive);
  const std::vector<std::string> logs = FilesLike(".log");
  ASSERT_EQ(logs.size(), 1);
  const std::string log = ReadBytes(logs[0]);
  ASSERT_GT(log.size(), 20000);
  const std::vector<size_t> records = LogRecords(log);
  ASSERT_GT(records.size(), 20);
  std::set<size_t> places;  // All of three heads, and some of everything.
  for (const size_t record : {records.front(), records[records.size() / 2], records.back()}) {
    for (size_t i = 0; i < kLogHeadBytes; ++i) places.insert(record + i);
  }
  const size_t step = std::max<size_t>(1, log.size() / Repetitions(25));
  for (size_t place = 0; place < log.size(); place += step) places.insert(place);
  for (const size_t place : places) {
    std::string damaged = log;
    damaged[place] = static_cast<char>(damaged[place] ^ (1 << place % 8));
    WriteBytes(logs[0], damaged);
    EXPECT_THAT(Open(), HasCode(StatusCode::kDataLoss)) << "byte " << place;
    std::filesystem::remove_all(folder());
    std::filesystem::copy(copy, folder(), std::filesystem::copy_options::recursive);
  }
  EXPECT_TRUE(Open().ok()) << "the copy is sound";
}

TEST_F(DamageTest, ALogCutShortOfWhatWasAcknowledgedIsRefused) {
  const std::vector<std::string> logs = FilesLike(".log");
  ASSERT_EQ(logs.size(), 1);
  std::filesystem::resize_file(logs[0], std::filesystem::file_size(logs[0]) - 20);
  ExpectRefused(StatusCode::kDataLoss, "commit 102 was acknowledged, but the last one here is 101");
}

TEST_F(DamageTest, ATornRecordAfterWhatWasAcknowledgedIsForgiven) {
  const std::vector<std::string> logs = FilesLike(".log");
  ASSERT_EQ(logs.size(), 1);
  const std::string log = ReadBytes(logs[0]);
  // The head of a record and a little of its body; the rest never reached the disk.
  WriteBytes(logs[0], log + log.substr(0, 20));
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->last_sequence(), 102);
}

TEST_F(DamageTest, AFlippedBitInATableIsNeverAnsweredFrom) {
  ASSERT_TRUE(Open().ok());  // Recovery moves the log into tables.
  ASSERT_TRUE(Open().ok());
  std::vector<std::string> sound;
  ASSERT_TRUE(OpenAndScan(sound).ok());
  ASSERT_EQ(sound.size(), kReturns);
  const std::string copy = folder() + "-copy";
  std::filesystem::copy(folder(), copy, std::filesystem::copy_options::recursive);
  const std::vector<std::string> tables = FilesLike(".sst");
  ASSERT_GE(tables.size(), 5);
  int noticed = 0;
  for (const std::string& table : tables) {
    const std::string bytes = ReadBytes(table);
    const size_t step = std::max<size_t>(1, bytes.size() / Repetitions(4));
    for (size_t place = 0; place < bytes.size(); place += step) {
      std::string damaged = bytes;
      damaged[place] = static_cast<char>(damaged[place] ^ 4);
      WriteBytes(table, damaged);
      std::vector<std::string> found;
      const absl::Status status = OpenAndScan(found);
      if (status.ok()) {
        EXPECT_EQ(found, sound) << table << " byte " << place;
      } else {
        EXPECT_THAT(status, HasCode(StatusCode::kDataLoss)) << table << " byte " << place;
        ++noticed;
      }
      std::filesystem::remove_all(folder());
      std::filesystem::copy(copy, folder(), std::filesystem::copy_options::recursive);
    }
  }
  EXPECT_GT(noticed, 10);
}

TEST_F(DamageTest, RecordsThatDoNotReadBackAreDataLoss) {
  const RevisionKey key = {Key("RT5"), 1};
  Put(Family::kReturns, key.Encode(), "garbage");
  {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    const auto got = (*store)->GetReturn(Key("RT5"), absl::nullopt);
    ASSERT_THAT(got, HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(got.status().message(), HasSubstr("mhlda adult-inpatient RT5 2025-04, revision 1: a record does not"));
    EXPECT_THAT(Scan(**store), HasCode(StatusCode::kDataLoss));
    EXPECT_THAT((*store)->FindSubmission(RequestId(5), Key("RT5"), "hash of " + std::string(200, 'x')),
                HasCode(StatusCode::kDataLoss));
    EXPECT_TRUE((*store)->GetReturn(Key("RT6"), absl::nullopt).ok());
  }
  Delete(Family::kReturns, key.Encode());
  const auto store = Open();
  EXPECT_TRUE(Scan(**store).ok());
  const auto found = (*store)->FindSubmission(RequestId(5), Key("RT5"), "hash of " + std::string(200, 'x'));
  ASSERT_THAT(found, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(found.status().message(), HasSubstr("which is not there"));
}

TEST_F(DamageTest, ARecordUnderAnotherKeyIsDataLoss) {
  v1::ReturnRecord record;
  {
    const auto store = Open();
    record = (*store)->GetReturn(Key("RT5"), absl::nullopt)->record;
  }
  Put(Family::kReturns, RevisionKey{Key("RT5"), 2}.Encode(), record.SerializeAsString());
  const auto store = Open();
  EXPECT_THAT((*store)->GetReturn(Key("RT5"), absl::nullopt), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(Scan(**store), HasCode(StatusCode::kDataLoss));
}

TEST_F(DamageTest, AWithdrawalWithoutItsReturnIsDataLoss) {
  for (const char* participant : {"RT0", "ZZ9"}) {  // Amid the returns, and after all of them.
    v1::WithdrawalRecord withdrawal;
    withdrawal.set_revision(7);
    withdrawal.set_sequence(1);
    const RevisionKey key = {Key(participant), 7};
    Put(Family::kWithdrawals, key.Encode(), Serialize(key, withdrawal));
    {
      const auto store = Open();
      const absl::Status scan = Scan(**store);
      ASSERT_THAT(scan, HasCode(StatusCode::kDataLoss));
      EXPECT_THAT(scan.message(), HasSubstr(absl::StrCat(participant, " 2025-04, revision 7, but not the return")));
    }
    Delete(Family::kWithdrawals, key.Encode());
  }
}

TEST_F(DamageTest, AQueryWithoutItsReturnIsDataLoss) {
  v1::QueryRecord record;
  *record.add_events() = MakeEvent("a");
  record.mutable_events(0)->set_sequence(1);
  Put(Family::kQueries, QueryKey{Query(Key("RT5"))}.Encode(), Serialize(record));
  EXPECT_TRUE(ScanQueries(**Open()).ok());
  for (const char* participant : {"RT1", "ZZ9"}) {  // Amid the returns, and after all of them.
    const std::string key = QueryKey{Query(Key(participant, "2030-01"))}.Encode();
    Put(Family::kQueries, key, Serialize(record));
    const absl::Status scan = ScanQueries(**Open());
    ASSERT_THAT(scan, HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(scan.message(), HasSubstr(absl::StrCat(participant, " 2030-01, query maximum of beds.open, but not")));
    Delete(Family::kQueries, key);
  }
}

TEST_F(DamageTest, QueriesThatDoNotReadBackAreDataLoss) {
  const std::string key = QueryKey{Query(Key("RT5"))}.Encode();
  for (const char* bytes : {"garbage", ""}) {
    Put(Family::kQueries, key, bytes);
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_THAT(ScanQueries(**store), HasCode(StatusCode::kDataLoss));
    const auto got = (*store)->GetQuery(Query(Key("RT5")));
    ASSERT_THAT(got, HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(got.status().message(), HasSubstr("RT5 2025-04, query maximum of beds.open: a record "));
    EXPECT_THAT(ChangeQueryAndWait(**store, MakeQueryChange(Key("RT5"), "a", 1, 0)), HasCode(StatusCode::kDataLoss));
    EXPECT_TRUE((*store)->GetQuery(Query(Key("RT6"))).ok());
  }
  Delete(Family::kQueries, key);
  Put(Family::kQueries, RevisionKey{Key("RT5"), 1}.Encode(), "");
  EXPECT_THAT(ScanQueries(**Open()), HasCode(StatusCode::kDataLoss));
}

TEST_F(DamageTest, KeysThatAreNoneAreDataLoss) {
  for (const std::string& key : {std::string("x"), std::string("zz\0\1", 4), std::string("\0", 1)}) {
    Put(Family::kReturns, key, "");
    EXPECT_THAT(Scan(**Open()), HasCode(StatusCode::kDataLoss));
    Delete(Family::kReturns, key);
  }
  for (const std::string& key : {std::string("\x01x"), std::string("\x04x"), std::string("\x09x"), std::string()}) {
    Put(Family::kCatalogue, key, "");
    EXPECT_THAT((*Open())->ReadCatalogue(), HasCode(StatusCode::kDataLoss));
    Delete(Family::kCatalogue, key);
  }
  Put(Family::kCatalogue, ParticipantKey{"RT7"}.Encode(), "");  // A record without its code.
  EXPECT_THAT((*Open())->ReadCatalogue(), HasCode(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace quartermaster::storage
