#include "validation/contribution.h"

#include <optional>

namespace quartermaster {
namespace {

bool WithinLimit(Decimal value) { return value < kContributionLimit && value.raw() > -kContributionLimit.raw(); }

}  // namespace

absl::optional<Contribution> Contribute(const IndicatorSchema& indicator, const EvaluationInput& input) {
  const EvaluationResult numerator = indicator.numerator.Evaluate(input);
  if (numerator.error != EvaluationError::kNone) return absl::nullopt;
  Decimal denominator = Decimal::FromInteger(1);
  if (indicator.denominator.has_value()) {
    const EvaluationResult result = indicator.denominator->Evaluate(input);
    if (result.error != EvaluationError::kNone || result.number <= Decimal()) return absl::nullopt;
    denominator = result.number;
  }
  const std::optional<Decimal> value = MultiplyDivide(numerator.number, indicator.factor, denominator);
  if (!value || !WithinLimit(*value) || !WithinLimit(numerator.number) || !WithinLimit(denominator)) {
    return absl::nullopt;
  }
  return Contribution{numerator.number, denominator, *value};
}

}  // namespace quartermaster
