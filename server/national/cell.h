// One cell of the national statistics: all that is held of one indicator in one period.
#ifndef QUARTERMASTER_SERVER_NATIONAL_CELL_H_
#define QUARTERMASTER_SERVER_NATIONAL_CELL_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "server/national/distribution.h"
#include "validation/contribution.h"
#include "validation/decimal.h"
#include "validation/schema.h"

namespace quartermaster::national {

// Regular but for comparison. Thread-compatible.
class Cell {
 public:
  Cell() = default;

  // Takes out one contribution, if any, and puts another in, if any. Ends the program if `before` is not in the cell:
  // every figure after that would be wrong, and a start computes them anew.
  void Replace(const absl::optional<Contribution>& before, const absl::optional<Contribution>& after);

  const Distribution& values() const { return values_; }
  Decimal numerators() const { return Decimal::FromRaw(numerators_); }
  Decimal denominators() const { return Decimal::FromRaw(denominators_); }
  // Sum of numerators / sum of denominators x factor. Only a ratio has it, and only where anybody reported.
  std::optional<Decimal> Pooled(const IndicatorSchema& indicator) const;

 private:
  friend class CellBuilder;
  Cell(Distribution values, Int128 numerators, Int128 denominators)
      : values_(std::move(values)), numerators_(numerators), denominators_(denominators) {}

  Distribution values_;
  Int128 numerators_ = 0;
  Int128 denominators_ = 0;
};

// Makes a cell of many contributions at once: the same as if each were put in, in less time. Thread-compatible.
class CellBuilder {
 public:
  void Add(const Contribution& contribution);
  Cell Build() const { return Cell(Distribution(values_), numerators_, denominators_); }

 private:
  std::vector<Decimal> values_;
  Int128 numerators_ = 0;
  Int128 denominators_ = 0;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_CELL_H_
