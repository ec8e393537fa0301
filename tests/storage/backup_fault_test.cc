// Disks that fail and power that goes while a backup is made or restored: the store goes on serving, backups made
// before can be restored, and what is not whole is neither listed nor opened. By default it is every fifth operation
// from a random one that fails; QM_TEST_EFFORT=2 or more makes it every one.
#include <filesystem>
#include <iostream>
#include <random>

#include "tests/storage/backup_fixture.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/folder_faults.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::ElementsAre;

// In a folder where there are many operations.
const uint64_t kStep = Repetitions(1) > 1 ? 1 : 5;

class BackupFaultTest : public BackupTest {
 protected:
  // Fails each operation on the folder, or a sample of them, while a backup is made: the store goes on, or does once it
  // is opened again where its own log could not be synced; backups made before stay, what is listed is whole.
  void FailEveryOperation(const std::string& folder, uint64_t step, FolderFaults::Mode mode) {
    const auto files = std::make_shared<FolderFaults>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    auto store = OpenOn(env.get(), store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, 1);
    absl::StatusOr<Backup> good = MakeBackup(**store, /*backups_kept=*/2);
    ASSERT_TRUE(good.ok()) << good.status();
    uint64_t written = 1;
    uint64_t failures = 0;
    for (uint64_t n = FirstOperation(step);; n += step) {
      SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed_, ": operation ", n, " fails"));
      files->Arm(n, mode, folder);
      const absl::StatusOr<Backup> made = MakeBackup(**store, /*backups_kept=*/2);
      const bool has_failed = files->Disarm();
      ASSERT_TRUE(made.ok() || has_failed) << made.status();
      if (made.ok() && has_failed) ExpectRestores(made->id, made->acknowledged_sequence);
      ++written;
      if (has_failed && folder == store_dir() && !TryToWrite(**store, written).ok()) {
        store->reset();
        store = OpenOn(env.get(), store_dir());
        ASSERT_TRUE(store.ok()) << store.status();
      }
      Write(**store, written);
      if (made.ok()) good = made;
      CheckListed(*good);
      if (HasFatalFailure() || !has_failed) break;
      // Once the disk is well the next one is made, and clears away what the failed one left.
      if (!made.ok()) ++failures;
      good = MakeBackup(**store, /*backups_kept=*/2);
      ASSERT_TRUE(good.ok()) << good.status();
      ASSERT_EQ(good->acknowledged_sequence, written);
      ASSERT_EQ(Ids(List()).size(), 2u);
    }
    ExpectRestores(good->id, good->acknowledged_sequence);
    std::cout << failures << " backups failed" << std::endl;
    EXPECT_GT(failures, 5u / step);
  }

  uint64_t FirstOperation(uint64_t step) { return 1 + random_() % step; }

  // All that are listed are whole. Removing older ones may be what failed: then newer ones may stand for the last good.
  void CheckListed(const Backup& good) {
    const std::vector<uint32_t> ids = Ids(List());
    ASSERT_FALSE(ids.empty());
    ASSERT_TRUE(ids.front() <= good.id || ids.size() >= 2) << ids.front();
    for (const uint32_t id : ids) ASSERT_TRUE(VerifyBackup(backup_dir(), id).ok()) << id;
    if (ids.back() != good.id) ExpectRestores(ids.back(), good.acknowledged_sequence);
  }

  const uint64_t seed_ = TestSeed();

 private:
  std::mt19937_64 random_{seed_};
};

TEST_F(BackupFaultTest, AnyOperationOfABackupMayFailOnce) {
  FailEveryOperation(backup_dir(), kStep, FolderFaults::Mode::kOnce);
}

TEST_F(BackupFaultTest, FromAnyOperationOfABackupOnAllMayFail) {
  FailEveryOperation(backup_dir(), kStep, FolderFaults::Mode::kForEver);
}

TEST_F(BackupFaultTest, AnyOperationOnTheStoreMayFailOnce) {
  FailEveryOperation(store_dir(), 1, FolderFaults::Mode::kOnce);
}

TEST_F(BackupFaultTest, FromAnyOperationOnTheStoreOnAllMayFail) {
  FailEveryOperation(store_dir(), 1, FolderFaults::Mode::kForEver);
}

