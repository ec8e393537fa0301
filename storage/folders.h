// What making folders and locking them needs beyond RocksDB's Env.
#ifndef QUARTERMASTER_STORAGE_FOLDERS_H_
#define QUARTERMASTER_STORAGE_FOLDERS_H_

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
class Status;
}  // namespace rocksdb

namespace quartermaster::storage {

// The path without slashes at its end, so that a suffix can be added to the name of a folder. "/" stays.
std::string WithoutSlashesAtEnd(const std::string& path);

// The folder that the path lies in: "." for a mere name. Slashes at the end of the path do not count.
std::string FolderAbove(const std::string& path);

// Syncs the folder that the path lies in. The name of a folder that was just made would be lost with the power, and all
// that is synced in it. `env` null is the operating system. Errors as of rocksdb_status.h.
absl::Status SyncFolderAbove(rocksdb::Env* env, const std::string& path);

// Whether locking or opening failed because somebody holds the lock. RocksDB says so only in words.
bool IsLockHeld(const rocksdb::Status& status);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_FOLDERS_H_
