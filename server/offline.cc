#include "server/offline.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/verification.h"
#include "storage/rocksdb_store.h"

namespace quartermaster::server {
namespace {

// Whatever lies in it could be of another store: an operator.token, say. A restore that was cut short begins anew.
absl::Status CheckIsEmpty(const std::string& data_dir) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir, error)) {
    const std::string path = entry.path().string();
    if (path == absl::StrCat(StoreFolderOf(data_dir), storage::kUnfinishedRestoreSuffix)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("--data-dir: ", data_dir, " is not empty: it holds ", entry.path().filename().string(),
                     ". A backup is restored into a new folder; name one that does not exist."));
  }
  if (!error) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("--data-dir: cannot look into ", data_dir, ": ", error.message()));
}

}  // namespace

std::string StoreFolderOf(const std::string& data_dir) { return absl::StrCat(data_dir, "/store"); }

absl::Status MakeDataDir(const std::string& data_dir) {
  if (mkdir(data_dir.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("--data-dir: cannot make ", data_dir, ": ", std::strerror(errno)));
}

absl::StatusOr<v1::VerificationReport> VerifyDataDir(const std::string& data_dir, const OnProgress& on_progress) {
  const std::string folder = StoreFolderOf(data_dir);
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    return absl::NotFoundError(absl::StrCat("--data-dir: there is no store in ", data_dir, "."));
  }
  storage::RocksDbStoreOptions options;
  options.data_dir = folder;
  const absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::OpenRocksDbStore(options);
  if (!store.ok()) return store.status();
  return VerifyStore(store->get(), /*live=*/nullptr, on_progress);
}

absl::StatusOr<v1::Backup> RestoreDataDir(const std::string& backup_dir, absl::optional<uint32_t> id,
                                          const std::string& data_dir) {
  if (absl::Status made = MakeDataDir(data_dir); !made.ok()) return made;
  if (absl::Status empty = CheckIsEmpty(data_dir); !empty.ok()) return empty;
  const absl::StatusOr<storage::Backup> restored = storage::RestoreBackup(backup_dir, id, StoreFolderOf(data_dir));
  if (!restored.ok()) return restored.status();
  return Describe(*restored);
}

}  // namespace quartermaster::server
