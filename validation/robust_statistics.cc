#include "validation/robust_statistics.h"

#include <algorithm>

namespace quartermaster {
namespace {

constexpr Decimal kScale = Decimal::FromScaled(14826, 4);

Decimal Median(std::vector<Decimal>* values) {
  const size_t middle = values->size() / 2;
  std::nth_element(values->begin(), values->begin() + static_cast<ptrdiff_t>(middle), values->end());
  const Decimal upper = (*values)[middle];
  if (values->size() % 2 == 1) return upper;
  const Decimal lower = *std::max_element(values->begin(), values->begin() + static_cast<ptrdiff_t>(middle));
  return *Divide(*Add(lower, upper), Decimal::FromInteger(2));
}

}  // namespace

MedianAndDeviation ComputeMedianAndDeviation(std::vector<Decimal> values) {
  const Decimal median = Median(&values);
  for (Decimal& value : values) value = Magnitude(*Subtract(value, median));
  return {median, Median(&values)};
}

Decimal SpreadOf(Decimal deviation) { return *Multiply(deviation, kScale); }

}  // namespace quartermaster
