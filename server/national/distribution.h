// The values of all participants on one indicator in one period, in order, with their sum and sum of squares.
//
// Everything is exact, so a distribution depends on which values it holds and not on how they came or went.
//
// Example:
//   Distribution occupancy;
//   occupancy.Insert(*value);
//   Decimal smallest = occupancy.Smallest(0);
#ifndef QUARTERMASTER_SERVER_NATIONAL_DISTRIBUTION_H_
#define QUARTERMASTER_SERVER_NATIONAL_DISTRIBUTION_H_

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "server/national/sorted_blocks.h"
#include "validation/contribution.h"
#include "validation/decimal.h"

namespace quartermaster::national {

// A sum of squares: high x 2^128 + low, in units of 10^-18.
struct WideSum {
  UnsignedInt128 high = 0;
  UnsignedInt128 low = 0;
  friend bool operator==(const WideSum&, const WideSum&) = default;
};

// An ordered multiset of Decimals. Regular but for comparison. Thread-compatible.
class Distribution {
 public:
  Distribution() = default;
  // Of values in any order, each as Insert requires it.
  explicit Distribution(const std::vector<Decimal>& values);

  // Requires -kContributionLimit < value < kContributionLimit.
  void Insert(Decimal value);
  // Takes out one that equals `value`. Gives false, and changes nothing, if there is none.
  bool Erase(Decimal value);

  size_t size() const;
  // The k-th smallest, from 0. Requires k < size().
  Decimal Smallest(size_t k) const;
  // How many are less than `value`.
  size_t CountLess(Decimal value) const;
  // How many are less than or equal to `value`.
  size_t CountAtMost(Decimal value) const;
  Decimal sum() const { return Decimal::FromRaw(sum_); }
  WideSum sum_of_squares() const { return sum_of_squares_; }
  // All, smallest first.
  std::vector<Decimal> Values() const;

 private:
  // Nearly all values are below nine thousand million, and then eight bytes hold one. The first that is not turns the
  // whole distribution into wide ones.
  using Narrow = SortedBlocks<int64_t>;
  using Wide = SortedBlocks<Int128>;
  std::variant<Narrow, Wide> values_;
  Int128 sum_ = 0;
  WideSum sum_of_squares_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_DISTRIBUTION_H_
