// The table of rocksdb_status.h.
#include "storage/rocksdb_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::storage {
namespace {

// A full disk, or a full quota, which RocksDB tells from other errors only in the words of the system.
bool IsOutOfSpace(const rocksdb::Status& status) {
  return status.IsNoSpace() || absl::StrContains(status.ToString(), "Disk quota exceeded");
}

// What RocksDB makes of a disk that fails while it reads its options or tries what the disk can do. Direct I/O is asked
// for by nobody here.
bool IsWrappedIoError(const std::string& invalid_argument) {
  return absl::StrContains(invalid_argument, "IO error: ") ||
         absl::StrContains(invalid_argument, "Direct I/O is not supported");
}

absl::StatusCode CodeOf(const rocksdb::Status& status) {
  switch (status.code()) {
    case rocksdb::Status::kOk:
      return absl::StatusCode::kOk;
    case rocksdb::Status::kNotFound:
      return absl::StatusCode::kNotFound;
    case rocksdb::Status::kCorruption:
      return absl::StatusCode::kDataLoss;
    case rocksdb::Status::kIOError:
      // The folder is there, or the store would not be open; so a missing path is a file that was taken out of it.
      if (status.IsPathNotFound()) return absl::StatusCode::kDataLoss;
      return IsOutOfSpace(status) ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable;
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTimedOut:
    case rocksdb::Status::kTryAgain:
      return absl::StatusCode::kUnavailable;
    case rocksdb::Status::kInvalidArgument:
      return IsWrappedIoError(status.ToString()) ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(CodeOf(status), absl::StrCat(doing, ": ", status.ToString()));
}

}  // namespace quartermaster::storage
