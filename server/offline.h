// What is done with a data folder that no server runs on: verify it, make a new one from a backup, or open it to serve.
#ifndef QUARTERMASTER_SERVER_OFFLINE_H_
#define QUARTERMASTER_SERVER_OFFLINE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/store_service.pb.h"
#include "server/backups.h"
#include "storage/store.h"

namespace quartermaster::server {

// Opens the store of the folder, which finishes what a start would finish and brings an older format to that of this
// program for good, and checks it (server/verification.h).
// NOT_FOUND if there is none; FAILED_PRECONDITION while a server has it open, and for root where it is another's; else as storage::OpenRocksDbStore.
absl::StatusOr<v1::VerificationReport> VerifyDataDir(const std::string& data_dir, const OnProgress& on_progress);

// Makes `data_dir`, which must be missing or empty, a data folder with the store that is in the backup; without `id` in
// the latest. Errors as of storage::RestoreBackup.
absl::StatusOr<v1::Backup> RestoreDataDir(const std::string& backup_dir, absl::optional<uint32_t> id,
                                          const std::string& data_dir);

// Makes the folder, for its owner alone, if it is missing. FAILED_PRECONDITION, naming the flag --data-dir.
absl::Status MakeDataDir(const std::string& data_dir);

// INVALID_ARGUMENT, naming the flag --backup-dir, if one of the folders lies in the other or both are one.
absl::Status CheckIsApart(const std::string& backup_dir, const std::string& data_dir);

// Opens the store of the folder, or makes a new one; `reserved_bytes` 0 is the default. FAILED_PRECONDITION if there is
// none but the key of its receipts, for then it was lost; else as storage::OpenRocksDbStore.
absl::StatusOr<std::unique_ptr<storage::Store>> OpenToServe(const std::string& data_dir, uint64_t reserved_bytes);

// Where the store of a data folder lies.
std::string StoreFolderOf(const std::string& data_dir);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_OFFLINE_H_
