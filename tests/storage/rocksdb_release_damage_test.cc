// Releases of which something was lost or changed behind the store's back: DATA_LOSS, never a shorter release.
#include <functional>

#include "rocksdb/db.h"
#include "storage/keys.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

const ReleaseKey kRelease = {"mhlda", "2025-26-Q1", 1};

class ReleaseDamageTest : public testing::Test {
 protected:
  // A store with two releases of a quarter, the first in three parts.
  void SetUp() override {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint32_t number : {1, 2}) {
      CatalogueChange change;
      NewRelease& release = change.releases.emplace_back();
      release.record.mutable_release()->set_collection(kRelease.collection);
      release.record.mutable_release()->set_period(kRelease.period);
      release.record.mutable_release()->set_number(number);
      release.parts = {"one", "two", "three"};
      ASSERT_TRUE(ChangeAndWait(**store, change).ok());
    }
  }

  absl::StatusOr<std::unique_ptr<Store>> Open() const {
    RocksDbStoreOptions options;
    options.data_dir = folder_.path("store");
    return OpenRocksDbStore(options);
  }

  void Tamper(const std::function<rocksdb::Status(rocksdb::DB&, rocksdb::ColumnFamilyHandle* releases)>& change) const {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const FamilyOnDisk& family : kFamilies) families.emplace_back(family.name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto status = rocksdb::DB::Open({}, folder_.path("store"), families, &handles, &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(opened);
    const auto changed = change(*db, handles[static_cast<size_t>(Family::kReleases)]);
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    ASSERT_TRUE(changed.ok()) << changed.ToString();
  }
  void Delete(const std::string& key) const {
    Tamper([&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* releases) { return db.Delete({}, releases, key); });
  }
  void Put(const std::string& key, const std::string& value) const {
    Tamper([&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* releases) { return db.Put({}, releases, key, value); });
  }

  static absl::Status Read(const Store& store, uint32_t number) {
    return store.ReadRelease(kRelease.collection, kRelease.period, number, [](const std::string&) { return true; });
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(ReleaseDamageTest, ALostPartIsDataLoss) {
  for (uint32_t part : {2, 1, 0}) {  // At the end, amid them, and all.
    Delete(ReleasePartKey{kRelease, part}.Encode());
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    const absl::Status read = Read(**store, 1);
    ASSERT_THAT(read, HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(read.message(), HasSubstr("release 1 of mhlda 2025-26-Q1 has 3 parts, but part "));
    EXPECT_TRUE(Read(**store, 2).ok());
  }
}

TEST_F(ReleaseDamageTest, APartTooManyIsDataLoss) {
  Put(ReleasePartKey{kRelease, 3}.Encode(), "");
  const absl::Status read = Read(**Open(), 1);
  ASSERT_THAT(read, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(read.message(), HasSubstr("has more parts than it says"));
}

TEST_F(ReleaseDamageTest, PartsWithoutTheirReleaseAreDataLoss) {
  Delete(kRelease.Encode());
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_THAT(Read(**store, 1), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT((*store)->ReadCatalogue(), HasCode(StatusCode::kDataLoss));
}

TEST_F(ReleaseDamageTest, WhatDoesNotReadBackIsDataLoss) {
  Put(ReleasePartKey{kRelease, 1}.Encode(), "garbage");
  const absl::Status part = Read(**Open(), 1);
  ASSERT_THAT(part, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(part.message(), HasSubstr("part 1 of release 1 of mhlda 2025-26-Q1: a record does not read back"));
  Put(kRelease.Encode(), "garbage");
  const auto store = Open();
  EXPECT_THAT(Read(**store, 1), HasCode(StatusCode::kDataLoss));
  const auto catalogue = (*store)->ReadCatalogue();
  ASSERT_THAT(catalogue, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(catalogue.status().message(), HasSubstr("release 1 of mhlda 2025-26-Q1: a record does not read back"));
}

}  // namespace
}  // namespace quartermaster::storage
