#include "server/windows.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/errors.h"

namespace quartermaster::server {
namespace {

// The last day of the period of kind `kind` that contains it.
absl::CivilDay LastDayOf(Period period, PeriodKind kind) {
  while (period.kind() != kind) period = period.Container();
  const int months = period.first_month() + period.month_count();
  return absl::CivilDay(absl::CivilMonth(months / 12, months % 12 + 1)) - 1;
}

// "11 August 2025".
std::string DisplayDay(const absl::CivilDay& day) {
  return absl::FormatTime("%-d %B %Y", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

// The last day of a grant, or what is before all days where its text is no day: then it never holds.
absl::CivilDay UntilOf(const v1::WindowGrant& grant) {
  absl::CivilDay day;
  return absl::ParseCivilTime(grant.until(), &day) ? day : absl::CivilDay::min();
}

v1::WindowState StateByDates(const WindowSchema& window, const Period& period, absl::Time now) {
  const WindowDates dates = DatesOf(window, period);
  const absl::TimeZone zone = ZoneOf(window);
  if (now < BeginningOf(dates.opens, zone)) return v1::WINDOW_STATE_NOT_OPEN_YET;
  if (now < EndOf(dates.due, zone)) return v1::WINDOW_STATE_OPEN;
  if (now < EndOf(dates.closes, zone)) return v1::WINDOW_STATE_LATE;
  return v1::WINDOW_STATE_CLOSED;
}

absl::Status Closed(const CollectionSchema& schema, const WindowSchema& window, const Period& period,
                    const v1::WindowGrant* last_grant) {
  std::string what = absl::StrCat(period.ToDisplayString(), " of ", schema.id(), " closed on ",
                                  DisplayDay(DatesOf(window, period).closes), ".");
  if (last_grant != nullptr) {
    // Whoever had an extension counts on it, and must hear of its end.
    const bool is_extension = !last_grant->participant().empty();
    absl::StrAppend(&what, " The ",
                    is_extension ? absl::StrCat("extension of ", last_grant->participant()) : "reopening",
                    last_grant->ended_by().empty() ? absl::StrCat(" ended on ", DisplayDay(UntilOf(*last_grant)), ".")
                                                   : absl::StrCat(" was ended early by ", last_grant->ended_by(), "."));
  }
  return Refused("PERIOD_CLOSED",
                 absl::StrCat(what, " Ask ", window.contact, " for an extension, then send it again."));
}

}  // namespace

WindowDates DatesOf(const WindowSchema& window, const Period& period) {
  const absl::CivilDay own_end = LastDayOf(period, period.kind());
  const absl::CivilDay end = LastDayOf(period, window.closes_with);
  WindowDates dates{own_end + window.opens_days, own_end + window.due_days, end + window.closes_days, {}};
  if (window.release_days) dates.release_by = end + *window.release_days;
  return dates;
}

absl::TimeZone ZoneOf(const WindowSchema& window) {
  absl::TimeZone zone;
  absl::LoadTimeZone(window.time_zone, &zone);  // Once loaded it stays in memory.
  return zone;
}

absl::Time BeginningOf(const absl::CivilDay& day, const absl::TimeZone& zone) { return absl::FromCivil(day, zone); }

absl::Time EndOf(const absl::CivilDay& day, const absl::TimeZone& zone) { return BeginningOf(day + 1, zone); }

absl::optional<absl::Time> DueInstant(const CollectionSchema& schema, const Period& period) {
  const WindowSchema* window = schema.FindWindow(period.kind());
  if (window == nullptr) return absl::nullopt;
  return EndOf(DatesOf(*window, period).due, ZoneOf(*window));
}

std::vector<SchemaProblem> TimeZoneProblems(const CollectionSchema& schema) {
  std::vector<SchemaProblem> problems;
  for (const WindowSchema& window : schema.windows()) {
    absl::TimeZone zone;
    if (absl::LoadTimeZone(window.time_zone, &zone)) continue;
    problems.push_back(
        {schema.file_name(), 0, 0, schema.id(),
         absl::StrCat("The window for each ", PeriodKindName(window.kind), " has the time zone \"", window.time_zone,
                      "\", which the server does not know. Correct the name, or install the package tzdata there.")});
  }
  return problems;
}

absl::Status CheckTimeZones(const CollectionSchema& schema) {
  const std::vector<SchemaProblem> problems = TimeZoneProblems(schema);
  if (problems.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the collection ", schema.id(), " cannot be served. ", problems.front().message,
                   " Without the zone it is unknown when returns are taken. On Debian: apt-get install tzdata"));
}

bool Windows::Holds(const v1::WindowGrant& grant, const CollectionSchema& schema, absl::Time now) {
  if (!grant.ended_by().empty()) return false;
  const absl::StatusOr<Period> from = Period::Parse(grant.from());
  const WindowSchema* window = from.ok() ? schema.FindWindow(from->kind()) : nullptr;
  return window != nullptr && now < EndOf(UntilOf(grant), ZoneOf(*window));
}

v1::WindowState Windows::StateOf(const CollectionSchema& schema, const Period& period, absl::Time now) const {
  return StateFor(schema, /*participant=*/"", period, now);
}

v1::WindowState Windows::StateFor(const CollectionSchema& schema, const std::string& participant, const Period& period,
                                  absl::Time now) const {
  const WindowSchema* window = schema.FindWindow(period.kind());
  if (window == nullptr) return v1::WINDOW_STATE_OPEN;
  const v1::WindowState state = StateByDates(*window, period, now);
  if (state != v1::WINDOW_STATE_CLOSED) return state;
  for (const v1::WindowGrant* grant : grants_->For(schema.id(), period)) {
    const bool is_meant = grant->participant().empty() || grant->participant() == participant;
    if (is_meant && Holds(*grant, schema, now)) return v1::WINDOW_STATE_LATE;
  }
  return v1::WINDOW_STATE_CLOSED;
}

absl::Status Windows::CheckOpen(const CollectionSchema& schema, const std::string& participant, const Period& period,
                                absl::Time now) const {
  const v1::WindowState state = StateFor(schema, participant, period, now);
  if (state != v1::WINDOW_STATE_NOT_OPEN_YET && state != v1::WINDOW_STATE_CLOSED) return absl::OkStatus();
  const WindowSchema& window = *schema.FindWindow(period.kind());
  if (state == v1::WINDOW_STATE_NOT_OPEN_YET) {
    return Refused("PERIOD_NOT_OPEN_YET", absl::StrCat(period.ToDisplayString(), " of ", schema.id(), " opens on ",
                                                       DisplayDay(DatesOf(window, period).opens),
                                                       ". Send it from that day on, or ask ", window.contact, "."));
  }
  const v1::WindowGrant* last = nullptr;
  for (const v1::WindowGrant* grant : grants_->For(schema.id(), period)) {
    const bool is_meant = grant->participant().empty() || grant->participant() == participant;
    if (is_meant && (last == nullptr || UntilOf(*last) < UntilOf(*grant))) last = grant;
  }
  return Closed(schema, window, period, last);
}

v1::PeriodWindow Windows::DescribeWindow(const CollectionSchema& schema, const Period& period, absl::Time now) const {
  v1::PeriodWindow described;
  described.set_collection(schema.id());
  described.set_period(period.ToString());
  described.set_state(StateOf(schema, period, now));
  const WindowSchema* window = schema.FindWindow(period.kind());
  if (window == nullptr) return described;
  const WindowDates dates = DatesOf(*window, period);
  described.set_opens(absl::FormatCivilTime(dates.opens));
  described.set_due(absl::FormatCivilTime(dates.due));
  described.set_closes(absl::FormatCivilTime(dates.closes));
  if (dates.release_by) described.set_release_by(absl::FormatCivilTime(*dates.release_by));
  described.set_time_zone(window->time_zone);
  described.set_contact(window->contact);
  return described;
}

std::vector<v1::WindowGrant> Windows::GrantsFor(const CollectionSchema& schema, const Period& period,
                                                absl::Time now) const {
  std::vector<v1::WindowGrant> found;
  for (const v1::WindowGrant* grant : grants_->For(schema.id(), period)) {
    if (Holds(*grant, schema, now)) found.push_back(*grant);
  }
  return found;
}

std::function<bool(const Period&)> Windows::Settled(const CollectionSchema& schema, absl::Time now) const {
  // One return asks for the same few periods once an indicator.
  auto known = std::make_shared<std::map<Period, bool>>();
  return [windows = *this, &schema, now, known](const Period& asked) {
    const auto found = known->find(asked);
    if (found != known->end()) return found->second;
    const std::vector<Period> periods = asked.WithParts();
    const bool settled = std::all_of(periods.begin(), periods.end(), [&](const Period& period) {
      return schema.FindWindow(period.kind()) == nullptr ||
             windows.StateOf(schema, period, now) == v1::WINDOW_STATE_CLOSED;
    });
    known->emplace(asked, settled);
    return settled;
  };
}

}  // namespace quartermaster::server
