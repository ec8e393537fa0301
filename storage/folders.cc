#include "storage/folders.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {

std::string WithoutSlashesAtEnd(const std::string& path) {
  const size_t last = path.find_last_not_of('/');
  return last == std::string::npos ? path.substr(0, 1) : path.substr(0, last + 1);
}

std::string FolderAbove(const std::string& path) {
  const std::string name = WithoutSlashesAtEnd(path);
  const size_t slash = name.rfind('/');
  return slash == std::string::npos ? "." : WithoutSlashesAtEnd(name.substr(0, slash + 1));
}

absl::Status SyncFolderAbove(rocksdb::Env* env, const std::string& path) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const std::string above = FolderAbove(path);
  std::unique_ptr<rocksdb::Directory> folder;
  rocksdb::Status status = env->NewDirectory(above, &folder);
  if (status.ok()) status = folder->Fsync();
  return FromRocksDb(status, absl::StrCat("syncing ", above));
}

bool IsLockHeld(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() &&
         (absl::StrContains(text, "While lock file") || absl::StrContains(text, "lock hold by current process"));
}

}  // namespace quartermaster::storage
