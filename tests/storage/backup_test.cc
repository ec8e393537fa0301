// Backups: what was acknowledged before one is in it, damage is noticed, and nothing else is disturbed.
#include "storage/backup.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "tests/storage/backup_fixture.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(BackupTest, EachHasWhatWasAcknowledgedBeforeIt) {
  EXPECT_THAT(List().backups, IsEmpty());
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint64_t number = 1; number <= 3; ++number) {
      Write(**store, number);
      const auto backup = MakeBackup(**store);
      ASSERT_TRUE(backup.ok()) << backup.status();
      EXPECT_EQ(backup->id, number);
      EXPECT_EQ(backup->acknowledged_sequence, number);
      EXPECT_GT(backup->bytes, 0u);
    }
  }
  const BackupList list = List();
  EXPECT_THAT(Ids(list), ElementsAre(1, 2, 3));
  EXPECT_THAT(list.damaged, IsEmpty());
  for (uint32_t id = 1; id <= 3; ++id) {
    EXPECT_TRUE(VerifyBackup(backup_dir(), id).ok());
    ExpectRestores(id, id);
  }
  ExpectRestores(absl::nullopt, 3);
  EXPECT_THAT(VerifyBackup(backup_dir(), 4), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Restore(4, NextFolder()), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(RestoreBackup(folder_.path("nothing"), absl::nullopt, NextFolder()), HasCode(StatusCode::kNotFound));
}

TEST_F(BackupTest, TheNewestAreKept) {
  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  for (uint64_t number = 1; number <= 5; ++number) {
    Write(**store, number);
    ASSERT_TRUE(MakeBackup(**store, /*backups_kept=*/2).ok());
  }
  EXPECT_THAT(Ids(List()), ElementsAre(4, 5));
  ExpectRestores(4, 4);
  EXPECT_THAT(MakeBackup(**store, 0), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(BackupTest, TakesNoFolderOfAnotherStore) {
  auto store = Open(store_dir());
  auto other = Open(folder_.path("other"));
  ASSERT_TRUE(store.ok() && other.ok());
  Write(**store, 1);
  ASSERT_TRUE(MakeBackup(**store).ok());
  const auto refused = MakeBackup(**other, 1);
  EXPECT_THAT(refused, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused.status().message(), HasSubstr("another store"));
  EXPECT_THAT(Ids(List()), ElementsAre(1));
  BackupOptions into_store;
  into_store.backup_dir = store_dir();
  EXPECT_THAT((*store)->CreateBackup(into_store), HasCode(StatusCode::kFailedPrecondition));
  into_store.backup_dir = folder_.path("not/there");
  EXPECT_THAT((*store)->CreateBackup(into_store), HasCode(StatusCode::kFailedPrecondition));
  // One that was restored goes on with the backups of the store that it was.
  const std::string restored = NextFolder();
  ASSERT_TRUE(Restore(absl::nullopt, restored).ok());
  auto again = Open(restored);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MakeBackup(**again).ok());
}

TEST_F(BackupTest, OneAtATime) {
  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  Write(**store, 1);
  BackupOptions options;
  options.backup_dir = backup_dir();
  absl::Status second;
  options.on_progress = [&](BackupPhase phase, uint64_t) {
    if (phase == BackupPhase::kVerifying) second = MakeBackup(**store).status();
  };
  EXPECT_TRUE((*store)->CreateBackup(options).ok());
  EXPECT_THAT(second, HasCode(StatusCode::kAborted));
  EXPECT_THAT(Ids(List()), ElementsAre(1));
}

TEST_F(BackupTest, CopyingStopsWhenItIsCancelled) {
  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  // Several megabytes, so that progress is told.
  Submission large = MakeSubmission(Key("RT1"), "content 1");
  large.record.set_data(std::string(8 << 20, 'x'));
  ASSERT_TRUE(SubmitAndWait(**store, large).ok());
  BackupOptions options;
  options.backup_dir = backup_dir();
  options.is_cancelled = [] { return true; };
  EXPECT_THAT((*store)->CreateBackup(options), HasCode(StatusCode::kCancelled));
  EXPECT_THAT(List().backups, IsEmpty());
  EXPECT_TRUE(MakeBackup(**store).ok());
  EXPECT_THAT(List().backups, SizeIs(1));
}

TEST_F(BackupTest, ReadingBackStopsWhenItIsCancelled) {
  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  Write(**store, 1);
  ASSERT_TRUE(MakeBackup(**store).ok());
  Submission large = MakeSubmission(Key("RT2"), "content 2");
  large.record.set_data(std::string(4 << 20, 'x'));
  ASSERT_TRUE(SubmitAndWait(**store, large).ok());
  // At once, and while it is read, which the limit makes slow enough for the second question.
  for (const int allowed : {0, 1}) {
    bool verifying = false;
    int asked = 0;
    BackupOptions options;
    options.backup_dir = backup_dir();
    options.bytes_per_second = 16 << 20;
    options.on_progress = [&](BackupPhase phase, uint64_t) { verifying = phase == BackupPhase::kVerifying; };
    options.is_cancelled = [&] { return verifying && asked++ >= allowed; };
    EXPECT_THAT((*store)->CreateBackup(options), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(Ids(List()), ElementsAre(1)) << "what was not read back is no backup";
  }
  EXPECT_TRUE(MakeBackup(**store).ok());
  EXPECT_THAT(List().backups, SizeIs(2));
}

TEST_F(BackupTest, RestoresIntoNoFolderThatHoldsSomething) {
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, 1);
    ASSERT_TRUE(MakeBackup(**store).ok());
  }
  EXPECT_THAT(Restore(absl::nullopt, store_dir()), HasCode(StatusCode::kFailedPrecondition));
  ExpectHolds(store_dir(), 1);
  const std::string empty = NextFolder();
  std::filesystem::create_directory(empty);
  EXPECT_TRUE(Restore(absl::nullopt, empty).ok());
  ExpectHolds(empty, 1);
}

