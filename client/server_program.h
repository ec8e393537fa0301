// Runs qm-server where only it may touch the files: qm knows no stores. It takes the qm-server that lies beside qm,
// else the one that the shell would find.
#ifndef QUARTERMASTER_CLIENT_SERVER_PROGRAM_H_
#define QUARTERMASTER_CLIENT_SERVER_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quartermaster::client {

struct ServerProgramResult {
  int exit_code = 0;
  std::string output;
};

// Waits for its end. What it says on standard error goes to ours. NOT_FOUND if there is no such program; INTERNAL if it
// was killed or prints more than kMaxServerProgramOutputBytes.
absl::StatusOr<ServerProgramResult> RunServerProgram(const std::vector<std::string>& arguments);

// A report has a hundred problems of some hundred bytes each at most, a list some hundred backups.
inline constexpr size_t kMaxServerProgramOutputBytes = 16u << 20;

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_SERVER_PROGRAM_H_
