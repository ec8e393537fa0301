// Process limits and the signs of special cause variation, on series worked by hand.
#include "server/national/process_limits.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster::national {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

using Series = std::vector<absl::optional<Decimal>>;

Series SeriesOf(const std::vector<double>& values) {
  Series series;
  for (const double value : values) {
    series.push_back(value != value ? absl::optional<Decimal>() : ReadDecimal(value, Decimal::kPlaces).value);
  }
  return series;
}

std::vector<double> Repeated(size_t count, double value) { return std::vector<double>(count, value); }

std::vector<double> Joined(const std::vector<std::vector<double>>& parts) {
  std::vector<double> all;
  for (const std::vector<double>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// One character a point: "*" where the sign is, else ".".
std::string Marked(const Series& series, bool PointSigns::*sign) {
  const ProcessAnalysis analysis = AnalyseProcess(series, /*can_be_negative=*/true);
  EXPECT_EQ(analysis.signs.size(), series.size());
  std::string text;
  for (const PointSigns& signs : analysis.signs) text.push_back(signs.*sign ? '*' : '.');
  return text;
}
std::string Marked(const std::vector<double>& values, bool PointSigns::*sign) { return Marked(SeriesOf(values), sign); }

TEST(ProcessLimitsTest, MeanMovingRangeAndLimits) {
  const struct {
    std::vector<double> values;
    bool can_be_negative;
    const char* mean;
    const char* mean_moving_range;
    const char* lower;
    const char* upper;
    size_t points;
  } rows[] = {
      // Mean 46 / 4. Ranges 2 1 2, mean 5 / 3. Width 2.66 x 5 / 3 = 4.4333...
      {{10, 12, 11, 13}, true, "11.5", "1.666666667", "7.066666667", "15.933333333", 4},
      // The gap has no range: only 12 to 14 has. Mean 36 / 3. Width 2.66 x 2 = 5.32.
      {{10, kGap, 12, 14}, true, "12", "2", "6.68", "17.32", 3},
      // Gaps at the ends are nothing.
      {{kGap, 10, kGap, kGap, 12, 14, kGap}, true, "12", "2", "6.68", "17.32", 3},
      // Two points: mean 1.5, range 1, width 2.66.
      {{1, 2}, true, "1.5", "1", "-1.16", "4.16", 2},
      // What cannot be negative has no limit below 0, and the upper one stays.
      {{1, 2}, false, "1.5", "1", "0", "4.16", 2},
      {{10, 12, 11, 13}, false, "11.5", "1.666666667", "7.066666667", "15.933333333", 4},
      {{-1, -2}, true, "-1.5", "1", "-4.16", "1.16", 2},
      {{5, 5, 5, 5, 5, 5, 5, 5, 5}, true, "5", "0", "5", "5", 9},
      // Mean 1 / 3, ranges 0 1, mean 1 / 2, width 1.33: 1.6633... and -0.9966...
      {{0, 0, 1}, true, "0.333333333", "0.5", "-0.996666667", "1.663333333", 3},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.values));
    const ProcessAnalysis analysis = AnalyseProcess(SeriesOf(row.values), row.can_be_negative);
    ASSERT_TRUE(analysis.limits.has_value());
    EXPECT_EQ(analysis.limits->mean.ToString(), row.mean);
    EXPECT_EQ(analysis.limits->mean_moving_range.ToString(), row.mean_moving_range);
    EXPECT_EQ(analysis.limits->lower.ToString(), row.lower);
    EXPECT_EQ(analysis.limits->upper.ToString(), row.upper);
    EXPECT_EQ(analysis.limits->points, row.points);
  }
}

TEST(ProcessLimitsTest, WithoutNeighboursThereAreNoLimitsAndNoSigns) {
  for (const std::vector<double>& values :
       {std::vector<double>{}, {kGap}, {7}, {7, kGap, 900}, {kGap, 7, kGap, 8, kGap, 9}}) {
    const ProcessAnalysis analysis = AnalyseProcess(SeriesOf(values), true);
    EXPECT_FALSE(analysis.limits.has_value()) << ::testing::PrintToString(values);
    EXPECT_EQ(analysis.signs, std::vector<PointSigns>(values.size()));
  }
}

TEST(ProcessLimitsTest, AConstantSeriesHasNoSigns) {
  EXPECT_EQ(AnalyseProcess(SeriesOf(Repeated(20, 5)), true).signs, std::vector<PointSigns>(20));
}

TEST(ProcessLimitsTest, TwoPointsHaveNoSigns) {
  EXPECT_EQ(AnalyseProcess(SeriesOf({1, 1000}), true).signs, std::vector<PointSigns>(2));
}

