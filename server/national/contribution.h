// What one return contributes to one indicator.
#ifndef QUARTERMASTER_SERVER_NATIONAL_CONTRIBUTION_H_
#define QUARTERMASTER_SERVER_NATIONAL_CONTRIBUTION_H_

#include "absl/types/optional.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/schema.h"

namespace quartermaster::national {

struct Contribution {
  Decimal numerator;
  Decimal denominator;  // 1 for an indicator that is not a ratio
  Decimal value;        // numerator / denominator x factor

  friend bool operator==(const Contribution&, const Contribution&) = default;
};

// Gives nothing where the indicator is undefined, and the participant then counts neither in n nor in a pooled figure:
// a field has no value, an expression fails, the denominator is 0 or, which no real quantity is, negative, or one of
// the three is not below Distribution::kLimit.
absl::optional<Contribution> Contribute(const IndicatorSchema& indicator, const EvaluationInput& input);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_CONTRIBUTION_H_
