// Backups as the API shows them. Only what names the folder on the command line of the server decides where they lie.
#ifndef QUARTERMASTER_SERVER_BACKUPS_H_
#define QUARTERMASTER_SERVER_BACKUPS_H_

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "quartermaster/v1/store_service.pb.h"
#include "storage/store.h"

namespace quartermaster::server {

// Told now and then how far something is. It may be called on any thread, and must be quick.
using OnProgress = std::function<void(const v1::Progress& progress)>;

v1::Backup Describe(const storage::Backup& backup);
v1::ListBackupsResponse Describe(const storage::BackupList& list);

// Thread-safe. Without a folder both calls are refused: FAILED_PRECONDITION, reason NO_BACKUP_FOLDER.
class Backups {
 public:
  // `backup_dir` empty: there is none.
  Backups(storage::Store* store, std::string backup_dir) : store_(store), backup_dir_(std::move(backup_dir)) {}

  // It takes minutes. Errors as of storage::Store::CreateBackup.
  absl::StatusOr<v1::Backup> Create(const OnProgress& on_progress);
  absl::StatusOr<v1::ListBackupsResponse> List() const;
  // The server stops: copying and reading back that are under way end with CANCELLED, and so does what is asked for
  // later. Lists are still made.
  void Stop() { stopped_.store(true); }
  bool is_stopped() const { return stopped_.load(); }

 private:
  absl::Status CheckHasFolder() const;

  storage::Store* const store_;
  const std::string backup_dir_;
  std::atomic<bool> stopped_{false};
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_BACKUPS_H_
