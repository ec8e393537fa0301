// The tests that every engine behind storage/store.h passes: store_suite_*.cc hold them, an engine's own test
// instantiates them with a factory:
//
//   INSTANTIATE_TEST_SUITE_P(RocksDb, StoreSuite, testing::Values(StoreFactory{"RocksDb", &OpenForTest}), ...);
//   INSTANTIATE_TEST_SUITE_P(RocksDb, StoreCrowdSuite, ...);
#ifndef QUARTERMASTER_TESTS_STORAGE_STORE_SUITE_H_
#define QUARTERMASTER_TESTS_STORAGE_STORE_SUITE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {

// Opens a store in a folder: a new one if it is empty, else the one that is there.
struct StoreFactory {
  std::string name;
  std::function<absl::StatusOr<std::unique_ptr<Store>>(const std::string& folder, std::function<absl::Time()> clock)>
      open;
  friend void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }
};

class StoreSuite : public testing::TestWithParam<StoreFactory> {
 protected:
  // When everything happens in these tests.
  static constexpr int64_t kNowUs = 1'750'000'000'123'456;

  void SetUp() override { Reopen(); }

  // Closes the store and opens it again.
  void Reopen() {
    store_.reset();
    auto opened = GetParam().open(folder_.path("store"), [] { return absl::FromUnixMicros(kNowUs); });
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  Store& store() { return *store_; }

  // Closes the store, so that all it took is answered.
  void Close() { store_.reset(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

// The tests in which many writes wait at once. How an engine groups writes matters to these alone, so they are the ones
// to be instantiated for each way of grouping.
class StoreCrowdSuite : public StoreSuite {};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_STORE_SUITE_H_
