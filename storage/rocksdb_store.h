// The embedded store: storage/store.h on RocksDB, in one folder of its own.
//
// One thread at a time writes: it takes all writes that wait, up to a limit, decides each, and commits them in one
// synced batch. So a synced write is shared by all who wait for one, and nobody waits for anything but the disk.
//
//   RocksDbStoreOptions options;
//   options.data_dir = "/var/lib/quartermaster/store";
//   absl::StatusOr<std::unique_ptr<Store>> store = OpenRocksDbStore(options);
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_STORE_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_STORE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/store.h"

namespace rocksdb {
class Env;
}

namespace quartermaster::storage {

struct RocksDbStoreOptions {
  // The folder of the store and of nothing else. It is made if it is missing; the folder that it lies in is not.
  std::string data_dir;

  // Whether a new store is made where there is none. One who checks a store, or knows that there was one, wants none.
  bool create_if_missing = true;

  // Gives the commit times. Tests set their own.
  std::function<absl::Time()> clock = [] { return absl::Now(); };

  // A commit group takes no more writes than this. A group is decided in a few milliseconds even so, which is what a
  // sync takes on a good disk; more would make the first of a group wait for the last without gaining throughput.
  size_t max_group_writes = 512;

  // A commit group ends with the write that passes this many bytes. It bounds the memory of a batch, and of the log
  // record that recovery must hold at once; at 100 MB/s it is 40 ms. A write that is larger alone, as a release is with
  // some tens of megabytes a few times a year, is taken nevertheless.
  size_t max_group_bytes = 4 << 20;

  // Past either of these a write is refused with RESOURCE_EXHAUSTED. The count is some seconds of work on a slow disk,
  // after which senders have given up anyway; the bytes are what a small machine can spare.
  size_t max_queued_writes = 8192;
  size_t max_queued_bytes = 256 << 20;

  // Writes are refused while the disk has less free than this, so that the store can still write what it must write of
  // itself: what waits in memory, two buffers of 16 MB in each of 8 families (256 MB); the log (64 MB); and a
  // compaction of the youngest tables with those below them (4 of 16 MB with 256 MB: 320 MB).
  uint64_t reserved_bytes = 640ull << 20;

  // So often the free space is looked at while nothing is written, and a store whose disk was full is opened again.
  // A second is nothing to an operator who makes room, and one call of the system a second costs nothing.
  absl::Duration watch_interval = absl::Seconds(1);

  // Where files are. Tests inject faults here; null is the operating system. It must outlive the store.
  rocksdb::Env* env = nullptr;
};

// Opens the store, or makes a new one in an empty or missing folder. Recovery of what was acknowledged is complete when
// this returns. Errors:
//  * INVALID_ARGUMENT: an option has no sense.
//  * NOT_FOUND: there is none, and none is to be made. Nothing is made, not even the folder.
//  * FAILED_PRECONDITION: another process has the folder open; a newer program wrote it; the folder cannot be made; a
//    restore into it was cut short.
//  * DATA_LOSS: a part is missing or damaged, or the last acknowledged commit is not there. Nothing is repaired.
//  * UNAVAILABLE: the disk failed.
//  * RESOURCE_EXHAUSTED: the disk is full, or the quota.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksDbStore(const RocksDbStoreOptions& options);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_STORE_H_
