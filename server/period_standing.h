// Where every expected return of a period stands, and every one that is there. It is read once for all participants,
// which looks at all of their values, and then again only for those of whom something came.
#ifndef QUARTERMASTER_SERVER_PERIOD_STANDING_H_
#define QUARTERMASTER_SERVER_PERIOD_STANDING_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "server/live_state.h"
#include "server/national/participant_values.h"
#include "server/submit_times.h"
#include "validation/participants.h"
#include "validation/period.h"

namespace quartermaster::server {

// One participant's return for a service, with the returns that it is made of.
struct StandingLine {
  v1::ServiceStatus status;
  std::vector<national::UsedReturn> returns;
};

// Thread-compatible. The state and the times must outlive it.
class PeriodStanding {
 public:
  using Wanted = std::function<bool(const std::string& participant)>;

  // `services` are of the collection.
  PeriodStanding(const LiveState* state, const SubmitTimes* submit_times,
                 std::shared_ptr<const LiveCollection> collection, std::vector<const ServiceSchema*> services,
                 const Period& period);

  // Reads those of whom there is anything, as far as they are wanted. Errors are those of the store.
  absl::Status ReadAll(const Wanted& wanted);
  // Reads one participant's again; all, where it merged or others merged into it.
  absl::Status Reread(const std::string& service, const std::string& participant, const Wanted& wanted);
  // Whether it was made with the collection and the participants that are registered now. If not, a new one is due.
  bool IsCurrent() const;

  // What is there by what was read, who is expected and what is open as they are now: ordered by service and
  // participant, without names, extensions and quality.
  std::vector<StandingLine> Lines(absl::Time now, const Wanted& wanted) const;
  v1::Completeness Sum(absl::Time now, const std::vector<StandingLine>& lines) const;

  const LiveCollection& collection() const { return *collection_; }

 private:
  struct There {
    national::ParticipantValues values;  // Without contributions.
    absl::optional<absl::Time> completion;
  };
  absl::Status Keep(const ServiceSchema& service, national::ParticipantValues values);
  StandingLine MakeLine(const ServiceSchema& service, const std::string& participant, const There* there,
                        absl::Time now) const;

  const LiveState* const state_;
  const SubmitTimes* const submit_times_;
  const std::shared_ptr<const LiveCollection> collection_;
  const std::shared_ptr<const Participants> participants_;
  const std::vector<const ServiceSchema*> services_;
  const Period period_;
  const absl::optional<absl::Time> due_;
  // By service and participant.
  std::map<std::string, std::map<std::string, There>> there_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PERIOD_STANDING_H_
