#include "storage/folders.h"

#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

TEST(FoldersTest, SlashesAtTheEndDoNotCount) {
  const struct {
    const char* path;
    const char* without;
    const char* above;
  } kRows[] = {
      {"store", "store", "."},     {"store/", "store", "."},    {"/store", "/store", "/"},
      {"/store//", "/store", "/"}, {"a/store", "a/store", "a"}, {"a//store/", "a//store", "a"},
      {"/a/b/", "/a/b", "/a"},     {"./store", "./store", "."}, {"/", "/", "/"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(WithoutSlashesAtEnd(row.path), row.without) << row.path;
    EXPECT_EQ(FolderAbove(row.path), row.above) << row.path;
  }
}

TEST(FoldersTest, AFolderAboveThatIsNotThereIsNotSynced) {
  const TemporaryFolder folder;
  EXPECT_TRUE(SyncFolderAbove(nullptr, folder.path("new/")).ok());
  EXPECT_FALSE(SyncFolderAbove(nullptr, folder.path("not/there")).ok());
}

}  // namespace
}  // namespace quartermaster::storage
