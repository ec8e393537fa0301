// Every number that a return can carry survives its eight bytes.
#include "server/national/packed_number.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tests/server/national/random.h"

namespace quartermaster::national {
namespace {

void ExpectKept(Decimal number) {
  const PackedNumber packed = PackNumber(number);
  EXPECT_NE(packed, kNoNumber) << number.ToString();
  EXPECT_EQ(UnpackNumber(packed), number) << number.ToString();
}

TEST(PackedNumberTest, KeepsTheEdges) {
  const Int128 fine = Int128{4'000'000'000} * Decimal::kOne;
  for (const Int128 raw :
       {Int128{0}, Int128{1}, fine - 1, fine, fine + 10'000, Int128{1'000'000'000'000} * Decimal::kOne}) {
    ExpectKept(Decimal::FromRaw(raw));
    ExpectKept(Decimal::FromRaw(-raw));
  }
}

TEST(PackedNumberTest, KeepsWhateverReadDecimalGives) {
  Random random;
  for (int i = 0; i < 100'000; ++i) {
    const auto digits = static_cast<double>(random.Between(-999'999'999'999'999, 999'999'999'999'999));
    const double value = digits / std::pow(10, static_cast<double>(random.Between(3, 20)));
    ExpectKept(ReadDecimal(value, static_cast<int>(random.Between(0, Decimal::kPlaces))).value);
    ASSERT_FALSE(HasFailure()) << value;
  }
}

TEST(PackedNumberTest, AbsentIsNoNumber) { EXPECT_FALSE(UnpackNumber(kNoNumber).has_value()); }

// What no reading gives is dropped rather than changed.
TEST(PackedNumberTest, MoreDigitsThanADoubleHoldsAreNoNumber) {
  EXPECT_EQ(PackNumber(Decimal::FromRaw(Int128{5'000'000'000} * Decimal::kOne + 1)), kNoNumber);
  EXPECT_EQ(PackNumber(Decimal::FromInteger(int64_t{50'000'000'000'000})), kNoNumber);
}

}  // namespace
}  // namespace quartermaster::national
