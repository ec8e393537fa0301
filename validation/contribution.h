// What one return contributes to one indicator.
#ifndef QUARTERMASTER_VALIDATION_CONTRIBUTION_H_
#define QUARTERMASTER_VALIDATION_CONTRIBUTION_H_

#include "absl/types/optional.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/schema.h"

namespace quartermaster {

// Values, numerators and denominators lie strictly between minus and plus this: 10^21 of anything. The sums of 2^24
// participants and all figures that are made of them then fit 256 bits.
inline constexpr Decimal kContributionLimit = Decimal::FromRaw(Int128{1} << 100);

struct Contribution {
  Decimal numerator;
  Decimal denominator;  // 1 for an indicator that is not a ratio
  Decimal value;        // numerator / denominator x factor

  friend bool operator==(const Contribution&, const Contribution&) = default;
};

// Gives nothing where the indicator is undefined, and the participant then counts neither in n nor in a pooled figure:
// a field has no value, an expression fails, the denominator is 0 or, which no real quantity is, negative, or one of
// the three is not below kContributionLimit.
absl::optional<Contribution> Contribute(const IndicatorSchema& indicator, const EvaluationInput& input);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_CONTRIBUTION_H_
