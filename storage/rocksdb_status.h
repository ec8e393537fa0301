// The one place where a rocksdb::Status becomes an absl::Status, and RocksDB's strings become Abseil's.
//
//  * NOT_FOUND: NotFound.
//  * DATA_LOSS: Corruption, lost files.
//  * RESOURCE_EXHAUSTED: NoSpace, and a full quota.
//  * UNAVAILABLE: other I/O errors, Busy, TimedOut, TryAgain; the same may work later.
//  * INTERNAL: anything else; we asked RocksDB for what it does not do.
//
// What a failed write means is not said here: the committer alone knows that its outcome is unknown.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace quartermaster::storage {

// `doing` says what was tried, for the message: "reading a return".
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing);

inline absl::string_view FromSlice(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_