TEST_F(BackupFaultTest, AnyOperationOfARestoreMayFail) {
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, 1);
    Write(**store, 2);
    ASSERT_TRUE(MakeBackup(**store).ok());
  }
  for (const FolderFaults::Mode mode : {FolderFaults::Mode::kOnce, FolderFaults::Mode::kForEver}) {
    const std::string folder = NextFolder();
    for (uint64_t n = FirstOperation(kStep);; n += kStep) {
      SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed_, ": operation ", n, " fails"));
      const auto files = std::make_shared<FolderFaults>();
      const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
      files->Arm(n, mode);
      const auto restored = RestoreBackup(backup_dir(), absl::nullopt, folder, env.get());
      const bool has_failed = files->Disarm();
      ASSERT_TRUE(restored.ok() || has_failed) << restored.status();
      if (std::filesystem::exists(folder)) {
        ExpectHolds(folder, 2);
      } else {
        ASSERT_FALSE(restored.ok());
        if (std::filesystem::exists(folder + kUnfinishedRestoreSuffix)) {
          EXPECT_THAT(Open(folder), HasCode(StatusCode::kFailedPrecondition));
        }
        ASSERT_TRUE(Restore(absl::nullopt, folder).ok()) << "another attempt";
        ExpectHolds(folder, 2);
      }
      std::filesystem::remove_all(folder);
      if (HasFatalFailure() || !has_failed) break;
    }
  }
}

// The power goes at each sync; what was not synced is lost.
TEST_F(BackupFaultTest, PowerMayGoWhileABackupIsMade) {
  uint64_t cuts = 0;
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("power goes at sync ", n));
    std::filesystem::remove_all(store_dir());
    std::filesystem::remove_all(backup_dir());
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    absl::StatusOr<Backup> second = absl::UnknownError("");
    {
      auto store = OpenOn(env.get(), store_dir());
      ASSERT_TRUE(store.ok()) << store.status();
      Write(**store, 1);
      ASSERT_TRUE(MakeBackup(**store, 2).ok());
      Write(**store, 2);
      files->FailCall(FaultyFileSystem::Call::kSync, n, FaultyFileSystem::After::kPowerIsCut);
      second = MakeBackup(**store, 2);
      if (!files->has_failed()) files->CutPower();
    }
    files->LoseUnsynced();
    if (!second.ok()) ++cuts;
    ExpectRestores(1, 1);
    for (const Backup& backup : List().backups) ExpectRestores(backup.id, backup.acknowledged_sequence);
    if (second.ok()) {
      ASSERT_THAT(Ids(List()), ElementsAre(1, 2));
    }
    {  // The store lost nothing, and makes the next one over what was left.
      auto store = Open(store_dir());
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_EQ((*store)->last_sequence(), 2u);
      const auto third = MakeBackup(**store, 2);
      ASSERT_TRUE(third.ok()) << third.status();
      ExpectRestores(third->id, 2);
    }
    if (HasFatalFailure() || second.ok()) break;
  }
  EXPECT_GT(cuts, 3u);
}

TEST_F(BackupFaultTest, PowerMayGoWhileOneIsRestored) {
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, 1);
    Write(**store, 2);
    ASSERT_TRUE(MakeBackup(**store).ok());
  }
  uint64_t cuts = 0;
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(absl::StrCat("power goes at sync ", n));
    const std::string folder = NextFolder();
    const auto files = std::make_shared<FaultyFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    files->FailCall(FaultyFileSystem::Call::kSync, n, FaultyFileSystem::After::kPowerIsCut);
    const bool restored = RestoreBackup(backup_dir(), absl::nullopt, folder, env.get()).ok();
    if (restored) files->CutPower();
    files->LoseUnsynced();
    if (std::filesystem::exists(folder)) {
      ExpectHolds(folder, 2);
    } else {
      ++cuts;
      ASSERT_FALSE(restored);
      EXPECT_THAT(Open(folder), HasCode(StatusCode::kFailedPrecondition));
    }
    if (HasFatalFailure() || restored) break;
  }
  EXPECT_GT(cuts, 3u);
}

}  // namespace
}  // namespace quartermaster::storage
