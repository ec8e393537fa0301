// The number of a field in eight bytes, exactly.
//
// A return's number has at most 15 significant digits (validation/decimal.h, ReadDecimal). Below kFine it is kept in
// billionths. From there on 15 digits leave at most 5 decimal places, so it is kept in units of 10^-5, which takes
// 10^12 and beyond. The lowest bit says which.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PACKED_NUMBER_H_
#define QUARTERMASTER_SERVER_NATIONAL_PACKED_NUMBER_H_

#include <cstdint>
#include <limits>

#include "absl/types/optional.h"
#include "validation/decimal.h"

namespace quartermaster::national {

using PackedNumber = int64_t;

// No number. No number is packed into it.
inline constexpr PackedNumber kNoNumber = std::numeric_limits<int64_t>::min();

// Gives kNoNumber for what ReadDecimal never gives: more digits, or past 4 x 10^13.
constexpr PackedNumber PackNumber(Decimal number) {
  constexpr Int128 kFine = Int128{4} * Decimal::kOne * Decimal::kOne;  // Twice it in billionths is within 63 bits.
  constexpr Int128 kCoarseUnit = 10'000;
  const Int128 raw = number.raw();
  if (raw > -kFine && raw < kFine) return static_cast<int64_t>(raw * 2);
  if (raw % kCoarseUnit != 0 || raw / kCoarseUnit >= kFine || raw / kCoarseUnit <= -kFine) return kNoNumber;
  return static_cast<int64_t>(raw / kCoarseUnit * 2 + 1);
}

constexpr absl::optional<Decimal> UnpackNumber(PackedNumber packed) {
  if (packed == kNoNumber) return absl::nullopt;
  const bool coarse = (packed & 1) != 0;
  return Decimal::FromRaw(Int128{packed >> 1} * (coarse ? 10'000 : 1));
}

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PACKED_NUMBER_H_
