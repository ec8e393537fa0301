// A small file beside the database that holds the sequence number of the last acknowledged commit.
//
// RocksDB cannot tell a log that was torn by a power cut from one whose last records were damaged later: it forgives
// both. With the mark, opening knows how much must be there. It is written after the commit is synced and before
// anybody is told, and is not synced itself: a power cut may leave an older mark, which claims less, never a newer one.
#ifndef QUARTERMASTER_STORAGE_ACKNOWLEDGED_MARK_H_
#define QUARTERMASTER_STORAGE_ACKNOWLEDGED_MARK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "rocksdb/env.h"

namespace quartermaster::storage {

class AcknowledgedMark {
 public:
  static constexpr char kFileName[] = "ACKNOWLEDGED";

  // What the mark of this folder says; absent if there is no mark. DATA_LOSS if it is damaged.
  static absl::StatusOr<absl::optional<uint64_t>> Read(rocksdb::Env* env, const std::string& data_dir);

  // Makes the mark durable with this number in it, in place of any before.
  static absl::Status Create(rocksdb::Env* env, const std::string& data_dir, uint64_t sequence);

  // Opens the mark, which must be there, for Write.
  static absl::StatusOr<std::unique_ptr<AcknowledgedMark>> Open(rocksdb::Env* env, const std::string& data_dir);

  // Safe against the end of this process from the moment it returns.
  absl::Status Write(uint64_t sequence);

 private:
  explicit AcknowledgedMark(std::unique_ptr<rocksdb::RandomRWFile> file) : file_(std::move(file)) {}
  std::unique_ptr<rocksdb::RandomRWFile> file_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ACKNOWLEDGED_MARK_H_
