// Backups of a store: what they are, how they are made (Store::CreateBackup), listed, checked and restored.
//
// A folder of backups is RocksDB's: table files, which never change, lie in it once for all backups that have them; the
// log, the list of tables and the options lie in it once for each. So a backup copies what is new since the one before,
// and the log, which has at most some tens of megabytes. Nothing is flushed: a backup writes nothing into the store,
// and syncs its log once.
//
// ACKNOWLEDGED (acknowledged_mark.h) is not copied, because it is written over while files are copied. A restore makes
// it anew with the number of the last commit that is there, and holds that to be at least what was acknowledged when
// the backup was begun, which the backup says of itself. So the mark of a restored store claims all that was restored,
// and damage to it is noticed as to any store.
#ifndef QUARTERMASTER_STORAGE_BACKUP_H_
#define QUARTERMASTER_STORAGE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace rocksdb {
class Env;
}

namespace quartermaster::storage {

// Two weeks of a nightly backup: who notices a mistake later than that has releases to compare with.
inline constexpr uint32_t kBackupsKept = 14;

// Of reading and writing together. A disk that gives three times as much keeps most of itself for those who submit, and
// ten gigabytes still take no longer than five minutes to copy, which is to read and to write them, and two and a half
// to read back.
inline constexpr int64_t kBackupBytesPerSecond = 64 << 20;

struct Backup {
  uint32_t id = 0;
  absl::Time create_time;
  // Every commit up to this one is in it; some later ones may be.
  uint64_t acknowledged_sequence = 0;
  // Of all its files, those included that it shares.
  uint64_t bytes = 0;
  uint32_t files = 0;
};

enum class BackupPhase { kCopying, kVerifying, kVerifyingOlder, kRemovingOlder };

struct BackupOptions {
  // The folder of backups of this store and of nothing else. It is made if it is missing; what it lies in is not.
  std::string backup_dir;
  // At least 1.
  uint32_t backups_kept = kBackupsKept;
  int64_t bytes_per_second = kBackupBytesPerSecond;
  // Told as often as something was copied, with the bytes so far, and at each new phase, on the caller's thread or one
  // of RocksDB's. It must be quick.
  std::function<void(BackupPhase phase, uint64_t bytes)> on_progress = [](BackupPhase, uint64_t) {};
  // Told of each older backup that was removed because it is damaged, and why, on the caller's thread.
  std::function<void(uint32_t id, const std::string& why)> on_damaged = [](uint32_t, const std::string&) {};
  // Asked as often, and many times a second while backups are read back. Once true, both end with CANCELLED, and
  // there is no new backup.
  std::function<bool()> is_cancelled = [] { return false; };
};

struct BackupList {
  // Those whose files are there with their sizes, oldest first.
  std::vector<Backup> backups;
  // Those of which something is missing or does not read back.
  std::vector<uint32_t> damaged;
};

// In all of these `env` null is the operating system, and errors are:
//  * NOT_FOUND: there is no such backup, or none at all.
//  * DATA_LOSS: the backup is damaged, or a file of it is missing; the message says where.
//  * FAILED_PRECONDITION: the folder to restore into is not empty, or what it lies in does not exist.
//  * UNAVAILABLE: a disk failed. RESOURCE_EXHAUSTED: it is full.

// Empty if there is no such folder.
absl::StatusOr<BackupList> ListBackups(const std::string& backup_dir, rocksdb::Env* env = nullptr);

// Reads all files of the backup and compares their checksums.
absl::Status VerifyBackup(const std::string& backup_dir, uint32_t id, rocksdb::Env* env = nullptr);

// Makes the folder `store_dir`, which must be missing or empty, a store with what is in the backup; without `id` in the
// latest one. Every file is checked while it is copied. The folder has its name only after all is synced: until then it
// is called `store_dir` with kUnfinishedRestoreSuffix, and while that is there no store opens under its name. Restoring
// again starts over.
absl::StatusOr<Backup> RestoreBackup(const std::string& backup_dir, absl::optional<uint32_t> id,
                                     const std::string& store_dir, rocksdb::Env* env = nullptr);

inline constexpr char kUnfinishedRestoreSuffix[] = ".restoring";

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_BACKUP_H_
