// A store on a real small disk that it fills up itself: what RocksDB's own files meet there, its text log too, is what
// no simulation has. The disk is a file system in memory, in a mount namespace of this program's own; only root may
// mount it, and without it the test skips itself.
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

constexpr char kDiskOptions[] = "size=96m";
constexpr size_t kReturnBytes = 256 << 10;
constexpr uint64_t kMostBytesLeft = 24 << 20;  // A quarter of the disk.
constexpr uint64_t kUsualRounds = 3;

// Before any thread is made, since a thread keeps the mounts that it was made with.
class OwnMounts : public testing::Environment {
 public:
  static std::string& problem() {
    static std::string& problem = *new std::string();
    return problem;
  }
  void SetUp() override {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      problem() = absl::StrCat("no mounts of its own: ", std::strerror(errno));
    }
  }
};
const testing::Environment* const kOwnMounts = testing::AddGlobalTestEnvironment(new OwnMounts);

class SmallDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!OwnMounts::problem().empty()) GTEST_SKIP() << OwnMounts::problem();
    ASSERT_EQ(mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, kDiskOptions), 0) << std::strerror(errno);
  }
  void TearDown() override { umount2(folder_.path().c_str(), MNT_DETACH); }

  absl::StatusOr<std::unique_ptr<Store>> Open() const {
    RocksDbStoreOptions options;
    options.data_dir = folder_.path("store");
    options.watch_interval = absl::Milliseconds(5);
    // Nothing is refused before RocksDB has met the full disk.
    options.reserved_bytes = 0;
    return OpenRocksDbStore(options);
  }

  // Leaves so many bytes.
  void Fill(uint64_t bytes_left) const {
    std::ofstream file(folder_.path("filler"), std::ios::binary);
    const std::string block(64 << 10, 'x');
    while (std::filesystem::space(folder_.path()).available > bytes_left + block.size() && file << block) file.flush();
  }
  uint64_t StoreBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path("store"))) bytes += entry.file_size();
    return bytes;
  }
  void MakeRoom() const { std::filesystem::remove(folder_.path("filler")); }

  static Submission Request(uint64_t number) {
    return MakeSubmission(Key(absl::StrCat("RT", number % 20)), Content(number), RequestId(number));
  }
  // Does not compress much.
  static std::string Content(uint64_t number) {
    std::mt19937_64 random(number);
    std::string content(kReturnBytes, 'x');
    for (char& byte : content) byte = static_cast<char>('0' + random() % 64);
    return content;
  }

  const TemporaryFolder folder_;
};

TEST_F(SmallDiskTest, AStoreThatFillsItsDiskGoesOnOnceThereIsRoom) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  uint64_t next = 0;
  for (uint64_t round = 0; round < Repetitions(kUsualRounds); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    Fill(random() % kMostBytesLeft);
    // Until a write fails, or the store has found out by itself.
    absl::Status failed;
    for (const uint64_t first = next; failed.ok() && next < first + 400; next += failed.ok()) {
      failed = SubmitAndWait(**store, Request(next)).status();
    }
    ASSERT_FALSE(failed.ok()) << "the disk is not full";
    ASSERT_TRUE(absl::IsUnavailable(failed) || absl::IsResourceExhausted(failed)) << failed;
    if (next > 0) {
      ASSERT_TRUE((*store)->GetReturn(Request(next - 1).key, absl::nullopt).ok()) << "reading goes on";
    }
    MakeRoom();
    ASSERT_NO_FATAL_FAILURE(WaitForWrites(**store));
    ASSERT_EQ((*store)->last_sequence(), next);
    // The one that failed, with the same request id.
    const auto again = SubmitAndWait(**store, Request(next));
    ASSERT_TRUE(again.ok()) << again.status();
    ASSERT_FALSE(again->repeated);
    ++next;
    std::cout << "full after " << next << " returns: " << failed.message() << std::endl;
    // Before the store itself outgrows the disk, a new one is begun: an opening needs as much as the log has, beside
    // what is there.
    store->reset();
    if (StoreBytes() > kMostBytesLeft) {
      std::filesystem::remove_all(folder_.path("store"));
      next = 0;
    }
    store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->last_sequence(), next);
    for (uint64_t number = 0; number < next; ++number) {
      const auto found = SubmitAndWait(**store, Request(number));
      ASSERT_TRUE(found.ok() && found->repeated) << number << ": " << found.status();
    }
  }
}

}  // namespace
}  // namespace quartermaster::storage
