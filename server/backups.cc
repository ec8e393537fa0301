#include "server/backups.h"

#include <iostream>

#include "google/protobuf/util/time_util.h"
#include "server/errors.h"

namespace quartermaster::server {
namespace {

const char* Doing(storage::BackupPhase phase) {
  switch (phase) {
    case storage::BackupPhase::kCopying:
      return "copying";
    case storage::BackupPhase::kVerifying:
      return "reading it back";
    case storage::BackupPhase::kVerifyingOlder:
      return "reading older ones back";
    case storage::BackupPhase::kRemovingOlder:
      return "removing older ones";
  }
  return "";
}

}  // namespace

v1::Backup Describe(const storage::Backup& backup) {
  v1::Backup described;
  described.set_id(backup.id);
  *described.mutable_create_time() =
      google::protobuf::util::TimeUtil::SecondsToTimestamp(absl::ToUnixSeconds(backup.create_time));
  described.set_sequence(backup.acknowledged_sequence);
  described.set_bytes(backup.bytes);
  described.set_files(backup.files);
  return described;
}

v1::ListBackupsResponse Describe(const storage::BackupList& list) {
  v1::ListBackupsResponse response;
  for (const storage::Backup& backup : list.backups) *response.add_backups() = Describe(backup);
  for (const uint32_t id : list.damaged) response.add_damaged(id);
  return response;
}

absl::StatusOr<v1::Backup> Backups::Create(const OnProgress& on_progress) {
  if (absl::Status status = CheckHasFolder(); !status.ok()) return status;
  if (is_stopped()) return absl::CancelledError("no backup is made: the server stops. Ask again once it runs.");
  storage::BackupOptions options;
  options.backup_dir = backup_dir_;
  options.on_progress = [&on_progress](storage::BackupPhase phase, uint64_t bytes) {
    v1::Progress progress;
    progress.set_doing(Doing(phase));
    progress.set_done(bytes);
    on_progress(progress);
  };
  options.on_damaged = [](uint32_t id, const std::string& why) {
    std::cerr << "qm-server: backup " << id << " was damaged and is removed: " << why << std::endl;
  };
  options.is_cancelled = [this] { return is_stopped(); };
  const absl::StatusOr<storage::Backup> backup = store_->CreateBackup(options);
  if (absl::IsFailedPrecondition(backup.status())) return Refused("BACKUP_FOLDER_UNFIT", backup.status().message());
  if (!backup.ok()) return backup.status();
  return Describe(*backup);
}

absl::StatusOr<v1::ListBackupsResponse> Backups::List() const {
  if (absl::Status status = CheckHasFolder(); !status.ok()) return status;
  const absl::StatusOr<storage::BackupList> list = storage::ListBackups(backup_dir_);
  if (!list.ok()) return list.status();
  return Describe(*list);
}

absl::Status Backups::CheckHasFolder() const {
  if (!backup_dir_.empty()) return absl::OkStatus();
  return Refused("NO_BACKUP_FOLDER",
                 "this server has no folder of backups. Start it with --backup-dir DIR, best on another disk.");
}

}  // namespace quartermaster::server
