// A store with backups in a folder beside it, and what a restored one must hold.
#ifndef QUARTERMASTER_TESTS_STORAGE_BACKUP_FIXTURE_H_
#define QUARTERMASTER_TESTS_STORAGE_BACKUP_FIXTURE_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/acknowledged_mark.h"
#include "storage/backup.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/folder_faults.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {

class BackupTest : public testing::Test {
 protected:
  std::string backup_dir() const { return folder_.path("backups"); }
  std::string store_dir() const { return folder_.path("store"); }
  // A new path each time.
  std::string NextFolder() { return folder_.path(absl::StrCat("restored", ++folders_)); }

  absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& store_dir) const {
    return OpenOn(sound_.get(), store_dir);
  }
  static absl::StatusOr<std::unique_ptr<Store>> OpenOn(rocksdb::Env* env, const std::string& store_dir) {
    RocksDbStoreOptions options;
    options.data_dir = store_dir;
    options.env = env;
    return OpenRocksDbStore(options);
  }

  absl::StatusOr<Backup> MakeBackup(Store& store, uint32_t backups_kept = kBackupsKept) const {
    BackupOptions options;
    options.backup_dir = backup_dir();
    options.backups_kept = backups_kept;
    return store.CreateBackup(options);
  }

  absl::StatusOr<Backup> Restore(absl::optional<uint32_t> id, const std::string& store_dir) const {
    return RestoreBackup(backup_dir(), id, store_dir, sound_.get());
  }

  // Stores the next return, if it is not there yet.
  static absl::Status TryToWrite(Store& store, uint64_t number) {
    return SubmitAndWait(store, MakeSubmission(Key(absl::StrCat("RT", number)), absl::StrCat("content ", number),
                                               RequestId(number)))
        .status();
  }
  static void Write(Store& store, uint64_t number) {
    const absl::Status written = TryToWrite(store, number);
    ASSERT_TRUE(written.ok()) << written;
  }

  // Restores the backup into a new folder and opens it: it has just the returns 1 to n for some n of `least` or more.
  void ExpectRestores(absl::optional<uint32_t> id, uint64_t least) {
    const std::string folder = NextFolder();
    const auto restored = Restore(id, folder);
    ASSERT_TRUE(restored.ok()) << restored.status();
    ASSERT_FALSE(std::filesystem::exists(folder + kUnfinishedRestoreSuffix));
    ExpectHolds(folder, least);
    std::filesystem::remove_all(folder);
  }

  void ExpectHolds(const std::string& folder, uint64_t least) const {
    const auto mark = AcknowledgedMark::Read(sound_.get(), folder);
    ASSERT_TRUE(mark.ok() && mark->has_value()) << mark.status();
    const auto store = Open(folder);
    ASSERT_TRUE(store.ok()) << store.status();
    const uint64_t last = (*store)->last_sequence();
    ASSERT_EQ(last, **mark);
    ASSERT_GE(last, least);
    ASSERT_TRUE((*store)->VerifyChecksums([] { return false; }).ok());
    ReturnFilter all;
    all.all_revisions = true;
    ASSERT_EQ(ScanAll(**store, all).size(), last);
    for (uint64_t number = 1; number <= last; ++number) {
      const auto found = (*store)->GetReturn(Key(absl::StrCat("RT", number)), absl::nullopt);
      ASSERT_TRUE(found.ok()) << found.status();
      ASSERT_EQ(found->record.data(), absl::StrCat("content ", number));
    }
    // It takes the next one.
    Write(**store, last + 1);
  }

  static std::vector<uint32_t> Ids(const BackupList& list) {
    std::vector<uint32_t> ids;
    for (const Backup& backup : list.backups) ids.push_back(backup.id);
    return ids;
  }
  BackupList List() const {
    const auto list = ListBackups(backup_dir());
    EXPECT_TRUE(list.ok()) << list.status();
    return *list;
  }

  // The tables that backups share, in the order of their numbers.
  std::vector<std::string> SharedTables() const {
    std::vector<std::string> tables;
    for (const auto& entry : std::filesystem::directory_iterator(backup_dir() + "/shared_checksum")) {
      tables.push_back(entry.path().string());
    }
    std::sort(tables.begin(), tables.end());
    return tables;
  }
  static void FlipABit(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(100);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(100);
    file.put(byte);
  }

  TemporaryFolder folder_;
  // A disk on which nothing fails, and which nobody waits for.
  const std::unique_ptr<rocksdb::Env> sound_ = rocksdb::NewCompositeEnv(std::make_shared<FolderFaults>());

 private:
  int folders_ = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_BACKUP_FIXTURE_H_
