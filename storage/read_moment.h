// The moment that a read sees: one that its caller keeps, or the present, kept for as long as the read lasts.
#ifndef QUARTERMASTER_STORAGE_READ_MOMENT_H_
#define QUARTERMASTER_STORAGE_READ_MOMENT_H_

#include "rocksdb/db.h"
#include "rocksdb/snapshot.h"

namespace quartermaster::storage {

class ReadMoment {
 public:
  // `kept` null: the present.
  ReadMoment(rocksdb::DB* db, const rocksdb::Snapshot* kept)
      : db_(db), own_(kept == nullptr ? db->GetSnapshot() : nullptr), snapshot_(kept == nullptr ? own_ : kept) {}
  ~ReadMoment() {
    if (own_ != nullptr) db_->ReleaseSnapshot(own_);
  }
  ReadMoment(const ReadMoment&) = delete;
  ReadMoment& operator=(const ReadMoment&) = delete;

  const rocksdb::Snapshot* snapshot() const { return snapshot_; }

 private:
  rocksdb::DB* const db_;
  const rocksdb::Snapshot* const own_;
  const rocksdb::Snapshot* const snapshot_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_READ_MOMENT_H_
