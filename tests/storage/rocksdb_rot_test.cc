// A bit flips in a file of a store: it does not open, or a read fails, or it has everything that was acknowledged,
// never less and nothing else. By default one bit of every byte of the log, and a sample of the other files;
// QM_TEST_EFFORT=8 flips every bit of the log.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;

constexpr uint64_t kOtherFlips = 12;  // Of each other file.
// Few and short, so that every bit of the log can be flipped in minutes.
constexpr int kRotReturns = 4;

using Files = std::map<std::string, std::string>;

class RotTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open() const {
    RocksDbStoreOptions options;
    options.data_dir = folder();
    options.max_group_writes = 1;
    options.env = env_.get();
    return OpenRocksDbStore(options);
  }

  // Returns of these participants, one of them withdrawn, with a query and a change of the catalogue.
  void Fill(const std::string& name) const {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < kRotReturns; ++i) {
      const std::string code = absl::StrCat(name, i);
      ASSERT_TRUE(SubmitAndWait(**store, MakeSubmission(Key(code), code, RequestId(name[0] * 100 + i))).ok());
    }
    ASSERT_TRUE(ChangeQueryAndWait(**store, MakeQueryChange(Key(absl::StrCat(name, 1)), "why", 1, 0)).ok());
    ASSERT_TRUE(WithdrawAndWait(**store, MakeWithdrawal(Key(absl::StrCat(name, 0)), "why")).ok());
    CatalogueChange change;
    change.participants.emplace_back().mutable_participant()->set_code(name);
    ASSERT_TRUE(ChangeAndWait(**store, change).ok());
  }

  // What a flip led to, of many flips.
  struct Tally {
    uint64_t did_not_open = 0;
    uint64_t failed_a_read = 0;
    uint64_t whole = 0;
  };

  // All that the store holds, as text; or why it does not open or read, which is counted.
  absl::StatusOr<std::string> Everything(Tally& tally) const {
    const auto store = Open();
    if (!store.ok()) {
      ++tally.did_not_open;
      return store.status();
    }
    absl::StatusOr<std::string> all = ReadEverything(**store);
    ++(all.ok() ? tally.whole : tally.failed_a_read);
    return all;
  }
  static absl::StatusOr<std::string> ReadEverything(const Store& store) {
    std::string all = absl::StrCat(store.last_sequence(), "\n");
    ReturnFilter filter;
    filter.all_revisions = true;
    absl::Status status = store.ScanReturns(filter, [&](const StoredReturn& stored) {
      absl::StrAppend(&all, FullText(stored));
      return true;
    });
    status.Update(store.ScanQueries("", [&](const QueryName& name, const v1::QueryRecord& record) {
      absl::StrAppend(&all, FullText(name, record));
      return true;
    }));
    const absl::StatusOr<Catalogue> catalogue = store.ReadCatalogue();
    status.Update(catalogue.status());
    if (!status.ok()) return status;
    for (const auto& participant : catalogue->participants) absl::StrAppend(&all, participant.DebugString());
    for (int i = 0; i < kRotReturns; ++i) {
      const std::string code = absl::StrCat("A", i);
      const auto found = store.FindSubmission(RequestId('A' * 100 + i), Key(code), "hash of " + code);
      if (!found.ok()) return found.status();
      absl::StrAppend(&all, found->has_value() ? "found" : "not found");
    }
    return all;
  }

  absl::StatusOr<std::string> ReadSound() const {
    Tally ignored;
    return Everything(ignored);
  }

  // What the store is made of; RocksDB's own text log and its lock are not.
  Files ReadFiles() const {
    Files files;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      const std::string name = entry.path().filename();
      if (absl::StartsWith(name, "LO")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      files[name] = {std::istreambuf_iterator<char>(file), {}};
    }
    return files;
  }
  void WriteFiles(const Files& files) const {
    std::filesystem::remove_all(folder());
    std::filesystem::create_directory(folder());
    for (const auto& [name, bytes] : files) std::ofstream(file(name), std::ios::binary) << bytes;
  }

  // Flips bits of this file of a sound store, about `flips` of them, and expects what the head of this file says.
  void Flip(const Files& sound, const std::string& name, uint64_t flips, const std::string& everything) {
    const std::string& bytes = sound.at(name);
    const uint64_t bits = bytes.size() * 8;
    const uint64_t step = std::max<uint64_t>(1, bits / std::max<uint64_t>(1, flips));
    Tally tally;
    for (uint64_t first = 0; first < bits; first += step) {
      const uint64_t bit = step == 1 ? first : first + random_() % std::min(step, bits - first);
      SCOPED_TRACE(absl::StrCat(name, ", byte ", bit / 8, ", bit ", bit % 8));
      Files damaged = sound;
      damaged[name][bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      WriteFiles(damaged);
      const absl::StatusOr<std::string> found = Everything(tally);
      if (found.ok()) {
        ASSERT_EQ(*found, everything);
        continue;
      }
      ASSERT_THAT(found, HasCode(StatusCode::kDataLoss));
      if (absl::EndsWith(name, ".log")) {
        ASSERT_EQ(tally.failed_a_read, 0) << "damage of the log is found before anything is answered";
        ASSERT_EQ(ReadFiles(), damaged) << "a log that is refused is left as it is";
      }
    }
    std::cout << name << ", " << bytes.size() << " bytes: " << tally.did_not_open + tally.failed_a_read + tally.whole
              << " flips, " << tally.did_not_open << " did not open, " << tally.failed_a_read
              << " opened and failed a read, " << tally.whole << " whole" << std::endl;
  }

  std::string folder() const { return folder_.path("store"); }
  std::string file(const std::string& name) const { return absl::StrCat(folder(), "/", name); }

  const uint64_t seed_ = TestSeed();
  std::mt19937_64 random_{seed_};

 private:
  TemporaryFolder folder_;
  // Nothing fails here; but syncs are not waited for.
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());
};

TEST_F(RotTest, InTheLog) {
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed_));
  ASSERT_NO_FATAL_FAILURE(Fill("A"));
  const Files sound = ReadFiles();
  const absl::StatusOr<std::string> everything = ReadSound();
  ASSERT_TRUE(everything.ok()) << everything.status();
  for (const auto& [name, bytes] : sound) {
    if (absl::EndsWith(name, ".log")) Flip(sound, name, Repetitions(bytes.size()), *everything);
  }
}

// A store that was started twice: the tables of the first writes, and a log with those after.
TEST_F(RotTest, InEveryOtherFile) {
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed_));
  ASSERT_NO_FATAL_FAILURE(Fill("A"));
  ASSERT_NO_FATAL_FAILURE(Fill("B"));
  const Files sound = ReadFiles();
  const absl::StatusOr<std::string> everything = ReadSound();
  ASSERT_TRUE(everything.ok()) << everything.status();
  EXPECT_GE(sound.size(), 10);
  for (const auto& [name, bytes] : sound) {
    if (!absl::EndsWith(name, ".log")) Flip(sound, name, Repetitions(kOtherFlips), *everything);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace quartermaster::storage
