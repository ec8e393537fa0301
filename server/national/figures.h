// The figures of a distribution, by the definitions that statisticians cite, computed in integers.
//
// Each figure is rounded once, half to even, at 9 places. What is undefined is unset.
#ifndef QUARTERMASTER_SERVER_NATIONAL_CELL_FIGURES_H_
#define QUARTERMASTER_SERVER_NATIONAL_CELL_FIGURES_H_

#include <cstddef>
#include <optional>

#include "server/national/distribution.h"
#include "validation/decimal.h"

namespace quartermaster::national {

// Of n values x[0] <= ... <= x[n-1]. Without values only n is set; with one there is no standard deviation.
struct Figures {
  size_t n = 0;
  // Sum(x) / n.
  std::optional<Decimal> mean;
  // Quantile(p) is type 7 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American
  // Statistician 50 (1996), 361-365: with h = (n-1)p it is x[floor(h)] + (h - floor(h)) (x[floor(h)+1] - x[floor(h)]).
  // Excel's QUARTILE.INC and PERCENTILE.INC, numpy's and R's default are the same. p is 1/2, 1/4, 3/4, 1/10, 9/10.
  std::optional<Decimal> median;
  std::optional<Decimal> lower_quartile;
  std::optional<Decimal> upper_quartile;
  std::optional<Decimal> percentile_10;
  std::optional<Decimal> percentile_90;
  std::optional<Decimal> minimum;
  std::optional<Decimal> maximum;
  // Of a sample, with Bessel's correction: the square root of (n Sum(x^2) - Sum(x)^2) / (n (n-1)) (T. F. Chan, G. H.
  // Golub, R. J. LeVeque, "Algorithms for Computing the Sample Variance", The American Statistician 37 (1983), 242-247:
  // the "textbook" formula). They warn of its cancellation in floating point; in integers there is none.
  std::optional<Decimal> standard_deviation;
};

Figures ComputeFigures(const Distribution& distribution);

// The quarter of a distribution, 1 (lowest) to 4; a value on a quartile belongs to the lower quarter.
template <typename Number>
int QuarterOf(Number value, Number lower_quartile, Number median, Number upper_quartile) {
  return value <= lower_quartile ? 1 : value <= median ? 2 : value <= upper_quartile ? 3 : 4;
}

// Where one value of a distribution stands in it.
struct Standing {
  // 1 for the largest; equal values share the smallest rank ("standard competition ranking", as Excel's RANK.EQ).
  size_t rank;
  // (values below + half of the other equal ones) / (n - 1) x 100, which is 0 for the smallest and 100 for the largest.
  // Unset if n is 1.
  std::optional<Decimal> percentile;
  // QuarterOf, by the figures.
  int quarter;
};

// Requires that `value` is in `distribution`, and that `figures` are of it, or of its other values.
Standing ComputeStanding(const Distribution& distribution, const Figures& figures, Decimal value);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_CELL_FIGURES_H_
