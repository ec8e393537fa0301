// A moment of a store of which the record of the last commit has rotted since it was opened.
#include "storage/store_moment.h"

#include "storage/records.h"
#include "storage/rocksdb_database.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;

TEST(StoreMomentTest, ALastCommitThatDoesNotReadBackIsDataLoss) {
  const TemporaryFolder folder;
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());
  const auto database = Database::Open(folder.path("store"), env.get(), absl::UnixEpoch(), /*create_if_missing=*/true);
  ASSERT_TRUE(database.ok()) << database.status();
  const auto take = [&database = **database] { return StoreMoment::Take(&database, *database.BeginReading()); };
  rocksdb::DB* const db = (*database)->db();
  rocksdb::ColumnFamilyHandle* const meta = (*database)->family(Family::kMeta);

  v1::CommitRecord commit;
  commit.set_sequence(7);
  ASSERT_TRUE(db->Put({}, meta, kCommitRecordKey, Serialize(commit)).ok());
  {
    const auto moment = take();
    ASSERT_TRUE(moment.ok()) << moment.status();
    EXPECT_EQ((*moment)->last_sequence(), 7);
    ASSERT_TRUE(db->Put({}, meta, kCommitRecordKey, "garbage").ok());
    EXPECT_EQ((*moment)->last_sequence(), 7);
  }
  EXPECT_THAT(take(), HasCode(StatusCode::kDataLoss));
  ASSERT_TRUE(db->Delete({}, meta, kCommitRecordKey).ok());
  EXPECT_THAT(take(), HasCode(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace quartermaster::storage
