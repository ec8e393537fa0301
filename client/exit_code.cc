#include "client/exit_code.h"

namespace quartermaster::client {
namespace {

int Severity(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return 0;
    case ExitCode::kRejected:
      return 1;
    case ExitCode::kFailure:
      return 2;
    case ExitCode::kConflict:
      return 3;
    case ExitCode::kUnreachable:
      return 4;
    case ExitCode::kNotPermitted:
      return 5;
    case ExitCode::kUsage:
      return 6;
  }
  return 2;
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    // What a person typed: a period in calendar quarters, a reason that is too long.
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnavailable:
    // Too many writes wait at the server: nothing was stored, and waiting is all that it takes.
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kConflict;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kNotPermitted;
    default:
      return ExitCode::kFailure;
  }
}

ExitCode MoreSevere(ExitCode a, ExitCode b) { return Severity(a) >= Severity(b) ? a : b; }

}  // namespace quartermaster::client
