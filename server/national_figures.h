// The national figures as each viewer may see them, and positions and trends among them. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_NATIONAL_FIGURES_H_
#define QUARTERMASTER_SERVER_NATIONAL_FIGURES_H_

#include <functional>

#include "absl/status/statusor.h"
#include "quartermaster/v1/national_service.pb.h"
#include "server/disclosure.h"
#include "server/live_state.h"
#include "server/principal.h"

namespace quartermaster::server {

// Thread-safe. The state and the disclosure must outlive it. Errors as NationalService says. Each `done` is called
// once, now or on the store's thread: a look at figures that move in steps may take one, and sees it.
class NationalFigures {
 public:
  NationalFigures(const LiveState* state, Disclosure* disclosure) : state_(state), disclosure_(disclosure) {}

  using ListDone = std::function<void(absl::StatusOr<v1::ListNationalStatisticsResponse>)>;
  void List(const v1::ListNationalStatisticsRequest& request, const Principal& viewer, ListDone done) const;

  using PositionDone = std::function<void(absl::StatusOr<v1::GetPositionResponse>)>;
  void Position(const v1::GetPositionRequest& request, const Principal& viewer, PositionDone done) const;

  using TrendDone = std::function<void(absl::StatusOr<v1::GetTrendResponse>)>;
  void Trend(const v1::GetTrendRequest& request, const Principal& viewer, TrendDone done) const;

 private:
  const LiveState* const state_;
  Disclosure* const disclosure_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_NATIONAL_FIGURES_H_