// The mean is 0 by symmetry. Only the pair has a range, 100; so the limits are -266 and 266.
TEST(ProcessLimitsTest, OnALimitIsNotOutside) {
  EXPECT_EQ(Marked({50, -50, kGap, 266, kGap, -266}, &PointSigns::outside_limits), "......");
  EXPECT_EQ(Marked({50, -50, kGap, 266.000000001, kGap, -266.000000001}, &PointSigns::outside_limits), "...*.*");
  EXPECT_EQ(Marked({50, -50, kGap, 265.999999999, kGap, -265.999999999}, &PointSigns::outside_limits), "......");
}

TEST(ProcessLimitsTest, SevenOnOneSideAreAShift) {
  using V = std::vector<std::vector<double>>;
  const struct {
    V parts;  // Their mean is 0.
    const char* marked;
  } rows[] = {
      {{Repeated(6, 1), Repeated(6, -1)}, "............"},
      {{Repeated(7, 1), Repeated(7, -1)}, "**************"},
      {{Repeated(8, 1), Repeated(4, -2)}, "********...."},
      // 6 x 7 = 42 = 7 x 6: all of the longer run, none of the shorter.
      {{Repeated(6, 7), Repeated(7, -6)}, "......*******"},
      // A gap ends the run: four and three are no seven.
      {{Repeated(4, 1), {kGap}, Repeated(3, 1), Repeated(7, -1)}, "........*******"},
      // So does a point on the mean.
      {{Repeated(4, 1), {0}, Repeated(4, 1), Repeated(8, -1)}, ".........********"},
      // Values may differ as long as the side is the same: 1 to 7 are 28 = 4 x 7.
      {{{1, 5, 2, 7, 3, 6, 4}, Repeated(4, -7)}, "*******...."},
      // It does not matter where the run stands: -14 + 7 - 3 + 10.
      {{{-14}, Repeated(7, 1), {-3}, {10}}, ".*******.."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Marked(Joined(row.parts), &PointSigns::shift), row.marked) << ::testing::PrintToString(Joined(row.parts));
  }
}

// Seven times 0.333333333, 0.333333334 and 0.333333335 are 3: their mean is 1/3, and the seven lie below it, though it
// is printed as 0.333333333.
TEST(ProcessLimitsTest, TheSideIsThatOfTheMeanBeforeItIsRounded) {
  const std::vector<double> values = Joined({Repeated(7, 0.333333333), {0.333333334, 0.333333335}});
  EXPECT_EQ(AnalyseProcess(SeriesOf(values), true).limits->mean.ToString(), "0.333333333");
  EXPECT_EQ(Marked(values, &PointSigns::shift), "*******..");
}

TEST(ProcessLimitsTest, SixThatRiseOrFallAreATrend) {
  const struct {
    std::vector<double> values;
    const char* marked;
  } rows[] = {
      {{1, 2, 3, 4, 5}, "....."},
      {{1, 2, 3, 4, 5, 6}, "******"},
      {{6, 5, 4, 3, 2, 1}, "******"},
      {{9, 1, 2, 3, 4, 5, 6, 0}, ".******."},
      // The step into the run counts: 0 to 6 are seven.
      {{0, 1, 2, 3, 4, 5, 6, 6}, "*******."},
      {{1, 2, 3, 3, 4, 5, 6}, "......."},     // Equal values end it: three and four.
      {{1, 2, 3, kGap, 4, 5, 6}, "......."},  // So does a gap.
      {{1, 2, 3, 4, 5, 6, kGap, 7}, "******.."},
      // Where it turns belongs to both: 1 to 6, and 6 to 1.
      {{1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1}, "***********"},
      {{1, 2, 3, 4, 5, 4, 3, 2, 1}, "........."},
      {{1, 2, 3, 4, 5, 6, 5, 4, 3, 2}, "******...."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Marked(row.values, &PointSigns::trend), row.marked) << ::testing::PrintToString(row.values);
  }
}

