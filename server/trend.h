// A participant's values over time, with the country's beside them. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_TREND_H_
#define QUARTERMASTER_SERVER_TREND_H_

#include "absl/status/statusor.h"
#include "quartermaster/v1/national_service.pb.h"
#include "server/live_state.h"

namespace quartermaster::server {

// Three decades of months; more is a mistyped year.
inline constexpr int kMaxTrendPoints = 400;

// The series for viewers who see everything: exact live figures of the country. A value of which months are missing is
// shown, and left out of the process limits and signs. NOT_FOUND; INVALID_ARGUMENT for a cadence that the collection
// does not have, periods of another kind or in the wrong order, more than kMaxTrendPoints of them, and a service or
// category that is not given where it must be. Thread-safe.
absl::StatusOr<v1::GetTrendResponse> MakeTrend(const LiveState& state, const v1::GetTrendRequest& request);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TREND_H_
