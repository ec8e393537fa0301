#include "server/national/process_limits.h"

#include <algorithm>

#include "boost/multiprecision/cpp_int.hpp"
#include "validation/decimal_rounding.h"

namespace quartermaster::national {
namespace {

using Int256 = boost::multiprecision::int256_t;
using Series = absl::Span<const absl::optional<Decimal>>;

// 2.66 as a quotient.
constexpr int kFactorNumerator = 266;
constexpr int kFactorDenominator = 100;

Decimal Rounded(const Int256& dividend, const Int256& divisor) {
  return Decimal::FromRaw(static_cast<Int128>(DivideHalfEven(dividend, divisor)));
}

// The mean and the width of the limits of a series, as quotients of whole numbers that are never rounded. Everything is
// compared after multiplication by the one denominator of all of them.
class Process {
 public:
  explicit Process(Series series) {
    const absl::optional<Decimal>* before = nullptr;
    for (const absl::optional<Decimal>& value : series) {
      if (value) {
        ++points_;
        sum_ += value->raw();
        if (before != nullptr && *before) {
          ++ranges_;
          const Int128 difference = value->raw() - (*before)->raw();
          range_sum_ += difference < 0 ? -difference : difference;
        }
      }
      before = &value;
    }
    scale_ = Int256(kFactorDenominator) * points_ * ranges_;
    width_ = Int256(kFactorNumerator) * points_ * range_sum_;
  }

  bool has_limits() const { return ranges_ > 0; }

  ProcessLimits Limits(bool can_be_negative) const {
    ProcessLimits limits;
    limits.points = points_;
    limits.mean = Rounded(sum_, Int256(points_));
    limits.mean_moving_range = Rounded(range_sum_, Int256(ranges_));
    const Int256 scaled_mean = sum_ * kFactorDenominator * ranges_;
    limits.upper = Rounded(scaled_mean + width_, scale_);
    limits.lower = Rounded(scaled_mean - width_, scale_);
    if (!can_be_negative) limits.lower = std::max(limits.lower, Decimal());
    return limits;
  }

  // 1 above the mean, 0 on it, -1 below.
  int SideOfMean(Decimal value) const {
    const Int256 distance = Distance(value);
    return distance > 0 ? 1 : distance < 0 ? -1 : 0;
  }
  bool IsOutside(Decimal value) const { return abs(Distance(value)) > width_; }
  bool IsNearLimit(Decimal value) const { return !IsOutside(value) && 3 * abs(Distance(value)) > 2 * width_; }

 private:
  // From the mean, times `scale_`.
  Int256 Distance(Decimal value) const { return Int256(value.raw()) * scale_ - sum_ * kFactorDenominator * ranges_; }

  size_t points_ = 0;
  size_t ranges_ = 0;
  Int256 sum_ = 0;
  Int256 range_sum_ = 0;
  Int256 scale_;
  Int256 width_;
};

// Marks points [begin, end) if they are enough.
void MarkRun(size_t begin, size_t end, size_t enough, bool PointSigns::*sign, std::vector<PointSigns>* signs) {
  if (end - begin < enough) return;
  for (size_t i = begin; i < end; ++i) (*signs)[i].*sign = true;
}

void MarkShifts(Series series, const Process& process, std::vector<PointSigns>* signs) {
  size_t begin = 0;
  int side = 0;
  for (size_t i = 0; i <= series.size(); ++i) {
    const int next = i < series.size() && series[i] ? process.SideOfMean(*series[i]) : 0;
    if (next == side) continue;
    if (side != 0) MarkRun(begin, i, kShiftPoints, &PointSigns::shift, signs);
    begin = i;
    side = next;
  }
}

void MarkTrends(Series series, std::vector<PointSigns>* signs) {
  size_t begin = 0;
  int direction = 0;
  for (size_t i = 1; i <= series.size(); ++i) {
    int next = 0;
    if (i < series.size() && series[i] && series[i - 1]) {
      next = *series[i] > *series[i - 1] ? 1 : *series[i] < *series[i - 1] ? -1 : 0;
    }
    if (next == direction) continue;
    if (direction != 0) MarkRun(begin, i, kTrendPoints, &PointSigns::trend, signs);
    begin = i - 1;  // Where it turns belongs to both ways.
    direction = next;
  }
}

void MarkNearLimits(Series series, const Process& process, std::vector<PointSigns>* signs) {
  for (size_t i = 2; i < series.size(); ++i) {
    if (!series[i - 2] || !series[i - 1] || !series[i]) continue;
    for (const int side : {1, -1}) {
      std::vector<size_t> near;
      for (size_t j = i - 2; j <= i; ++j) {
        if (process.IsNearLimit(*series[j]) && process.SideOfMean(*series[j]) == side) near.push_back(j);
      }
      if (near.size() < 2) continue;
      for (const size_t j : near) (*signs)[j].near_limit = true;
    }
  }
}

}  // namespace

ProcessAnalysis AnalyseProcess(Series series, bool can_be_negative) {
  ProcessAnalysis analysis;
  analysis.signs.resize(series.size());
  const Process process(series);
  if (!process.has_limits()) return analysis;
  analysis.limits = process.Limits(can_be_negative);
  for (size_t i = 0; i < series.size(); ++i) {
    if (series[i]) analysis.signs[i].outside_limits = process.IsOutside(*series[i]);
  }
  MarkShifts(series, process, &analysis.signs);
  MarkTrends(series, &analysis.signs);
  MarkNearLimits(series, process, &analysis.signs);
  return analysis;
}

}  // namespace quartermaster::national
