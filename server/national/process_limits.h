// The process limits of a series of values, and which of its points stand out from them: an XmR chart (individuals and
// moving ranges).
//
// A moving range is the distance of two neighbouring values; a gap in the series has none. The limits lie 2.66 mean
// moving ranges from the mean: 2.66 is 3 / d2 with d2 = 1.128, which makes of a mean range of two values three standard
// deviations (D. J. Wheeler, "Understanding Variation: The Key to Managing Chaos", 2nd edition, SPC Press, 2000). The
// signs are those of NHS England's "Making Data Count" ("Strengthening your decisions", 2019).
//
// Limits are rounded once, half to even, at 9 places. Which points stand out is decided before any rounding, in whole
// numbers, so it depends on nothing but the values.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PROCESS_LIMITS_H_
#define QUARTERMASTER_SERVER_NATIONAL_PROCESS_LIMITS_H_

#include <cstddef>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "validation/decimal.h"

namespace quartermaster::national {

// So many points in a row on one side of the mean, and so many that rise or fall without a break, are no chance.
inline constexpr size_t kShiftPoints = 7;
inline constexpr size_t kTrendPoints = 6;

struct ProcessLimits {
  Decimal mean;
  Decimal mean_moving_range;
  // Not below 0 where the values cannot be.
  Decimal lower;
  Decimal upper;
  size_t points;  // How many values there are.
};

// What is special about one point.
struct PointSigns {
  // Above the upper limit or below the lower one; a point on a limit is not.
  bool outside_limits = false;
  // One of kShiftPoints or more in a row on one side of the mean. A gap ends the row, and so does a point on the mean.
  bool shift = false;
  // One of kTrendPoints or more in a row, each above the one before, or each below. A gap or an equal value ends it.
  bool trend = false;
  // One of two, among three in a row without a gap, that lie within the limits but more than two thirds of the way from
  // the mean to the same one of them. Only those two are marked. The way to a limit that 0 cuts off is that to where it
  // would be.
  bool near_limit = false;

  friend bool operator==(const PointSigns&, const PointSigns&) = default;
};

struct ProcessAnalysis {
  // Absent where no two values are neighbours: then there is no moving range, and no sign either.
  absl::optional<ProcessLimits> limits;
  std::vector<PointSigns> signs;  // One a point of the series.
};

// `series` is in the order of time, one point a period; absent is a gap. `can_be_negative` says whether the lower limit
// can. Requires values within kContributionLimit, and at most kMaxSeriesPoints of them.
ProcessAnalysis AnalyseProcess(absl::Span<const absl::optional<Decimal>> series, bool can_be_negative);

inline constexpr size_t kMaxSeriesPoints = 4096;  // Three centuries of months; bounds the sums in 128 bits.

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PROCESS_LIMITS_H_
