#include "server/national/figures.h"

#include <cmath>

#include "boost/multiprecision/cpp_int.hpp"
#include "validation/decimal_rounding.h"

namespace quartermaster::national {
namespace {

using Int256 = boost::multiprecision::int256_t;

// Type 7 for p = numerator / denominator. Requires a value.
Decimal Quantile(const Distribution& distribution, size_t numerator, size_t denominator) {
  const size_t position = (distribution.size() - 1) * numerator;
  const size_t below = position / denominator;
  const size_t weight = position % denominator;
  const Decimal lower = distribution.Smallest(below);
  if (weight == 0) return lower;
  const Decimal upper = distribution.Smallest(below + 1);
  // Kept whole until the one division: (lower (d - w) + upper w) / d.
  const auto divisor = static_cast<Int128>(denominator);
  const auto upper_share = static_cast<Int128>(weight);
  return Decimal::FromRaw(DivideHalfEven(lower.raw() * (divisor - upper_share) + upper.raw() * upper_share, divisor));
}

// The largest integer whose square is at most `square`. Newton's method from above falls until it arrives; from a
// double it takes one or two steps.
template <typename Int>
Int FloorSquareRoot(const Int& square) {
  if (square == 0) return 0;
  constexpr double kAbove = 1 + 0x1p-50;  // More than the errors of a conversion to double and of its root.
  Int root = Int(std::sqrt(static_cast<double>(square)) * kAbove) + 1;
  while (true) {
    const Int next = (root + square / root) / 2;
    if (next >= root) return root;
    root = next;
  }
}

// Of n values, at least two, in billionths, rounded half to even. Requires that 9 n x `squares` fits.
template <typename Int>
Int StandardDeviation(const Int& n, const Int& sum, const Int& squares) {
  const Int dividend = n * squares - sum * sum;
  const Int divisor = n * (n - 1);
  const Int root = FloorSquareRoot(Int(dividend / divisor));
  // The nearest integer to the root of the quotient itself: whether that lies above root + 1/2, in whole numbers.
  const Int twice_middle = 2 * root + 1;
  const Int middle_squared = twice_middle * twice_middle * divisor;
  const Int quadruple = 4 * dividend;
  const bool up = quadruple > middle_squared || (quadruple == middle_squared && root % 2 != 0);
  return up ? root + 1 : root;
}

// Requires at least two values.
Decimal StandardDeviation(const Distribution& distribution) {
  const size_t n = distribution.size();
  const Int128 sum = distribution.sum().raw();
  const WideSum squares = distribution.sum_of_squares();
  // Nearly always 128 bits hold all of it, in a fifth of the time.
  constexpr size_t kMostNarrow = size_t{1} << 32;
  if (n < kMostNarrow && squares.high == 0 && squares.low < (UnsignedInt128{1} << 123) / n) {
    return Decimal::FromRaw(StandardDeviation<Int128>(static_cast<Int128>(n), sum, static_cast<Int128>(squares.low)));
  }
  const Int256 wide_squares = (Int256(squares.high) << 128) + Int256(squares.low);
  return Decimal::FromRaw(static_cast<Int128>(StandardDeviation<Int256>(Int256(n), Int256(sum), wide_squares)));
}

}  // namespace

Figures ComputeFigures(const Distribution& distribution) {
  Figures figures;
  figures.n = distribution.size();
  if (figures.n == 0) return figures;
  figures.mean = Decimal::FromRaw(DivideHalfEven(distribution.sum().raw(), static_cast<Int128>(figures.n)));
  figures.median = Quantile(distribution, 1, 2);
  figures.lower_quartile = Quantile(distribution, 1, 4);
  figures.upper_quartile = Quantile(distribution, 3, 4);
  figures.percentile_10 = Quantile(distribution, 1, 10);
  figures.percentile_90 = Quantile(distribution, 9, 10);
  figures.minimum = distribution.Smallest(0);
  figures.maximum = distribution.Smallest(figures.n - 1);
  if (figures.n > 1) figures.standard_deviation = StandardDeviation(distribution);
  return figures;
}

Standing ComputeStanding(const Distribution& distribution, const Figures& figures, Decimal value) {
  Standing standing;
  const size_t less = distribution.CountLess(value);
  const size_t at_most = distribution.CountAtMost(value);
  const size_t n = distribution.size();
  standing.rank = n - at_most + 1;
  if (n > 1) {
    const size_t twice_below = 2 * less + (at_most - less - 1);
    standing.percentile =
        MultiplyDivide(Decimal::FromInteger(static_cast<int64_t>(twice_below)), Decimal::FromInteger(100),
                       Decimal::FromInteger(static_cast<int64_t>(2 * (n - 1))));
  }
  standing.quarter = QuarterOf(value, *figures.lower_quartile, *figures.median, *figures.upper_quartile);
  return standing;
}

}  // namespace quartermaster::national
