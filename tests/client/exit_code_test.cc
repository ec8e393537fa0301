// The contract of exit codes.
#include "client/exit_code.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(ExitCodeTest, HasTheContractsNumbers) {
  EXPECT_EQ(static_cast<int>(ExitCode::kOk), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kFailure), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kRejected), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::kUnreachable), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::kConflict), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::kNotPermitted), 6);
}

TEST(ExitCodeTest, FollowsFromTheStatus) {
  const struct {
    absl::StatusCode status;
    ExitCode code;
  } kCases[] = {
      {absl::StatusCode::kOk, ExitCode::kOk},
      {absl::StatusCode::kInvalidArgument, ExitCode::kUsage},
      {absl::StatusCode::kUnavailable, ExitCode::kUnreachable},
      {absl::StatusCode::kDeadlineExceeded, ExitCode::kUnreachable},
      {absl::StatusCode::kResourceExhausted, ExitCode::kUnreachable},
      {absl::StatusCode::kAborted, ExitCode::kConflict},
      {absl::StatusCode::kAlreadyExists, ExitCode::kConflict},
      {absl::StatusCode::kFailedPrecondition, ExitCode::kConflict},
      {absl::StatusCode::kPermissionDenied, ExitCode::kNotPermitted},
      {absl::StatusCode::kUnauthenticated, ExitCode::kNotPermitted},
      {absl::StatusCode::kNotFound, ExitCode::kFailure},
      {absl::StatusCode::kInternal, ExitCode::kFailure},
      {absl::StatusCode::kDataLoss, ExitCode::kFailure},
      {absl::StatusCode::kOutOfRange, ExitCode::kFailure},
      {absl::StatusCode::kUnimplemented, ExitCode::kFailure},
      {absl::StatusCode::kCancelled, ExitCode::kFailure},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ExitCodeOf(absl::Status(c.status, "x")), c.code) << absl::StatusCodeToString(c.status);
  }
}

TEST(ExitCodeTest, ChoosesWhatAScriptMustActOnFirst) {
  const ExitCode kFromMildest[] = {ExitCode::kOk,       ExitCode::kRejected,    ExitCode::kFailure,
                                   ExitCode::kConflict, ExitCode::kUnreachable, ExitCode::kNotPermitted};
  for (size_t i = 0; i < std::size(kFromMildest); ++i) {
    for (size_t j = 0; j < std::size(kFromMildest); ++j) {
      EXPECT_EQ(MoreSevere(kFromMildest[i], kFromMildest[j]), kFromMildest[std::max(i, j)]);
    }
  }
}

}  // namespace
}  // namespace quartermaster::client
