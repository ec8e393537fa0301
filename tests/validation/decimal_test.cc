// Exact decimals: what is read from doubles, how quotients are rounded, how they print.
#include "validation/decimal.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "boost/multiprecision/cpp_int.hpp"
#include "gtest/gtest.h"

namespace quartermaster {
namespace {

using Kind = DecimalReading::Kind;

TEST(DecimalTest, Prints) {
  const struct {
    Int128 raw;
    const char* text;
  } rows[] = {
      {0, "0"},
      {1, "0.000000001"},
      {-1, "-0.000000001"},
      {500'000'000, "0.5"},
      {-500'000'000, "-0.5"},
      {1'000'000'000, "1"},
      {100'000'000'000, "100"},
      {73'956'967'350'000, "73956.96735"},
      {50'000'000, "0.05"},
      {Int128{1'000'000'000'000'000'000} * 1'000, "1000000000000"},
  };
  for (const auto& row : rows) EXPECT_EQ(Decimal::FromRaw(row.raw).ToString(), row.text);
}

TEST(DecimalTest, ReadsDoubles) {
  const struct {
    double given;
    int places;
    Kind kind;
    const char* value;
  } rows[] = {
      {0, 0, Kind::kExact, "0"},
      {-0.0, 2, Kind::kExact, "0"},
      {12, 0, Kind::kExact, "12"},
      {-12.5, 1, Kind::kExact, "-12.5"},
      {0.1, 1, Kind::kExact, "0.1"},
      {0.1 + 0.2, 1, Kind::kBinaryNoise, "0.3"},
      {73956.96734999999, 5, Kind::kBinaryNoise, "73956.96735"},
      {24285.856200000002, 5, Kind::kBinaryNoise, "24285.8562"},
      {12.34, 1, Kind::kTooManyPlaces, "12.3"},
      {12.5, 0, Kind::kTooManyPlaces, "12"},  // half to even
      {13.5, 0, Kind::kTooManyPlaces, "14"},
      {1e12, 0, Kind::kExact, "1000000000000"},
      {1e12, 9, Kind::kExact, "1000000000000"},
      {999999999999.125, 3, Kind::kExact, "999999999999.125"},
      {1.0000000000001e12, 0, Kind::kTooLarge, "0"},
      {-2e12, 0, Kind::kTooLarge, "0"},
      {std::numeric_limits<double>::infinity(), 0, Kind::kTooLarge, "0"},
      {std::numeric_limits<double>::quiet_NaN(), 0, Kind::kTooLarge, "0"},
      {std::numeric_limits<double>::denorm_min(), 9, Kind::kTooManyPlaces, "0"},
  };
  for (const auto& row : rows) {
    const DecimalReading reading = ReadDecimal(row.given, row.places);
    EXPECT_EQ(reading.kind, row.kind) << row.given;
    EXPECT_EQ(reading.value.ToString(), row.value) << row.given;
  }
}

// Every decimal of 15 digits that is sent as the nearest double is read back as it was written.
TEST(DecimalTest, ReadsBackWhatWasWritten) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const int places = static_cast<int>(random() % 10);
    const int digits = static_cast<int>(random() % 15) + 1;
    int64_t scaled = static_cast<int64_t>(random() % static_cast<uint64_t>(std::pow(10, digits)));
    if (scaled / std::pow(10, places) > kMaxMagnitude) continue;
    if (random() % 2 == 0) scaled = -scaled;
    const Decimal written = Decimal::FromScaled(scaled, places);
    const DecimalReading read = ReadDecimal(std::stod(written.ToString()), places);
    ASSERT_EQ(read.kind, Kind::kExact) << written.ToString() << " with " << places << " places";
    ASSERT_EQ(read.value, written);
    ASSERT_EQ(written.ToDouble(), std::stod(written.ToString()));
  }
}

TEST(DecimalTest, MultipliesAndDividesWithOneRounding) {
  const struct {
    const char* what;
    Int128 a, b, c, expected;  // billionths
  } rows[] = {
      {"a third", 1, 1'000'000'000, 3, 333'333'333},
      {"two thirds round up", 2, 1'000'000'000, 3, 666'666'667},
      {"half to even, down", 5, 1, 10, 0},
      {"half to even, up", 15, 1, 10, 2},
      {"half to even, negative", -15, 1, 10, -2},
      {"negative divisor", 15, 1, -10, -2},
      {"more than half", 16, 1, 10, 2},
      {"a product past 128 bits", Int128{1} << 100, Int128{1} << 100, Int128{1} << 99, Int128{1} << 101},
      {"an estimate that is a quotient too many", ~(Int128{1} << 127), 1, Int128{1} << 125, 4},
      {"both negative past 128 bits", -(Int128{1} << 100), -(Int128{1} << 100), Int128{1} << 99, Int128{1} << 101},
  };
  for (const auto& row : rows) {
    const auto result = MultiplyDivide(Decimal::FromRaw(row.a), Decimal::FromRaw(row.b), Decimal::FromRaw(row.c));
    ASSERT_TRUE(result.has_value()) << row.what;
    EXPECT_EQ(result->ToString(), Decimal::FromRaw(row.expected).ToString()) << row.what;
  }
}

TEST(DecimalTest, QuotientsAreTheNearestOfAnySize) {
  using Wide = boost::multiprecision::int512_t;
  std::mt19937_64 random(20261127);
  // Of any number of bits up to so many.
  const auto number = [&](int most_bits) {
    const Int128 bits = (Int128{1} << (random() % static_cast<uint64_t>(most_bits))) - 1;
    const Int128 magnitude = ((static_cast<Int128>(random() >> 1) << 64) + static_cast<Int128>(random())) & bits;
    return random() % 2 == 0 ? magnitude : -magnitude;
  };
  int given = 0;
  for (int i = 0; i < 300'000; ++i) {
    Int128 a = number(i % 2 == 0 ? 62 : 127);
    Int128 b = number(62);
    Int128 c = number(i % 2 == 0 ? 62 : 127);
    if (c == 0) continue;
    if (i % 6 == 0) {  // Halfway between two numbers, or a unit beside it.
      b = 1;
      c *= 2;
      a = a * c + c / 2 + static_cast<int>(i / 6 % 3) - 1;
    }
    const auto quotient = MultiplyDivide(Decimal::FromRaw(a), Decimal::FromRaw(b), Decimal::FromRaw(c));
    if (!quotient) {
      ASSERT_GT(abs(Wide(a) * b / c), Wide(1) << 126);
      continue;
    }
    ++given;
    const Wide twice_off = 2 * abs(Wide(a) * b - Wide(quotient->raw()) * c);
    ASSERT_TRUE(twice_off < abs(Wide(c)) || (twice_off == abs(Wide(c)) && quotient->raw() % 2 == 0))
        << ToBillionths(Decimal::FromRaw(a)) << " x " << ToBillionths(Decimal::FromRaw(b)) << " / "
        << ToBillionths(Decimal::FromRaw(c)) << " gave " << ToBillionths(*quotient);
  }
  EXPECT_GT(given, 200'000);
}

TEST(DecimalTest, SaysWhereAResultDoesNotExist) {
  const Decimal largest = Decimal::FromRaw(~(Int128{1} << 127));
  const Decimal smallest = Decimal::FromRaw(Int128{1} << 127);
  const Decimal one = Decimal::FromInteger(1);
  EXPECT_FALSE(Divide(one, Decimal()).has_value());
  EXPECT_FALSE(MultiplyDivide(one, one, Decimal()).has_value());
  EXPECT_FALSE(Add(largest, one).has_value());
  EXPECT_FALSE(Subtract(smallest, one).has_value());
  EXPECT_FALSE(Multiply(largest, Decimal::FromInteger(2)).has_value());
  EXPECT_FALSE(Divide(largest, Decimal::FromRaw(1)).has_value());
  EXPECT_EQ(Divide(largest, one), largest);
}

}  // namespace
}  // namespace quartermaster
