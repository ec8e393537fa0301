// When returns are taken: the dates that follow from the windows of a collection, and what stewards granted beyond
// them.
//
// Each date is a whole day in the window's time zone: what closes on 11 August takes returns until the midnight at the
// end of that day, an instant that is another one in summer than in winter. A collection without a window for a kind of
// period takes returns for it always.
#ifndef QUARTERMASTER_SERVER_WINDOWS_H_
#define QUARTERMASTER_SERVER_WINDOWS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/window_service.pb.h"
#include "server/window_grants.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

struct WindowDates {
  absl::CivilDay opens;
  absl::CivilDay due;
  absl::CivilDay closes;
  absl::optional<absl::CivilDay> release_by;
};

// Of a period of the window's kind.
WindowDates DatesOf(const WindowSchema& window, const Period& period);

// The window's time zone. CheckTimeZones must have found it.
absl::TimeZone ZoneOf(const WindowSchema& window);
// The instants at which a day begins, and at which the next one does.
absl::Time BeginningOf(const absl::CivilDay& day, const absl::TimeZone& zone);
absl::Time EndOf(const absl::CivilDay& day, const absl::TimeZone& zone);

// The instant from which a return is late; absent where the collection has no window for periods of this kind.
absl::optional<absl::Time> DueInstant(const CollectionSchema& schema, const Period& period);

// What is wrong with the time zones of the windows, where this machine does not know them.
std::vector<SchemaProblem> TimeZoneProblems(const CollectionSchema& schema);
// The same as one error, for a server that starts: FAILED_PRECONDITION.
absl::Status CheckTimeZones(const CollectionSchema& schema);

// Which windows are open, with the grants of one moment. Thread-safe, and cheap to copy. A grant takes returns beyond
// the close of a window, until the end of its last day; it does not open a window early.
class Windows {
 public:
  explicit Windows(std::shared_ptr<const WindowGrants> grants) : grants_(std::move(grants)) {}

  // Whether returns for the period are taken, for all participants: a reopening makes it late, not closed.
  v1::WindowState StateOf(const CollectionSchema& schema, const Period& period, absl::Time now) const;
  // The same for one participant, with its extensions.
  v1::WindowState StateFor(const CollectionSchema& schema, const std::string& participant, const Period& period,
                           absl::Time now) const;
  // FAILED_PRECONDITION, reason PERIOD_NOT_OPEN_YET or PERIOD_CLOSED, where a return or withdrawal of the participant
  // is not taken. It names the date, what to do and whom to ask.
  absl::Status CheckOpen(const CollectionSchema& schema, const std::string& participant, const Period& period,
                         absl::Time now) const;

  // The dates of the period and its state, for all participants.
  v1::PeriodWindow DescribeWindow(const CollectionSchema& schema, const Period& period, absl::Time now) const;

  // Whether a grant was not ended and its last day is not past.
  static bool Holds(const v1::WindowGrant& grant, const CollectionSchema& schema, absl::Time now);
  // The grants that hold now and bear on the period, ordered by participant, reopenings first.
  std::vector<v1::WindowGrant> GrantsFor(const CollectionSchema& schema, const Period& period, absl::Time now) const;

  // Tells for periods whether they are settled: no return for one, or for a part of one, is taken any more from all, so
  // that its figures stand still. What has no window counts as settled. The function remembers its answers, and is for
  // one thread; `schema` must outlive it.
  std::function<bool(const Period&)> Settled(const CollectionSchema& schema, absl::Time now) const;

 private:
  const std::shared_ptr<const WindowGrants> grants_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WINDOWS_H_
