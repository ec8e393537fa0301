#include "storage/disk_room.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

// A start writes a manifest, options, and the heads and indexes of tables, beside what lies in the log.
constexpr uint64_t kStartBytes = 8 << 20;
// No name that RocksDB gives. A kill may leave it; the next try writes over it.
constexpr char kTriedFile[] = "ROOM";
constexpr uint64_t kTriedBlockBytes = 1 << 20;

// 0 where the system does not say.
uint64_t BytesNeeded(rocksdb::Env* env, const std::string& data_dir) {
  std::vector<rocksdb::Env::FileAttributes> files;
  if (!env->GetChildrenFileAttributes(data_dir, &files).ok()) return 0;
  uint64_t bytes = kStartBytes;
  for (const rocksdb::Env::FileAttributes& file : files) {
    if (absl::EndsWith(file.name, ".log")) bytes += file.size_bytes;
  }
  return bytes;
}

}  // namespace

absl::Status CheckRoom(rocksdb::Env* env, const std::string& data_dir) {
  uint64_t free = 0;
  if (!env->GetFreeSpace(data_dir, &free).ok()) return absl::OkStatus();
  const uint64_t needed = BytesNeeded(env, data_dir);
  if (free >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(free >> 20, " MB are free, and ", (needed >> 20) + 1, " MB are needed"));
}

absl::Status TryRoom(rocksdb::Env* env, const std::string& data_dir) {
  const std::string path = absl::StrCat(data_dir, "/", kTriedFile);
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env->NewWritableFile(path, &file, rocksdb::EnvOptions());
  const std::string block(kTriedBlockBytes, 'x');
  for (uint64_t left = BytesNeeded(env, data_dir); status.ok() && left > 0; left -= std::min(left, kTriedBlockBytes)) {
    status = file->Append(block);
  }
  // Some systems look at the quota only now.
  if (status.ok()) status = file->Sync();
  file.reset();
  env->DeleteFile(path).PermitUncheckedError();
  absl::Status tried = FromRocksDb(status, absl::StrCat("writing ", path));
  return absl::IsResourceExhausted(tried) ? tried : absl::OkStatus();
}

}  // namespace quartermaster::storage
