// Hears of what goes wrong in RocksDB's own flushes and compactions, which nobody waits for.
//
// It also keeps RocksDB from going on by itself after a full disk, which no option does: its recovery goes on in memory
// beside a log whose end is unknown, while the committer opens the database again and so knows what is there.
#ifndef QUARTERMASTER_STORAGE_BACKGROUND_ERRORS_H_
#define QUARTERMASTER_STORAGE_BACKGROUND_ERRORS_H_

#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "rocksdb/listener.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {

// Thread-safe. One for each time that a database is opened.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  // OK, or the first error, with the code that rocksdb_status.h gives it.
  absl::Status first() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return first_;
  }

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    absl::Status status = FromRocksDb(*error, "writing tables");
    const std::lock_guard<std::mutex> lock(mutex_);
    first_.Update(std::move(status));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  mutable std::mutex mutex_;
  absl::Status first_;  // guarded by mutex_
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_BACKGROUND_ERRORS_H_
