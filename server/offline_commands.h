// What qm-server does instead of serving, as a program: prints the result, and says how it went by its exit code.
#ifndef QUARTERMASTER_SERVER_OFFLINE_COMMANDS_H_
#define QUARTERMASTER_SERVER_OFFLINE_COMMANDS_H_

#include <cstdint>
#include <string>

#include "absl/types/optional.h"

namespace quartermaster::server {

struct OfflineOptions {
  // One of these at most.
  bool verify = false;
  bool list_backups = false;
  bool restore = false;
  bool any() const { return verify || list_backups || restore; }

  std::string data_dir;
  std::string backup_dir;
  // The one to restore; 0: the latest.
  uint32_t backup = 0;
  // One message of proto/quartermaster/v1/store_service.proto on one line, instead of text.
  bool json = false;
};

// The exit code: 0 if it went well, 1 if it failed or problems were found. Results go to standard output, progress and
// errors to standard error.
int RunOffline(const OfflineOptions& options);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_OFFLINE_COMMANDS_H_
