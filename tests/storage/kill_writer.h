// What the kill test and the program that it kills agree on.
#ifndef QUARTERMASTER_TESTS_STORAGE_KILL_WRITER_H_
#define QUARTERMASTER_TESTS_STORAGE_KILL_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {

// What the writer tells of an acknowledged request, in one write to a pipe, which is never torn.
struct KillReport {
  uint64_t number;
  uint64_t sequence;
  uint32_t revision;
};

inline Submission KillRequest(uint64_t number) {
  Submission submission =
      MakeSubmission(Key(absl::StrCat("RT", number % 50)), absl::StrCat("content ", number), RequestId(number));
  submission.audit = absl::StrCat("\"request\":", number);
  return submission;
}

inline absl::StatusOr<std::unique_ptr<Store>> OpenForKill(const std::string& folder) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.max_group_writes = 8;
  return OpenRocksDbStore(options);
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_KILL_WRITER_H_
