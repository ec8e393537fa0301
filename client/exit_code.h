// What the exit code of `qm` tells a script. The numbers are a contract (README): they never change.
#ifndef QUARTERMASTER_CLIENT_EXIT_CODE_H_
#define QUARTERMASTER_CLIENT_EXIT_CODE_H_

#include "absl/status/status.h"

namespace quartermaster::client {

enum class ExitCode {
  kOk = 0,            // All accepted.
  kFailure = 1,       // Anything else that went wrong.
  kUsage = 2,         // The command is wrong; nothing was sent.
  kRejected = 3,      // At least one return, row, or schema was refused; the findings say why.
  kUnreachable = 4,   // No answer that is proven to be the server's, none in time, or it was busy. Safe to run again.
  kConflict = 5,      // Something else is there already, or the state does not allow it.
  kNotPermitted = 6,  // The token or the certificate is missing, unknown, or does not allow it.
};

ExitCode ExitCodeOf(const absl::Status& status);

// The one that a script should act on first, when the returns of a command ended differently. A missing permission
// comes first, because nothing else can be put right without it; then a missing answer, because running again may be
// all that it takes; then conflicts, other failures, and findings, which need a person.
ExitCode MoreSevere(ExitCode a, ExitCode b);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXIT_CODE_H_
