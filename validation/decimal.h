// Exact decimal numbers: the only kind of number between a file and a national figure.
//
// A Decimal is a 128-bit count of 10^-9. Sums of values are exact, so no figure depends on the order in which returns
// arrive. Quotients and products are rounded once, half to even, at 9 places. Doubles appear only on the wire, where
// one that came from at most 15 significant digits gives back exactly those digits.
//
// Example:
//   std::optional<Decimal> rate = MultiplyDivide(occupied, Decimal::FromInteger(100), available);
#ifndef QUARTERMASTER_VALIDATION_DECIMAL_H_
#define QUARTERMASTER_VALIDATION_DECIMAL_H_

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace quartermaster {

// GCC and Clang have them on every 64-bit target; the keyword keeps -Wpedantic quiet.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UnsignedInt128;

// Regular and trivially copyable. Thread-compatible.
class Decimal {
 public:
  static constexpr int kPlaces = 9;
  static constexpr int64_t kOne = 1'000'000'000;  // 10^kPlaces

  constexpr Decimal() = default;
  static constexpr Decimal FromRaw(Int128 billionths) { return Decimal(billionths); }
  static constexpr Decimal FromInteger(int64_t value) { return Decimal(Int128{value} * kOne); }
  // `scaled` counts 10^-places. Requires 0 <= places <= kPlaces.
  static constexpr Decimal FromScaled(int64_t scaled, int places) {
    constexpr int64_t kUnits[kPlaces + 1] = {kOne,   100'000'000, 10'000'000, 1'000'000, 100'000,
                                             10'000, 1'000,       100,        10,        1};
    return Decimal(Int128{scaled} * kUnits[places]);
  }

  // In billionths.
  constexpr Int128 raw() const { return raw_; }
  // The nearest double.
  double ToDouble() const;
  // Plain digits without exponent or trailing zeros: "-0.5", "73956.96735".
  std::string ToString() const;

  friend constexpr bool operator==(Decimal, Decimal) = default;
  friend constexpr auto operator<=>(Decimal, Decimal) = default;

 private:
  explicit constexpr Decimal(Int128 raw) : raw_(raw) {}
  Int128 raw_ = 0;
};

// Each gives nothing where the result does not fit 128 bits; the last two also where the divisor is 0.
std::optional<Decimal> Add(Decimal a, Decimal b);
std::optional<Decimal> Subtract(Decimal a, Decimal b);
std::optional<Decimal> Multiply(Decimal a, Decimal b);
std::optional<Decimal> Divide(Decimal a, Decimal b);
// a * b / c with a 256-bit product and a single rounding.
std::optional<Decimal> MultiplyDivide(Decimal a, Decimal b, Decimal c);

// Without its sign.
constexpr Decimal Magnitude(Decimal value) { return Decimal::FromRaw(value.raw() < 0 ? -value.raw() : value.raw()); }

// The raw count as decimal digits, and back; nothing is rounded. FromBillionths gives nothing for any other text.
std::string ToBillionths(Decimal value);
std::optional<Decimal> FromBillionths(const std::string& text);

// Rounded half to even at so many places, 0 to kPlaces, which are all written: "91.20".
std::string RoundedText(Decimal value, uint32_t places);

// What a double holds when it is read as a decimal of at most so many places.
struct DecimalReading {
  enum class Kind {
    kExact,          // The double nearest to `value`.
    kBinaryNoise,    // Less than one part in 10^12 from `value`, which is its rounding: 73956.96734999999.
    kTooManyPlaces,  // `value` is its rounding.
    kTooLarge,       // Not finite, or past kMaxMagnitude; `value` is 0.
  };
  Kind kind = Kind::kTooLarge;
  Decimal value;
};

// The largest magnitude of a value: a trillion of anything. 128 bits then hold the sum of 10^17 values, and values,
// sums and factors multiply within 256 bits.
inline constexpr double kMaxMagnitude = 1e12;

// As doubles, each exactly.
inline constexpr double kPowersOfTenAsDoubles[Decimal::kPlaces + 1] = {1e0, 1e1, 1e2, 1e3, 1e4,
                                                                       1e5, 1e6, 1e7, 1e8, 1e9};

// Requires 0 <= places <= Decimal::kPlaces. A double tells decimals of 15 significant digits apart (DBL_DIG); where
// `value` has more, places past the 15th digit are too many. Every number of every return goes through it, so it is
// inline.
inline DecimalReading ReadDecimal(double value, int places) {
  using Kind = DecimalReading::Kind;
  constexpr double kFifteenDigits = 1e15;
  constexpr double kNoise = 1e-12;
  const double magnitude = std::fabs(value);
  if (!(magnitude <= kMaxMagnitude)) return {Kind::kTooLarge, Decimal()};
  // Past 15 digits doubles cannot tell decimals apart; a large number has so many fewer places.
  while (magnitude * kPowersOfTenAsDoubles[places] >= kFifteenDigits) --places;
  const int64_t scaled = std::llrint(value * kPowersOfTenAsDoubles[places]);
  const Decimal decimal = Decimal::FromScaled(scaled, places);
  // The nearest double to `decimal`.
  const double rounded = static_cast<double>(scaled) / kPowersOfTenAsDoubles[places];
  if (rounded == value) return {Kind::kExact, decimal};
  if (std::fabs(value - rounded) < kNoise * magnitude) return {Kind::kBinaryNoise, decimal};
  return {Kind::kTooManyPlaces, decimal};
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_DECIMAL_H_
