// Whether a disk has room for the start of a store. RocksDB ends the process rather than give an error where some of
// its files find the disk full, so a start that would not have room for what lies in the log is not begun.
#ifndef QUARTERMASTER_STORAGE_DISK_ROOM_H_
#define QUARTERMASTER_STORAGE_DISK_ROOM_H_

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace quartermaster::storage {

// OK, or RESOURCE_EXHAUSTED by what the system calls free. Where it does not say, OK: the disk will.
absl::Status CheckRoom(rocksdb::Env* env, const std::string& data_dir);

// The same by writing as much and removing it again, for the room of a quota is not in what the system calls free.
// Other errors than of room are left for the start to meet.
absl::Status TryRoom(rocksdb::Env* env, const std::string& data_dir);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_DISK_ROOM_H_
