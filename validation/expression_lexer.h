// Cuts the source of an expression into tokens.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_LEXER_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "validation/decimal.h"

namespace quartermaster {

enum class TokenKind : uint8_t { kEnd, kIdentifier, kInt, kDouble, kString, kSymbol };

struct Token {
  TokenKind kind;
  size_t offset;             // into the source
  absl::string_view source;  // as it was written; empty at the end
  Decimal number;            // of kInt (a magnitude, up to 2^63) and kDouble
  std::string text;          // of kString, unescaped; always UTF-8
};

// The tokens of `source`, kEnd last. They point into `source`. INVALID_ARGUMENT, with line and column, if it is not
// UTF-8 or has something that begins no token.
absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view source);

// INVALID_ARGUMENT with "line:column: " before the message. Columns count characters, as editors do.
absl::Status ErrorAt(absl::string_view source, size_t offset, absl::string_view message);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_LEXER_H_