// A flipped bit at places of each file of a backup, and each file missing.
TEST_F(BackupTest, ADamagedOneIsNeverRestored) {
  for (const uint64_t number : {1, 2}) {  // Opening again moves the first into a table.
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, number);
    if (number == 2) {
      ASSERT_TRUE(MakeBackup(**store).ok());
    }
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(backup_dir())) {
    if (entry.is_regular_file() && entry.path().filename() != "LOCK") files.push_back(entry.path().string());
  }
  ASSERT_GE(files.size(), 6u);
  size_t refused = 0;
  const std::string folder = NextFolder();
  for (const std::string& file : files) {
    const bool is_list = absl::StrContains(file, "/meta/");
    std::ifstream in(file, std::ios::binary);
    const std::string sound((std::istreambuf_iterator<char>(in)), {});
    const size_t step = std::max<size_t>(1, sound.size() / Repetitions(10));
    for (size_t place = 0; place < sound.size(); place += step) {
      SCOPED_TRACE(absl::StrCat(file, " at ", place));
      std::string damaged = sound;
      damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
      std::ofstream(file, std::ios::binary) << damaged;
      const auto restored = Restore(absl::nullopt, folder);
      if (restored.ok()) {
        // The list also holds what is not restored, such as the time.
        ASSERT_TRUE(is_list) << "damage went unnoticed";
        ExpectHolds(folder, 2);
      } else {
        ++refused;
        ASSERT_FALSE(std::filesystem::exists(folder));
        ASSERT_TRUE(is_list || !VerifyBackup(backup_dir(), 1).ok());
      }
      std::filesystem::remove_all(folder);
      std::filesystem::remove_all(folder + kUnfinishedRestoreSuffix);
    }
    std::filesystem::remove(file);
    EXPECT_FALSE(Restore(absl::nullopt, folder).ok()) << file;
    EXPECT_THAT(List().backups, IsEmpty()) << file;
    const absl::Status verified = VerifyBackup(backup_dir(), 1);
    EXPECT_EQ(verified.code(), is_list ? StatusCode::kNotFound : StatusCode::kDataLoss) << file << ": " << verified;
    std::ofstream(file, std::ios::binary) << sound;
  }
  EXPECT_GT(refused, 5 * (files.size() - 1));
  ExpectRestores(1, 2);
}

// RocksDB copies no file that an older backup has, so all that came after would share the damage.
TEST_F(BackupTest, ARottenTableThatOlderOnesShareIsCopiedAnew) {
  for (const uint64_t number : {1, 2, 3}) {  // Opening again moves what was written before into a table.
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, number);
    ASSERT_TRUE(MakeBackup(**store).ok());
  }
  // The first has none, the second has one table a family, the third those and others.
  const std::vector<std::string> tables = SharedTables();
  ASSERT_GE(tables.size(), 2u);
  FlipABit(tables.front());
  EXPECT_THAT(VerifyBackup(backup_dir(), 2), HasCode(StatusCode::kDataLoss));

  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  Write(**store, 4);
  std::vector<uint32_t> removed;
  BackupOptions options;
  options.backup_dir = backup_dir();
  options.on_damaged = [&](uint32_t id, const std::string& why) {
    removed.push_back(id);
    EXPECT_THAT(why, HasSubstr(tables.front()));
  };
  const auto made = (*store)->CreateBackup(options);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(removed, ElementsAre(2, 3));
  EXPECT_THAT(Ids(List()), ElementsAre(1, made->id));
  ExpectRestores(1, 1);
  ExpectRestores(made->id, 4);
}

TEST_F(BackupTest, ARestoreThatWasCutShortCanBeRepeated) {
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    Write(**store, 1);
    ASSERT_TRUE(MakeBackup(**store).ok());
  }
  for (const char* slashes : {"", "/", "//"}) {
    const std::string folder = NextFolder();
    std::filesystem::create_directory(folder + kUnfinishedRestoreSuffix);
    std::ofstream(folder + kUnfinishedRestoreSuffix + "/000004.log") << "half";
    EXPECT_THAT(Open(folder + slashes), HasCode(StatusCode::kFailedPrecondition));
    EXPECT_FALSE(std::filesystem::exists(folder)) << "a start lies in the way of the next restore";
    ASSERT_TRUE(Restore(absl::nullopt, folder + slashes).ok());
    EXPECT_FALSE(std::filesystem::exists(folder + kUnfinishedRestoreSuffix));
    ExpectHolds(folder, 1);
  }
  EXPECT_THAT(Restore(absl::nullopt, folder_.path("not/there")), HasCode(StatusCode::kFailedPrecondition));
}

