#include "validation/decimal.h"

#include "absl/strings/charconv.h"
#include "absl/strings/string_view.h"
#include "boost/multiprecision/cpp_int.hpp"
#include "validation/decimal_rounding.h"

namespace quartermaster {
namespace {

using Int256 = boost::multiprecision::int256_t;

constexpr Int128 kInt128Max = ~(Int128{1} << 127);
constexpr int64_t kDoubleIntegers = int64_t{1} << 53;  // Every integer up to here is a double of its own.

// Within one part in 2^52, in less time than the nearest double. Requires that it is not negative: the
// halves of a small negative number are large.
double NearDouble(Int128 number) {
  constexpr double kOfUpperHalf = 18446744073709551616.0;  // 2^64
  return static_cast<double>(static_cast<int64_t>(number >> 64)) * kOfUpperHalf +
         static_cast<double>(static_cast<uint64_t>(number));
}

// dividend / divisor, rounded half to even, in less time than a processor needs to divide 128 bits by 64. Requires a
// positive divisor, and that both are at most half of the largest number: the quotient times the divisor, which may be
// past the dividend by half a divisor, and twice any remainder then fit.
Int128 Quotient(Int128 dividend, Int128 divisor) {
  // Below this an estimate from doubles is off by less than two units.
  constexpr double kMostEstimated = 1e15;
  const double magnitude = NearDouble(dividend < 0 ? -dividend : dividend) / NearDouble(divisor);
  const double estimate = dividend < 0 ? -magnitude : magnitude;
  if (magnitude >= kMostEstimated) return DivideHalfEven(dividend, divisor);
  // The remainder is exact, and tells what the estimate lacks.
  auto quotient = static_cast<int64_t>(estimate);
  Int128 remainder = dividend - quotient * divisor;
  for (; remainder < 0; remainder += divisor) --quotient;
  for (; remainder >= divisor; remainder -= divisor) ++quotient;
  if (2 * remainder > divisor || (2 * remainder == divisor && quotient % 2 != 0)) ++quotient;
  return quotient;
}

// a * b / c, rounded half to even.
std::optional<Decimal> MultiplyDivideRaw(Int128 a, Int128 b, Int128 c) {
  if (c == 0) return std::nullopt;
  Int128 product;
  constexpr Int128 kMost = kInt128Max / 2;
  if (!__builtin_mul_overflow(a, b, &product) && product <= kMost && product >= -kMost && c > 0 && c <= kMost) {
    return Decimal::FromRaw(Quotient(product, c));
  }
  const Int256 wide = Int256(a) * Int256(b);
  const Int256 rounded = DivideHalfEven(wide, Int256(c));
  if (rounded > Int256(kInt128Max) || rounded < -Int256(kInt128Max)) return std::nullopt;
  return Decimal::FromRaw(static_cast<Int128>(rounded));
}

}  // namespace

double Decimal::ToDouble() const {
  // A quotient of two integers that are doubles of their own is the nearest double to the decimal.
  if (raw_ <= kDoubleIntegers && raw_ >= -kDoubleIntegers)
    return static_cast<double>(static_cast<int64_t>(raw_)) / kOne;
  Int128 mantissa = raw_;
  int places = kPlaces;
  while (places > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --places;
  }
  if (mantissa <= kDoubleIntegers && mantissa >= -kDoubleIntegers) {
    return static_cast<double>(static_cast<int64_t>(mantissa)) / kPowersOfTenAsDoubles[places];
  }
  const std::string text = ToString();
  double value = 0;
  absl::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string Decimal::ToString() const {
  UnsignedInt128 magnitude = raw_ < 0 ? -static_cast<UnsignedInt128>(raw_) : static_cast<UnsignedInt128>(raw_);
  std::string reversed;
  bool significant = false;
  for (int place = 0; place < kPlaces || magnitude != 0; ++place) {
    if (place == kPlaces) {
      if (significant) reversed.push_back('.');
      significant = true;
    }
    const char digit = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
    significant = significant || digit != '0';
    if (significant) reversed.push_back(digit);
  }
  const bool whole_part = !reversed.empty() && (raw_ >= kOne || raw_ <= -kOne);
  if (!whole_part) reversed += reversed.empty() ? "0" : ".0";
  if (raw_ < 0) reversed.push_back('-');
  return std::string(reversed.rbegin(), reversed.rend());
}

std::optional<Decimal> Add(Decimal a, Decimal b) {
  Int128 sum;
  if (__builtin_add_overflow(a.raw(), b.raw(), &sum)) return std::nullopt;
  return Decimal::FromRaw(sum);
}

std::optional<Decimal> Subtract(Decimal a, Decimal b) {
  Int128 difference;
  if (__builtin_sub_overflow(a.raw(), b.raw(), &difference)) return std::nullopt;
  return Decimal::FromRaw(difference);
}

std::optional<Decimal> Multiply(Decimal a, Decimal b) { return MultiplyDivideRaw(a.raw(), b.raw(), Decimal::kOne); }

std::optional<Decimal> Divide(Decimal a, Decimal b) { return MultiplyDivideRaw(a.raw(), Decimal::kOne, b.raw()); }

std::optional<Decimal> MultiplyDivide(Decimal a, Decimal b, Decimal c) {
  return MultiplyDivideRaw(a.raw(), b.raw(), c.raw());
}

std::string ToBillionths(Decimal value) {
  UnsignedInt128 magnitude = value.raw() < 0 ? -static_cast<UnsignedInt128>(value.raw()) : value.raw();
  std::string reversed;
  do {
    reversed.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  if (value.raw() < 0) reversed.push_back('-');
  return std::string(reversed.rbegin(), reversed.rend());
}

std::optional<Decimal> FromBillionths(const std::string& text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string digits = text.substr(negative ? 1 : 0);
  // 38 digits always fit 128 bits.
  if (digits.empty() || digits.size() > 38 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  Int128 raw = 0;
  for (const char digit : digits) raw = raw * 10 + (digit - '0');
  return Decimal::FromRaw(negative ? -raw : raw);
}

std::string RoundedText(Decimal value, uint32_t places) {
  Int128 unit = 1;  // in billionths
  for (uint32_t i = places; i < Decimal::kPlaces; ++i) unit *= 10;
  const Int128 units = DivideHalfEven(value.raw(), unit);
  std::string text = Decimal::FromRaw(units * unit).ToString();
  if (places == 0) return text;
  if (text.find('.') == std::string::npos) text.push_back('.');
  text.append(places - (text.size() - text.find('.') - 1), '0');
  return text;
}

}  // namespace quartermaster
