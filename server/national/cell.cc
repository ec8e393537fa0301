#include "server/national/cell.h"

#include <cstdio>
#include <cstdlib>

namespace quartermaster::national {

void Cell::Replace(const absl::optional<Contribution>& before, const absl::optional<Contribution>& after) {
  if (before) {
    if (!values_.Erase(before->value)) {
      std::fputs("national statistics: a value to take out is not in its cell\n", stderr);
      std::abort();
    }
    numerators_ -= before->numerator.raw();
    denominators_ -= before->denominator.raw();
  }
  if (after) {
    values_.Insert(after->value);
    numerators_ += after->numerator.raw();
    denominators_ += after->denominator.raw();
  }
}

void CellBuilder::Add(const Contribution& contribution) {
  values_.push_back(contribution.value);
  numerators_ += contribution.numerator.raw();
  denominators_ += contribution.denominator.raw();
}

std::optional<Decimal> Cell::Pooled(const IndicatorSchema& indicator) const {
  if (!indicator.is_ratio()) return std::nullopt;
  return MultiplyDivide(numerators(), indicator.factor, denominators());
}

}  // namespace quartermaster::national
