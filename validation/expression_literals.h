// The literals of expressions: numbers, the escapes of quoted text, and the check that a source is UTF-8. Messages come
// without a position, which the lexer adds.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_LITERALS_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_LITERALS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "validation/decimal.h"

namespace quartermaster {

// The magnitude of the smallest int64: a literal only behind a minus.
inline constexpr Int128 kLargestIntMagnitude = Int128{1} << 63;

// `text` is digits, or 0x and hexadecimal digits. INVALID_ARGUMENT past kLargestIntMagnitude.
absl::StatusOr<Decimal> ParseIntLiteral(absl::string_view text);

// `text` is digits with a fraction, an exponent, or both. INVALID_ARGUMENT unless a Decimal holds it exactly.
absl::StatusOr<Decimal> ParseDoubleLiteral(absl::string_view text);

// Appends to `text` the character that the escape at the start of `rest` (behind the backslash) stands for, and removes
// the escape from `rest`. INVALID_ARGUMENT if CEL does not have it.
absl::Status AppendEscapedCharacter(absl::string_view* rest, std::string* text);

// `text` for a message: printable, and cut where it is long.
std::string Shown(absl::string_view text);
// The same in double quotes.
std::string Quoted(absl::string_view text);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_LITERALS_H_
