#include "server/embargo.h"

#include "server/windows.h"

namespace quartermaster::server {

absl::CivilDay DayFor(const CollectionSchema& schema, const Period& period, absl::Time now) {
  const WindowSchema* window = schema.FindWindow(period.kind());
  return absl::ToCivilDay(now, window == nullptr ? absl::UTCTimeZone() : ZoneOf(*window));
}

bool IsUnderEmbargo(const v1::Release& release, const CollectionSchema& schema, absl::Time now) {
  if (release.embargoed_until().empty()) return false;
  absl::CivilDay until;
  const absl::StatusOr<Period> period = Period::Parse(release.period());
  if (!period.ok() || !absl::ParseCivilTime(release.embargoed_until(), &until)) return true;
  return DayFor(schema, *period, now) <= until;
}

bool IsSeenByAll(const ReleaseIndex& index, const v1::Release& release, const CollectionSchema& schema,
                 absl::Time now) {
  return !IsUnderEmbargo(release, schema, now) && !index.IsReplacedUnseen(release);
}

}  // namespace quartermaster::server
