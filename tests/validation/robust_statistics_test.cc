// The median and the median absolute deviation, worked by hand.
#include "validation/robust_statistics.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster {
namespace {

std::vector<Decimal> Decimals(const std::vector<double>& values) {
  std::vector<Decimal> decimals;
  for (const double value : values) decimals.push_back(ReadDecimal(value, Decimal::kPlaces).value);
  return decimals;
}

TEST(RobustStatistics, MedianAndDeviation) {
  const struct {
    std::vector<double> values;
    const char* median;
    const char* deviation;
  } rows[] = {
      {{7}, "7", "0"},
      {{1, 2}, "1.5", "0.5"},
      {{1, 2, 3}, "2", "1"},
      {{1, 2, 4}, "2", "1"},
      {{3, 1, 2}, "2", "1"},  // In any order.
      {{1, 2, 3, 4}, "2.5", "1"},
      {{1, 1, 2, 2, 4, 6, 9}, "2", "1"},  // Distances 1 1 0 0 2 4 7.
      {{5, 5, 5, 5}, "5", "0"},
      {{5, 5, 5, 99}, "5", "0"},      // One wild value moves neither.
      {{1, 2, 3, 4, 1e9}, "3", "1"},  // However wild.
      {{1, 2, 3, 4, 5, 1e9}, "3.5", "1.5"},
      {{-3, -2, -1}, "-2", "1"},
      {{-1, 1}, "0", "1"},
      {{0.1, 0.2, 0.3, 0.4}, "0.25", "0.1"},
      {{10.123456789, 10.123456788, 10.123456787}, "10.123456788", "0.000000001"},
      {{1e12, -1e12}, "0", "1000000000000"},
  };
  for (const auto& row : rows) {
    const MedianAndDeviation found = ComputeMedianAndDeviation(Decimals(row.values));
    EXPECT_EQ(found.median.ToString(), row.median);
    EXPECT_EQ(found.deviation.ToString(), row.deviation) << "median " << row.median;
  }
}

// Half a billionth is rounded to the even one of the two beside it.
TEST(RobustStatistics, RoundsHalfToEven) {
  const struct {
    int64_t a;
    int64_t b;
    int64_t median;
    int64_t deviation;  // Of a - median and b - median, the mean of the two rounded again.
  } rows[] = {
      {1, 2, 2, 0},     // 1.5; the distances 1 and 0 make 0.5.
      {2, 3, 2, 0},     // 2.5
      {3, 4, 4, 0},     // 3.5
      {-1, -2, -2, 0},  // -1.5
      {-1, 0, 0, 0},    // -0.5
      {1, 4, 2, 2},     // 2.5; the distances 1 and 2 make 1.5.
  };
  for (const auto& row : rows) {
    const MedianAndDeviation found = ComputeMedianAndDeviation({Decimal::FromRaw(row.a), Decimal::FromRaw(row.b)});
    EXPECT_EQ(found.median, Decimal::FromRaw(row.median)) << row.a << " " << row.b;
    EXPECT_EQ(found.deviation, Decimal::FromRaw(row.deviation)) << row.a << " " << row.b;
  }
}

TEST(RobustStatistics, DoesNotDependOnTheOrder) {
  std::vector<double> values = {1, 1, 2, 4, 6, 9};
  do {
    const MedianAndDeviation found = ComputeMedianAndDeviation(Decimals(values));
    EXPECT_EQ(found.median.ToString(), "3");
    EXPECT_EQ(found.deviation.ToString(), "2");  // Distances 2 2 1 1 3 6.
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST(RobustStatistics, SpreadIsTheDeviationOfTheNormalDistribution) {
  EXPECT_EQ(SpreadOf(Decimal()).ToString(), "0");
  EXPECT_EQ(SpreadOf(Decimal::FromInteger(1)).ToString(), "1.4826");
  EXPECT_EQ(SpreadOf(Decimal::FromInteger(10)).ToString(), "14.826");
  EXPECT_EQ(SpreadOf(Decimal::FromRaw(1)), Decimal::FromRaw(1));  // 1.4826 billionths.
  EXPECT_EQ(SpreadOf(Decimal::FromRaw(5000)), Decimal::FromRaw(7413));
}

}  // namespace
}  // namespace quartermaster
