// What is done with a data folder while no server runs on it: verify it, or make a new one from a backup.
#ifndef QUARTERMASTER_SERVER_OFFLINE_H_
#define QUARTERMASTER_SERVER_OFFLINE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/store_service.pb.h"
#include "server/backups.h"

namespace quartermaster::server {

// Opens the store of the folder, which finishes what a start would finish, and checks it (server/verification.h).
// NOT_FOUND if there is none; FAILED_PRECONDITION while a server has it open; else as storage::OpenRocksDbStore.
absl::StatusOr<v1::VerificationReport> VerifyDataDir(const std::string& data_dir, const OnProgress& on_progress);

// Makes `data_dir`, which must be missing or empty, a data folder with the store that is in the backup; without `id` in
// the latest. Errors as of storage::RestoreBackup.
absl::StatusOr<v1::Backup> RestoreDataDir(const std::string& backup_dir, absl::optional<uint32_t> id,
                                          const std::string& data_dir);

// Makes the folder, for its owner alone, if it is missing. FAILED_PRECONDITION, naming the flag --data-dir.
absl::Status MakeDataDir(const std::string& data_dir);

// Where the store of a data folder lies.
std::string StoreFolderOf(const std::string& data_dir);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_OFFLINE_H_
