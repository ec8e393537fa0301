#include "server/offline.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/verification.h"
#include "storage/folders.h"
#include "storage/rocksdb_store.h"

namespace quartermaster::server {
namespace {

constexpr char kStoreFolder[] = "store";

// Whether this is what a restore that was cut short, or a start after it, left: the next restore begins anew.
bool IsLeftByRestore(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  std::error_code error;
  if (name == kStoreFolder) return std::filesystem::is_empty(entry.path(), error) && !error;
  return name == absl::StrCat(kStoreFolder, storage::kUnfinishedRestoreSuffix);
}

// Whatever lies in it could be of another store: an operator.token, say.
absl::Status CheckIsEmpty(const std::string& data_dir) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir, error)) {
    if (IsLeftByRestore(entry)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("--data-dir: ", data_dir, " is not empty: it holds ", entry.path().filename().string(),
                     ". A backup is restored into a new folder; name one that does not exist."));
  }
  if (!error) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("--data-dir: cannot look into ", data_dir, ": ", error.message()));
}

// Files that root makes in the folder of another would keep that one from serving it.
absl::Status CheckOwner(const std::string& data_dir) {
  struct stat folder;
  if (geteuid() != 0 || stat(data_dir.c_str(), &folder) != 0 || folder.st_uid == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("--data-dir: ", data_dir, " belongs to the user with the number ", folder.st_uid,
                   ", and root would leave files in it that this one cannot read. Run it as that user: sudo -u '#",
                   folder.st_uid, "' ..."));
}

}  // namespace

std::string StoreFolderOf(const std::string& data_dir) { return absl::StrCat(data_dir, "/", kStoreFolder); }

absl::Status MakeDataDir(const std::string& data_dir) {
  if (mkdir(data_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::FailedPreconditionError(
        absl::StrCat("--data-dir: cannot make ", data_dir, ": ", std::strerror(errno)));
  }
  // Also where it was there: whoever made it may have been killed before this.
  std::error_code error;
  if (std::filesystem::exists(StoreFolderOf(data_dir), error)) return absl::OkStatus();
  const absl::Status synced = storage::SyncFolderAbove(/*env=*/nullptr, data_dir);
  if (synced.ok()) return synced;
  return absl::FailedPreconditionError(absl::StrCat("--data-dir: cannot make ", data_dir, ": ", synced.message()));
}

absl::Status CheckIsApart(const std::string& backup_dir, const std::string& data_dir) {
  const auto lies_in = [](const std::string& inner, const std::string& outer) {
    std::error_code error;
    const std::filesystem::path way =
        std::filesystem::relative(std::filesystem::absolute(inner), std::filesystem::absolute(outer), error);
    return !error && !way.empty() && *way.begin() != "..";
  };
  if (!lies_in(backup_dir, data_dir) && !lies_in(data_dir, backup_dir)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--backup-dir: ", backup_dir, " and --data-dir, ", data_dir,
                                                 ", lie in each other, so both are lost together. Name a folder "
                                                 "outside, best on another disk."));
}

absl::StatusOr<std::unique_ptr<storage::Store>> OpenToServe(const std::string& data_dir, uint64_t reserved_bytes) {
  if (absl::Status owner = CheckOwner(data_dir); !owner.ok()) return owner;
  storage::RocksDbStoreOptions options;
  options.data_dir = StoreFolderOf(data_dir);
  if (reserved_bytes > 0) options.reserved_bytes = reserved_bytes;
  std::error_code error;
  const std::string key = absl::StrCat(data_dir, "/receipt.key");
  options.create_if_missing = !std::filesystem::exists(key, error);
  absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::OpenRocksDbStore(options);
  if (!absl::IsNotFound(store.status())) return store;
  if (access(options.data_dir.c_str(), R_OK | X_OK) != 0 && errno == EACCES) {
    return absl::FailedPreconditionError(
        absl::StrCat("--data-dir: the user who starts this may not look into ", options.data_dir,
                     ". Start it as the user to whom it belongs, or give all files back: chown -R."));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "--data-dir: there is no store in ", data_dir, ", but the key of its receipts, ", key,
      ", is there. If the disk of the store is not mounted, mount it; if the store is lost, restore a "
      "backup into a new folder: qm admin restore --backup-dir DIR --to NEW_DIR. Only to begin a new store "
      "here, move the key and receipt-public.pem to a safe place."));
}

absl::StatusOr<v1::VerificationReport> VerifyDataDir(const std::string& data_dir, const OnProgress& on_progress) {
  if (absl::Status owner = CheckOwner(data_dir); !owner.ok()) return owner;
  storage::RocksDbStoreOptions options;
  options.data_dir = StoreFolderOf(data_dir);
  options.create_if_missing = false;
  const absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::OpenRocksDbStore(options);
  if (absl::IsNotFound(store.status())) {
    return absl::NotFoundError(absl::StrCat("--data-dir: there is no store in ", data_dir, "."));
  }
  if (!store.ok()) return store.status();
  return VerifyStore(store->get(), /*live=*/nullptr, on_progress);
}

absl::StatusOr<v1::Backup> RestoreDataDir(const std::string& backup_dir, absl::optional<uint32_t> id,
                                          const std::string& data_dir) {
  if (absl::Status apart = CheckIsApart(backup_dir, data_dir); !apart.ok()) return apart;
  std::error_code error;
  const bool was_there = std::filesystem::exists(data_dir, error);
  if (absl::Status made = MakeDataDir(data_dir); !made.ok()) return made;
  if (absl::Status owner = CheckOwner(data_dir); !owner.ok()) return owner;
  if (absl::Status empty = CheckIsEmpty(data_dir); !empty.ok()) return empty;
  const absl::StatusOr<storage::Backup> restored = storage::RestoreBackup(backup_dir, id, StoreFolderOf(data_dir));
  if (!restored.ok()) {
    // It stays where it holds something: the beginning of a store, which keeps a server from beginning a new one.
    if (!was_there) rmdir(data_dir.c_str());
    return restored.status();
  }
  return Describe(*restored);
}

}  // namespace quartermaster::server