// Each series is symmetric, so its mean is 0, and its five ranges add up to 750: the mean range is 150, the limits are
// -399 and 399, and two thirds of the way to them is 266.
TEST(ProcessLimitsTest, TwoOfThreeInTheOuterThirdAreNearTheLimit) {
  const auto symmetric = [](double a, double b, double c, double pair) {
    return std::vector<double>{a, b, c, kGap, -a, -b, -c, kGap, pair, -pair};
  };
  const auto near = [](const std::vector<double>& values) { return Marked(values, &PointSigns::near_limit); };
  // Ranges 0 0, 0 0 and 750. The pair lies near too, but it is no three.
  EXPECT_EQ(near(symmetric(266, 266, 266, 375)), "..........");  // On the border is not past it.
  EXPECT_EQ(near(symmetric(266.000000001, 266.000000001, 266.000000001, 375)), "***.***...");
  // Ranges 0 266, 0 266 and 218. A little more range moves the border by 0.71 of what the points move.
  EXPECT_EQ(near(symmetric(266.000000001, 266.000000001, 0, 109)), "**..**....");
  EXPECT_EQ(near(symmetric(266, 266, 0, 109)), "..........");
  // Ranges 300 300 twice are 1200 of 1500: mean 300, limits 798, border 532: 300 is far from it.
  EXPECT_EQ(near(symmetric(300, 0, 300, 150)), "..........");
}

// A triple, its mirror image, so that the mean is 0, and thirteen points on the mean, whose twelve ranges are 0:
// sixteen ranges in all.
TEST(ProcessLimitsTest, WhichOfThreeAreMarked) {
  const auto near = [](std::vector<double> values) {
    std::vector<double> mirrored;
    for (const double value : values) mirrored.push_back(-value);
    values = Joined({values, {kGap}, mirrored, {kGap}, Repeated(13, 0)});
    return Marked(values, &PointSigns::near_limit).substr(0, 3);
  };
  // 50 0 50: ranges 50 50 twice, 200 / 16 = 12.5, limits 33.25: all of them are outside, and what is outside is not
  // near.
  EXPECT_EQ(near({50, 0, 50}), "...");
  // 50 -50 50 and its mirror: 400 / 16 = 25, limits 66.5, border 44.33: one side has two, and only these are marked.
  EXPECT_EQ(near({50, -50, 50}), "*.*");
  // 50 -50 0: 300 / 16 = 18.75, limits 49.875: outside.
  EXPECT_EQ(near({50, -50, 0}), "...");
}

// 40 -40 20 and its mirror: ranges 80 60 twice are 280, and twelve of 0: 280 / 16 = 17.5, limits 46.55, border 31.03.
// One near each limit is no sign; a second one on the other side of a gap neither.
TEST(ProcessLimitsTest, OneNearEachLimitIsNoSign) {
  EXPECT_EQ(Marked(Joined({{40, -40, 20, kGap, -40, 40, -20, kGap}, Repeated(13, 0)}), &PointSigns::near_limit),
            std::string(21, '.'));
  // 20 40 -40, a gap, 40 ...: the two at 40 are neighbours but for the gap.
  EXPECT_EQ(Marked(Joined({{20, -40, 40, kGap, 40, -40, 20, kGap, -20, kGap, -20, kGap}, Repeated(13, 0)}),
                   &PointSigns::near_limit),
            std::string(25, '.'));
}

// Of 1 and 2 the lower limit would be -1.16; that 0 cuts it off moves no border.
TEST(ProcessLimitsTest, CuttingTheLimitOffChangesNoSign) {
  const Series series = SeriesOf({1, 2, 0, 0, 1, 5, 2, 0, 1, 2, 3, 4, 5, 6, 9});
  const ProcessAnalysis cut = AnalyseProcess(series, false);
  const ProcessAnalysis whole = AnalyseProcess(series, true);
  EXPECT_EQ(cut.signs, whole.signs);
  EXPECT_EQ(cut.limits->lower, Decimal());
  EXPECT_LT(whole.limits->lower, Decimal());
}

// 10^21 of anything in both directions over 4,096 points: nothing overflows.
TEST(ProcessLimitsTest, TheLargestSeries) {
  Series series;
  const Int128 most = (Int128{1} << 100) - 1;
  for (size_t i = 0; i < kMaxSeriesPoints; ++i) series.push_back(Decimal::FromRaw(i % 2 == 0 ? most : -most));
  const ProcessAnalysis analysis = AnalyseProcess(series, true);
  EXPECT_EQ(analysis.limits->mean, Decimal());
  EXPECT_EQ(analysis.limits->mean_moving_range, Decimal::FromRaw(2 * most));
  // 2.66 x 2 (2^100 - 1) = 5.32 x 2^100 - 5.32, to the nearest.
  EXPECT_EQ(analysis.limits->upper, Decimal::FromRaw((most * 532 + 50) / 100));
  EXPECT_EQ(analysis.signs, std::vector<PointSigns>(kMaxSeriesPoints));
}

}  // namespace
}  // namespace quartermaster::national
