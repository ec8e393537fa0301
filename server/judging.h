// What the server judges a return against: participants, populations, the participant's other returns, the country, and
// standing exceptions, as they are at the moment.
#ifndef QUARTERMASTER_SERVER_JUDGING_H_
#define QUARTERMASTER_SERVER_JUDGING_H_

#include "absl/time/time.h"
#include "server/live_state.h"
#include "server/pending_returns.h"
#include "server/windows.h"
#include "validation/period.h"
#include "validation/reference_data.h"

namespace quartermaster::server {

// Everything given must outlive the result, but for `windows`, which say what the country may be compared by: a period
// that is still open would tell by each move of its median what somebody sent. `pending` may be null.
ReferenceData MakeReference(const LiveCollection& collection, const Participants& participants,
                            const StandingExceptions& exceptions, const Windows& windows, const PendingReturns* pending,
                            absl::Time now);

// The month that it is in the United Kingdom is at most an hour from that of UTC, and periods are judged by month.
Period MonthOf(absl::Time time);

// The day by which standing exceptions end, 2026-12-31, in UTC.
std::string DayOf(absl::Time time);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_JUDGING_H_
