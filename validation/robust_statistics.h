// The median and the median absolute deviation: what a few values tell of the middle and the spread of their kind,
// however wild one of them is.
#ifndef QUARTERMASTER_VALIDATION_ROBUST_STATISTICS_H_
#define QUARTERMASTER_VALIDATION_ROBUST_STATISTICS_H_

#include <vector>

#include "validation/decimal.h"

namespace quartermaster {

struct MedianAndDeviation {
  Decimal median;
  // The median of the distances from the median, not scaled.
  Decimal deviation;
};

// Requires at least one value, each of a magnitude below 10^21. Of an even number the median is the mean of the middle
// two, rounded half to even at 9 places.
MedianAndDeviation ComputeMedianAndDeviation(std::vector<Decimal> values);

// The spread that a deviation stands for: 1.4826 x the deviation, which for normally distributed values is the standard
// deviation (schema/v1/annotations.proto, Exceptional, has the source).
Decimal SpreadOf(Decimal deviation);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_ROBUST_STATISTICS_H_
