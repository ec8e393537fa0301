// The distribution against std::multiset, and at the edges of its two representations.
#include "server/national/distribution.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/national/random.h"

namespace quartermaster::national {
namespace {

using ::testing::ElementsAreArray;

Decimal Raw(Int128 raw) { return Decimal::FromRaw(raw); }

// What a Distribution should say, computed from all values each time.
void ExpectLike(const Distribution& distribution, const std::multiset<Decimal>& expected) {
  ASSERT_EQ(distribution.size(), expected.size());
  EXPECT_THAT(distribution.Values(), ElementsAreArray(expected.begin(), expected.end()));
  Int128 sum = 0;
  Distribution anew;
  for (const Decimal value : expected) {
    sum += value.raw();
    anew.Insert(value);
  }
  EXPECT_EQ(distribution.sum(), Raw(sum));
  EXPECT_EQ(distribution.sum_of_squares(), anew.sum_of_squares());
}

// One that is made of all values at once.
void ExpectMadeAtOnceLike(const std::multiset<Decimal>& expected, Random* random) {
  std::vector<Decimal> values(expected.begin(), expected.end());
  std::shuffle(values.begin(), values.end(), random->engine());
  Distribution distribution(values);
  ExpectLike(distribution, expected);
  if (values.empty()) return;
  // Its blocks take what comes and goes.
  std::multiset<Decimal> changed = expected;
  for (const Decimal value : values) {
    if (random->OneIn(3)) continue;
    EXPECT_TRUE(distribution.Erase(value));
    changed.erase(changed.find(value));
    const Decimal other = values[random->Below(values.size())];
    distribution.Insert(other);
    changed.insert(other);
  }
  ExpectLike(distribution, changed);
}

void ExpectSameCounts(const Distribution& distribution, const std::multiset<Decimal>& expected, Decimal value) {
  const auto less = std::distance(expected.begin(), expected.lower_bound(value));
  const auto at_most = std::distance(expected.begin(), expected.upper_bound(value));
  EXPECT_EQ(distribution.CountLess(value), static_cast<size_t>(less)) << value.ToString();
  EXPECT_EQ(distribution.CountAtMost(value), static_cast<size_t>(at_most)) << value.ToString();
}

// Grows to some thousand values, shrinks to none, and grows again, with values from -range to range. One in
// `wide_chance` does not fit 64 bits; 0 means none.
void CompareWithMultiset(int64_t range, int wide_chance, Random* random) {
  Distribution distribution;
  std::multiset<Decimal> expected;
  const auto draw = [&] {
    const Int128 raw = random->Between(-range, range);
    return wide_chance > 0 && random->OneIn(wide_chance) ? Raw(raw * (Int128{1} << 70)) : Raw(raw);
  };
  for (const int insert_percent : {80, 20, 60}) {
    for (int i = 0; i < 6000; ++i) {
      if (random->Between(1, 100) <= insert_percent) {
        const Decimal value = draw();
        distribution.Insert(value);
        expected.insert(value);
      } else if (!expected.empty()) {
        // One that is there, most often; any one otherwise, which may be there or not.
        const Decimal value = random->OneIn(10) ? draw() : distribution.Smallest(random->Below(expected.size()));
        const auto found = expected.find(value);
        EXPECT_EQ(distribution.Erase(value), found != expected.end());
        if (found != expected.end()) expected.erase(found);
      }
      if (i % 10 == 0) ExpectSameCounts(distribution, expected, draw());
      if (i % 500 == 0) ExpectLike(distribution, expected);
      if (::testing::Test::HasFailure()) return;
    }
    ExpectLike(distribution, expected);
    ExpectMadeAtOnceLike(expected, random);
    size_t k = 0;
    for (const Decimal value : expected) ASSERT_EQ(distribution.Smallest(k++), value);
  }
}

TEST(DistributionTest, IsAMultisetOfManyDifferentValues) {
  Random random;
  CompareWithMultiset(int64_t{1} << 60, 0, &random);
}

TEST(DistributionTest, IsAMultisetOfManyTies) {
  Random random;
  CompareWithMultiset(3, 0, &random);
}

TEST(DistributionTest, IsAMultisetOfNarrowAndWideValues) {
  Random random;
  CompareWithMultiset(1000, 50, &random);
}

TEST(DistributionTest, NothingIsInAnEmptyOne) {
  Distribution distribution;
  EXPECT_EQ(distribution.size(), 0U);
  EXPECT_FALSE(distribution.Erase(Decimal()));
  EXPECT_EQ(distribution.CountAtMost(Decimal::FromInteger(5)), 0U);
  EXPECT_EQ(distribution.sum_of_squares(), WideSum());
}

TEST(DistributionTest, CountsAgainstValuesThatItCannotHoldInSixtyFourBits) {
  Distribution distribution;
  distribution.Insert(Decimal::FromInteger(-1));
  distribution.Insert(Decimal::FromInteger(1));
  const Decimal huge = Decimal::FromInteger(1'000'000'000'000);
  EXPECT_EQ(distribution.CountLess(huge), 2U);
  EXPECT_EQ(distribution.CountAtMost(huge), 2U);
  EXPECT_EQ(distribution.CountLess(Raw(-huge.raw())), 0U);
  EXPECT_EQ(distribution.CountAtMost(Raw(-huge.raw())), 0U);
  EXPECT_FALSE(distribution.Erase(huge));
}

// The squares of 2^63, and of the largest value there may be, worked by hand: (2^100 - 1)^2 = 2^200 - 2^101 + 1.
TEST(DistributionTest, SquaresAreExactToTheLimit) {
  Distribution distribution;
  distribution.Insert(Raw(-(Int128{1} << 63)));
  EXPECT_EQ(distribution.sum_of_squares(), (WideSum{0, UnsignedInt128{1} << 126}));
  EXPECT_TRUE(distribution.Erase(Raw(-(Int128{1} << 63))));

  const Decimal largest = Raw(kContributionLimit.raw() - 1);
  const UnsignedInt128 borrowed = ~UnsignedInt128{0} - (UnsignedInt128{1} << 101) + 2;
  distribution.Insert(largest);
  EXPECT_EQ(distribution.sum_of_squares(), (WideSum{(UnsignedInt128{1} << 72) - 1, borrowed}));
  distribution.Insert(Raw(-largest.raw()));
  EXPECT_EQ(distribution.sum(), Decimal());
  EXPECT_EQ(distribution.sum_of_squares(), (WideSum{(UnsignedInt128{1} << 73) - 1, 2 * borrowed}));
  EXPECT_TRUE(distribution.Erase(largest));
  EXPECT_TRUE(distribution.Erase(Raw(-largest.raw())));
  EXPECT_EQ(distribution.sum_of_squares(), WideSum());
}

}  // namespace
}  // namespace quartermaster::national