// Bytes that do not compress, or the tables would stay small.
std::string RandomBytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (size_t place = 0; place + sizeof(uint64_t) <= size; place += sizeof(uint64_t)) {
    const uint64_t number = random();
    std::memcpy(&bytes[place], &number, sizeof number);
  }
  return bytes;
}

// Several threads write, more bytes in all than a table holds, while one backup follows the other. How much is written
// while one is made is bounded, or a slow disk would make the test long.
TEST_F(BackupTest, IsWholeUnderLoad) {
  constexpr uint64_t kWriters = 4;
  constexpr size_t kBytes = 100'000;
  constexpr uint64_t kCommitsBeforeBackup = 80;
  constexpr uint64_t kCommitsPerBackup = 200;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> most_commits{kCommitsPerBackup};
  std::vector<std::pair<uint32_t, std::vector<uint64_t>>> made;  // each backup, and what was acknowledged before it
  {
    auto store = Open(store_dir());
    ASSERT_TRUE(store.ok()) << store.status();
    std::vector<std::atomic<uint64_t>> acknowledged(kWriters);
    std::vector<std::thread> writers;
    for (uint64_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        std::mt19937_64 random(writer);
        uint64_t number = 1;
        while (!stop) {
          if ((*store)->last_sequence() >= most_commits) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
          }
          Submission next = MakeSubmission(Key(absl::StrCat("W", writer, "N", number)), absl::StrCat(number));
          next.record.set_data(RandomBytes(random, kBytes));
          if (!SubmitAndWait(**store, next).ok()) return;
          acknowledged[writer].store(number++);
        }
      });
    }
    for (uint64_t round = 1; round <= Repetitions(3); ++round) {
      const uint64_t begun = (*store)->last_sequence();
      most_commits = begun + kCommitsPerBackup;
      while ((*store)->last_sequence() < begun + kCommitsBeforeBackup) {
        EXPECT_TRUE(SubmitAndWait(**store, MakeSubmission(Key("RT0"), "again")).ok());  // It waits for a commit.
      }
      std::vector<uint64_t> before;
      for (const auto& number : acknowledged) before.push_back(number.load());
      const auto backup = MakeBackup(**store);
      EXPECT_TRUE(backup.ok()) << backup.status();
      if (backup.ok()) made.emplace_back(backup->id, std::move(before));
    }
    stop = true;
    for (std::thread& writer : writers) writer.join();
  }
  const std::vector<uint32_t> ids = Ids(List());
  EXPECT_FALSE(ids.empty());
  for (const auto& [id, before] : made) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) continue;  // An older one that was removed.
    const std::string folder = NextFolder();
    const auto restored = Restore(id, folder);
    ASSERT_TRUE(restored.ok()) << restored.status();
    const auto store = Open(folder);
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint64_t writer = 0; writer < kWriters; ++writer) {
      for (uint64_t number = 1; number <= before[writer]; ++number) {
        ASSERT_TRUE((*store)->GetReturn(Key(absl::StrCat("W", writer, "N", number)), absl::nullopt).ok())
            << "backup " << id << " lacks return " << number << " of writer " << writer;
      }
    }
    ReturnFilter all;
    all.all_revisions = true;
    EXPECT_EQ(ScanAll(**store, all).size(), (*store)->last_sequence());
  }
}

TEST_F(BackupTest, BetweenCommitsNothingMoves) {
  auto store = Open(store_dir());
  ASSERT_TRUE(store.ok()) << store.status();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> answered{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&, writer] {
      for (uint64_t number = 1; !stop; ++number) {
        Answer<SubmissionResult> answer;
        (*store)->Submit(MakeSubmission(Key(absl::StrCat("W", writer, "N", number)), "x"), nullptr, [&](auto result) {
          if (result.ok()) answered.store(result->stored.record.receipt().sequence());
          answer.Done()(std::move(result));
        });
        EXPECT_TRUE(answer.Wait().ok());
      }
    });
  }
  for (int round = 0; round < 100; ++round) {
    absl::StatusOr<std::unique_ptr<const StoreReader>> moment;
    uint64_t last = 0;
    (*store)->BetweenCommits([&] {
      last = (*store)->last_sequence();
      moment = (*store)->AtThisMoment();
      EXPECT_EQ(answered.load(), last);
    });
    EXPECT_TRUE(moment.ok()) << moment.status();
    if (!moment.ok()) break;
    EXPECT_EQ((*moment)->last_sequence(), last);
    uint64_t returns = 0;
    EXPECT_TRUE((*moment)->ScanReturns({}, [&](const StoredReturn&) { return ++returns > 0; }).ok());
    EXPECT_EQ(returns, last);
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace quartermaster::storage
