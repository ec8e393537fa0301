// A store on a file system with faults: some writes, and what must be so of them after the next start.
#ifndef QUARTERMASTER_TESTS_STORAGE_FAULT_FIXTURE_H_
#define QUARTERMASTER_TESTS_STORAGE_FAULT_FIXTURE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/audit_testing.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {

// The first, the last, and some between; any more would be the same case again, at the price of many openings.
inline constexpr uint64_t kRequests = 4;
// After them something is said about a query of the first.
inline constexpr uint64_t kWrites = kRequests + 1;

// A store on a file system with faults, in a folder that outlives it.
class FaultTest : public testing::Test {
 protected:
  // A disk that is not told to fail.
  const std::unique_ptr<rocksdb::Env> sound_ = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>());

  RocksDbStoreOptions OptionsWith(rocksdb::Env* env) const {
    RocksDbStoreOptions options;
    options.data_dir = folder_.path(absl::StrCat("store", folder_number_));
    options.env = env;
    options.watch_interval = absl::Milliseconds(1);
    return options;
  }
  void NextFolder() { ++folder_number_; }

  static Submission Request(uint64_t number) {
    Submission request =
        MakeSubmission(Key(absl::StrCat("RT", number)), absl::StrCat("content ", number), RequestId(number));
    request.audit = absl::StrCat("\"request\":", number);
    return request;
  }
  static QueryChange LastWrite() {
    QueryChange change = MakeQueryChange(Request(0).key, "why", 1, 0);
    change.audit = "\"query\":0";
    return change;
  }
  // The audit hangs together and has one line for each commit.
  static void ExpectSoundAudit(const Store& store) {
    const std::vector<std::string> lines = ReadAudit(store);
    ASSERT_NO_FATAL_FAILURE(ExpectChain(store, lines));
    ASSERT_NO_FATAL_FAILURE(ExpectOneLineForEachCommit(store, lines));
  }
  // What this write stored, as it is read now.
  static std::string ReadBack(const Store& store, uint64_t number) {
    if (number == kRequests) {
      const auto query = store.GetQuery(LastWrite().name);
      return query.ok() ? FullText(LastWrite().name, *query) : query.status().ToString();
    }
    const auto found = store.GetReturn(Request(number).key, absl::nullopt);
    return found.ok() ? FullText(*found) : found.status().ToString();
  }
  static absl::StatusOr<absl::optional<StoredReturn>> FindRequest(const Store& store, uint64_t number) {
    const Submission request = Request(number);
    return store.FindSubmission(request.request_id, request.key, request.record.receipt().content_sha256());
  }

  // Opens the store on a sound disk: all of `acknowledged` are there with just those bytes, every write can be made
  // again and is there once, and commits are numbered without a gap and audited. Then the same from the start that
  // follows.
  void ExpectSoundAfterRestart(const std::map<uint64_t, std::string>& acknowledged) {
    {
      auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
      ASSERT_TRUE(store.ok()) << store.status();
      for (const auto& [number, stored] : acknowledged) ASSERT_EQ(ReadBack(**store, number), stored);
      ASSERT_NO_FATAL_FAILURE(ExpectSoundAudit(**store));
      for (uint64_t number = 0; number < kRequests; ++number) {
        const auto again = SubmitAndWait(**store, Request(number));
        ASSERT_TRUE(again.ok()) << again.status();
        ASSERT_EQ(again->stored.record.receipt().revision(), 1);
        ASSERT_TRUE(again->repeated || acknowledged.count(number) == 0);
      }
      const auto again = ChangeQueryAndWait(**store, LastWrite());
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_EQ(again->record.events_size(), 1);
      ASSERT_TRUE(again->repeated || acknowledged.count(kRequests) == 0);
    }
    auto store = OpenRocksDbStore(OptionsWith(sound_.get()));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->last_sequence(), kWrites);
    ASSERT_NO_FATAL_FAILURE(ExpectSoundAudit(**store));
    ReturnFilter filter;
    filter.all_revisions = true;
    ASSERT_EQ(ScanAll(**store, filter).size(), kRequests);
    ASSERT_EQ(ScanAllQueries(**store, "").size(), 1);
  }

  // Makes one of the writes; gives what it stored.
  static absl::StatusOr<std::string> MakeWrite(Store& store, uint64_t number) {
    if (number == kRequests) {
      const auto result = ChangeQueryAndWait(store, LastWrite());
      if (!result.ok()) return result.status();
      return FullText(LastWrite().name, result->record);
    }
    const auto result = SubmitAndWait(store, Request(number));
    if (!result.ok()) return result.status();
    return FullText(result->stored);
  }

  // Makes all writes, one after the other, in a store of which one call fails. Gives what was acknowledged.
  static std::map<uint64_t, std::string> SendAll(Store& store, bool& saw_failure) {
    std::map<uint64_t, std::string> acknowledged;
    saw_failure = false;
    for (uint64_t number = 0; number < kWrites; ++number) {
      const absl::StatusOr<std::string> result = MakeWrite(store, number);
      if (result.ok()) {
        EXPECT_FALSE(saw_failure) << "a store that failed took a write";
        acknowledged[number] = *result;
      } else {
        EXPECT_THAT(result, HasCode(absl::StatusCode::kUnavailable));
        EXPECT_THAT(result.status().message(),
                    testing::HasSubstr("its outcome is unknown; send the same request_id again once"));
        saw_failure = true;
      }
    }
    for (const auto& [number, stored] : acknowledged) EXPECT_EQ(ReadBack(store, number), stored) << "reading goes on";
    for (uint64_t number = 0; number < kRequests && saw_failure; ++number) {
      EXPECT_THAT(FindRequest(store, number), HasCode(absl::StatusCode::kUnavailable));
    }
    return acknowledged;
  }

 private:
  TemporaryFolder folder_;
  int folder_number_ = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_FAULT_FIXTURE_H_
