// The one rounding of the arithmetic on raw Decimals: to the nearest, and half to even. For code that computes with
// Int128 or wider integers itself; all else uses the functions of decimal.h.
#ifndef QUARTERMASTER_VALIDATION_DECIMAL_ROUNDING_H_
#define QUARTERMASTER_VALIDATION_DECIMAL_ROUNDING_H_

namespace quartermaster {

// For Int128 and for the signed integers of Boost.Multiprecision. Requires a divisor other than 0, and that the
// quotient and twice any remainder fit.
template <typename Int>
Int DivideHalfEven(const Int& dividend, const Int& divisor) {
  Int quotient = dividend / divisor;  // Towards zero; the remainder has the sign of the dividend.
  const Int remainder = dividend % divisor;
  const Int twice = 2 * (remainder < 0 ? Int(-remainder) : remainder);
  const Int magnitude = divisor < 0 ? Int(-divisor) : divisor;
  if (twice > magnitude || (twice == magnitude && quotient % 2 != 0)) {
    quotient += (dividend < 0) != (divisor < 0) ? -1 : 1;
  }
  return quotient;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_DECIMAL_ROUNDING_H_
