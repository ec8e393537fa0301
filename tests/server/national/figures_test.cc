// Figures worked by hand, and against a recomputation in fractions that shares no code with them.
#include "server/national/figures.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "boost/multiprecision/cpp_int.hpp"
#include "gtest/gtest.h"
#include "tests/server/national/random.h"

namespace quartermaster::national {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

std::string FigureText(const std::optional<Decimal>& figure) { return figure ? figure->ToString() : "unset"; }

Distribution Of(const std::vector<Int128>& billionths) {
  Distribution distribution;
  for (const Int128 raw : billionths) distribution.Insert(Decimal::FromRaw(raw));
  return distribution;
}

constexpr Int128 kOne = Decimal::kOne;

struct Worked {
  const char* name;
  std::vector<Int128> values;
  std::string mean, median, lower_quartile, upper_quartile, percentile_10, percentile_90, minimum, maximum,
      standard_deviation;
};

class WorkedTest : public ::testing::TestWithParam<Worked> {};

TEST_P(WorkedTest, AllFigures) {
  const Worked& worked = GetParam();
  const Figures figures = ComputeFigures(Of(worked.values));
  EXPECT_EQ(figures.n, worked.values.size());
  EXPECT_EQ(FigureText(figures.mean), worked.mean);
  EXPECT_EQ(FigureText(figures.median), worked.median);
  EXPECT_EQ(FigureText(figures.lower_quartile), worked.lower_quartile);
  EXPECT_EQ(FigureText(figures.upper_quartile), worked.upper_quartile);
  EXPECT_EQ(FigureText(figures.percentile_10), worked.percentile_10);
  EXPECT_EQ(FigureText(figures.percentile_90), worked.percentile_90);
  EXPECT_EQ(FigureText(figures.minimum), worked.minimum);
  EXPECT_EQ(FigureText(figures.maximum), worked.maximum);
  EXPECT_EQ(FigureText(figures.standard_deviation), worked.standard_deviation);
}

INSTANTIATE_TEST_SUITE_P(
    Figures, WorkedTest,
    ::testing::Values(
        Worked{"Nobody", {}, "unset", "unset", "unset", "unset", "unset", "unset", "unset", "unset", "unset"},
        Worked{"One", {5 * kOne}, "5", "5", "5", "5", "5", "5", "5", "5", "unset"},
        Worked{"Two", {2 * kOne, kOne}, "1.5", "1.5", "1.25", "1.75", "1.1", "1.9", "1", "2", "0.707106781"},
        Worked{
            "Three", {4 * kOne, kOne, 2 * kOne}, "2.333333333", "2", "1.5", "3", "1.2", "3.6", "1", "4", "1.527525232"},
        Worked{"FourWithTies",
               {2 * kOne, 7 * kOne, kOne, 2 * kOne},
               "3",
               "2",
               "1.75",
               "3.25",
               "1.3",
               "5.5",
               "1",
               "7",
               "2.708012802"},
        Worked{"AllTheSame", {3 * kOne, 3 * kOne, 3 * kOne}, "3", "3", "3", "3", "3", "3", "3", "3", "0"},
        Worked{"BelowZero",
               {-3 * kOne / 2, kOne / 2},
               "-0.5",
               "-0.5",
               "-1",
               "0",
               "-1.3",
               "0.3",
               "-1.5",
               "0.5",
               "1.414213562"},
        // Halves of the last place go to the even neighbour: 1.5 up to 2, 0.5 and -0.5 to 0, -1.5 to -2.
        Worked{"HalfUpToEven",
               {1, 2},
               "0.000000002",
               "0.000000002",
               "0.000000001",
               "0.000000002",
               "0.000000001",
               "0.000000002",
               "0.000000001",
               "0.000000002",
               "0.000000001"},
        Worked{"HalfDownToEven",
               {0, 1},
               "0",
               "0",
               "0",
               "0.000000001",
               "0",
               "0.000000001",
               "0",
               "0.000000001",
               "0.000000001"},
        Worked{"HalfBelowZero",
               {-1, 0},
               "0",
               "0",
               "-0.000000001",
               "0",
               "-0.000000001",
               "0",
               "-0.000000001",
               "0",
               "0.000000001"},
        // The variance is 1/4 exactly: the deviation of 0.5 billionths goes to 0.
        Worked{"DeviationOfHalf", {0, 0, 0, 1}, "0", "0", "0", "0", "0", "0.000000001", "0", "0.000000001", "0"}),
    [](const ::testing::TestParamInfo<Worked>& test) { return test.param.name; });

// Half to even, in billionths.
cpp_int Rounded(const cpp_rational& exact) {
  const cpp_int top = numerator(exact);
  const cpp_int bottom = denominator(exact);
  cpp_int floor = top / bottom;
  if (floor * bottom > top) --floor;
  const cpp_rational rest = exact - floor;
  const cpp_rational half(1, 2);
  if (rest > half || (rest == half && floor % 2 != 0)) ++floor;
  return floor;
}

cpp_int Quantile(const std::vector<Int128>& sorted, int numerator, int denominator) {
  const cpp_rational position(cpp_int(sorted.size() - 1) * numerator, denominator);
  const auto below =
      static_cast<size_t>((sorted.size() - 1) * static_cast<size_t>(numerator) / static_cast<size_t>(denominator));
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const cpp_rational lower = cpp_int(sorted[below]);
  const cpp_rational upper = cpp_int(sorted[above]);
  return Rounded(lower + (position - cpp_int(below)) * (upper - lower));
}

cpp_int InBillionths(const std::optional<Decimal>& figure) { return cpp_int(figure.value().raw()); }

void ExpectAsInFractions(std::vector<Int128> values) {
  const Figures figures = ComputeFigures(Of(values));
  std::sort(values.begin(), values.end());
  const cpp_int n = values.size();
  cpp_rational sum = 0;
  for (const Int128 value : values) sum += cpp_int(value);
  const cpp_rational mean = sum / n;
  EXPECT_EQ(InBillionths(figures.mean), Rounded(mean));
  EXPECT_EQ(InBillionths(figures.median), Quantile(values, 1, 2));
  EXPECT_EQ(InBillionths(figures.lower_quartile), Quantile(values, 25, 100));
  EXPECT_EQ(InBillionths(figures.upper_quartile), Quantile(values, 75, 100));
  EXPECT_EQ(InBillionths(figures.percentile_10), Quantile(values, 10, 100));
  EXPECT_EQ(InBillionths(figures.percentile_90), Quantile(values, 90, 100));
  EXPECT_EQ(InBillionths(figures.minimum), cpp_int(values.front()));
  EXPECT_EQ(InBillionths(figures.maximum), cpp_int(values.back()));
  if (values.size() < 2) return;
  cpp_rational distances = 0;
  for (const Int128 value : values)
    distances += (cpp_rational(cpp_int(value)) - mean) * (cpp_rational(cpp_int(value)) - mean);
  const cpp_rational variance = distances / (n - 1);
  // The variance lies between the squares of half a billionth less and half a billionth more.
  const cpp_rational deviation = InBillionths(figures.standard_deviation);
  const cpp_rational half(1, 2);
  EXPECT_LE(variance, (deviation + half) * (deviation + half));
  if (deviation > 0) {
    EXPECT_GE(variance, (deviation - half) * (deviation - half));
  }
}

TEST(FiguresTest, AreThoseOfFractions) {
  Random random;
  for (int sample = 0; sample < 1500; ++sample) {
    // Small samples mostly; now of percentages, now of a few billionths with many ties, now of costs that need 128
    // bits.
    const size_t n = random.OneIn(20) ? 1 + random.Below(1500) : 1 + random.Below(12);
    const int64_t range = random.OneIn(3) ? 4 : 100 * Decimal::kOne;
    const Int128 unit = random.OneIn(4) ? Int128{1} << 55 : 1;
    std::vector<Int128> values;
    for (size_t i = 0; i < n; ++i) values.push_back(random.Between(-range, range) * unit);
    ExpectAsInFractions(values);
    ASSERT_FALSE(HasFailure()) << "sample " << sample << " of " << n;
  }
}

// Where 128 bits no longer hold what the standard deviation is computed from.
TEST(FiguresTest, HoldWhereNumbersBecomeWide) {
  for (const int64_t n : {2, 3, 10, 1000}) {
    // n x the sum of the squares of n values so large is about 2^123.
    const auto root = static_cast<int64_t>(std::exp2(61.5) / static_cast<double>(n));
    for (const int64_t beyond : {-1, 0, 1}) {
      std::vector<Int128> values;
      for (int64_t i = 0; i < n; ++i) values.push_back(i % 2 == 0 ? root + beyond : -root);
      ExpectAsInFractions(values);
    }
  }
}

TEST(FiguresTest, HoldAtTheLimit) {
  const Int128 largest = kContributionLimit.raw() - 1;
  ExpectAsInFractions({largest, largest, largest});
  ExpectAsInFractions({largest, -largest});
  std::vector<Int128> many(2000, largest);
  many.resize(4000, -largest);
  ExpectAsInFractions(many);
}

struct Stands {
  Int128 value;
  size_t rank;
  std::string percentile;
  int quarter;
};

// 10, 20, 20, 30, 40: mean 24, median 20, quartiles 20 and 30.
TEST(StandingTest, AmongFiveWithTies) {
  const Distribution five = Of({10 * kOne, 20 * kOne, 20 * kOne, 30 * kOne, 40 * kOne});
  const Figures figures = ComputeFigures(five);
  for (const Stands& expected : {Stands{10 * kOne, 5, "0", 1}, Stands{20 * kOne, 3, "37.5", 1},
                                 Stands{30 * kOne, 2, "75", 3}, Stands{40 * kOne, 1, "100", 4}}) {
    const Standing standing = ComputeStanding(five, figures, Decimal::FromRaw(expected.value));
    EXPECT_EQ(standing.rank, expected.rank);
    EXPECT_EQ(FigureText(standing.percentile), expected.percentile);
    EXPECT_EQ(standing.quarter, expected.quarter);
  }
}

// 1, 2, 3, 4: quartiles 1.75, 2.5 and 3.25, so each value has a quarter to itself.
TEST(StandingTest, EachQuarter) {
  const Distribution four = Of({kOne, 2 * kOne, 3 * kOne, 4 * kOne});
  const Figures figures = ComputeFigures(four);
  for (int value = 1; value <= 4; ++value) {
    const Standing standing = ComputeStanding(four, figures, Decimal::FromInteger(value));
    EXPECT_EQ(standing.quarter, value);
    EXPECT_EQ(standing.rank, static_cast<size_t>(5 - value));
  }
  EXPECT_EQ(FigureText(ComputeStanding(four, figures, Decimal::FromInteger(2)).percentile), "33.333333333");
}

TEST(StandingTest, AloneHasNoPercentile) {
  const Distribution one = Of({7 * kOne});
  const Standing standing = ComputeStanding(one, ComputeFigures(one), Decimal::FromInteger(7));
  EXPECT_EQ(standing.rank, 1U);
  EXPECT_EQ(standing.percentile, std::nullopt);
  EXPECT_EQ(standing.quarter, 1);
}

}  // namespace
}  // namespace quartermaster::national
