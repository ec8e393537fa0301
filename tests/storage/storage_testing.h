// What the tests of storage share: a temporary folder, short ways to make records and to wait for a store's answer.
#ifndef QUARTERMASTER_TESTS_STORAGE_STORAGE_TESTING_H_
#define QUARTERMASTER_TESTS_STORAGE_STORAGE_TESTING_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/store.h"

namespace quartermaster::storage {

// A new empty folder, removed with all that is in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// One answer of a store, given on its thread and waited for on another.
template <typename Result>
class Answer {
 public:
  // To be handed to the store as `done`. The answer must outlive the call.
  std::function<void(absl::StatusOr<Result>)> Done() {
    return [this](absl::StatusOr<Result> result) {
      const std::lock_guard<std::mutex> lock(mutex_);
      result_ = std::move(result);
      changed_.notify_all();
    };
  }
  absl::StatusOr<Result> Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return *result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::optional<absl::StatusOr<Result>> result_;
};

// Holds the store's thread within the `done` of a first write, so that what follows waits and makes one group.
class Obstacle {
 public:
  explicit Obstacle(Store& store) {
    store.ChangeCatalogue({}, nullptr, [this](absl::StatusOr<uint64_t>) {
      std::unique_lock<std::mutex> lock(mutex_);
      reached_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return removed_; });
    });
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }
  void Remove() {
    const std::lock_guard<std::mutex> lock(mutex_);
    removed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool removed_ = false;
};

absl::StatusOr<SubmissionResult> SubmitAndWait(Store& store, Submission submission);
absl::StatusOr<WithdrawalResult> WithdrawAndWait(Store& store, WithdrawalRequest request);
absl::StatusOr<uint64_t> ChangeAndWait(Store& store, CatalogueChange change);
absl::StatusOr<QueryChangeResult> ChangeQueryAndWait(Store& store, QueryChange change);

// Returns once it is so, or after a minute, which is far longer than anything here takes: a caller asks again.
void WaitUntil(absl::FunctionRef<bool()> is_so);
// Waits until the store takes writes, or refuses them, and expects that it comes to it.
void WaitForWrites(const Store& store);
void WaitForRefusal(const Store& store);

// 16 bytes, different for each number.
std::string RequestId(uint64_t number);
// A return of collection "mhlda", service "adult-inpatient".
ReturnKey Key(const std::string& participant, const std::string& period = "2025-04");
// `content` stands for the data and for its hash.
Submission MakeSubmission(const ReturnKey& key, const std::string& content, const std::string& request_id = "");
WithdrawalRequest MakeWithdrawal(const ReturnKey& key, const std::string& reason, const std::string& request_id = "");
// Stores a return with the content "x".
void Put(Store& store, const ReturnKey& key);
// The query "maximum" of "beds.open".
QueryName Query(const ReturnKey& key);
quartermaster::v1::QueryEvent MakeEvent(const std::string& text);
QueryChange MakeQueryChange(const ReturnKey& key, const std::string& text, uint32_t expected_revision,
                            size_t expected_events);

// All that the filter lets through; fails the test if the scan does.
std::vector<StoredReturn> ScanAll(const Store& store, const ReturnFilter& filter);
// The same of queries, one text for each that says every byte of it.
std::vector<std::string> ScanAllQueries(const Store& store, const std::string& collection);
// "RT1 2025-04 r2 withdrawn", one for each.
std::vector<std::string> Summaries(const std::vector<StoredReturn>& returns);
// Every byte of it as text.
std::string FullText(const StoredReturn& stored);
std::string FullText(const QueryName& name, const v1::QueryRecord& record);

// The seed of a random test: QM_TEST_SEED, or a new one. Print it with SCOPED_TRACE.
uint64_t TestSeed();

// The value of an environment variable as a number, or `otherwise`.
uint64_t NumberFromEnvironment(const char* name, uint64_t otherwise);

// How often something is repeated that is much the same each time: `usual`, or for a long run QM_TEST_EFFORT times
// that.
uint64_t Repetitions(uint64_t usual);

// Matches a Status or StatusOr with this code.
MATCHER_P(HasCode, code, "") {
  const absl::Status status = [](const auto& value) -> absl::Status {
    if constexpr (std::is_convertible_v<decltype(value), absl::Status>) {
      return value;
    } else {
      return value.status();
    }
  }(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_STORAGE_TESTING_H_
