// How far a period is: who has submitted, who is late, what is open, how good the data is. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_PROGRESS_H_
#define QUARTERMASTER_SERVER_PROGRESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "server/live_state.h"
#include "server/period_standing.h"
#include "server/principal.h"
#include "server/submissions.h"
#include "server/submit_times.h"
#include "storage/store.h"

namespace quartermaster::server {

// Thread-safe. The store and the state must outlive it. Errors as ProgressService says.
class Progress {
 public:
  Progress(const storage::Store* store, const LiveState* state, Clock clock);

  // Of a submitter's participants where the caller is no more than that; PERMISSION_DENIED where it asks for another.
  // It reads every return of the period, which can take a second.
  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request, const Principal& caller) const;

  // Nothing is read yet. This must outlive it.
  std::unique_ptr<PeriodStanding> Stand(std::shared_ptr<const LiveCollection> collection,
                                        std::vector<const ServiceSchema*> services, const Period& period) const;

  absl::Time now() const { return clock_(); }

 private:
  // Sets name and quality.
  absl::Status Complete(const LiveCollection& collection, StandingLine* line) const;

  const storage::Store* const store_;
  const LiveState* const state_;
  const Clock clock_;
  const SubmitTimes submit_times_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PROGRESS_H_
