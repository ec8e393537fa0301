// See expression_literals.h.
#include "validation/expression_literals.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

constexpr int kInt128Digits = 39;       // More digits than this overflow 128 bits.
constexpr int kExponentLimit = 10'000;  // Past any source's digits, so that a larger exponent changes nothing.
constexpr size_t kMaxShownBytes = 80;   // A message is one line.

int DigitValue(char c) { return absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10; }

// The value of an exponent such as "+3", held within kExponentLimit.
int ParseExponent(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  int value = 0;
  for (char c : text) value = std::min(value * 10 + DigitValue(c), kExponentLimit);
  return negative ? -value : value;
}

void AppendUtf8(uint32_t code_point, std::string* text) {
  const auto append = [text](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  const auto tail = [&](int shift) { append(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    append(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    append(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// A character by its number: `digits` digits of `base` at the start of `rest`.
absl::Status AppendNumberedCharacter(int digits, int base, absl::string_view* rest, std::string* text) {
  uint32_t code_point = 0;
  for (int i = 0; i < digits; ++i) {
    if (rest->empty() || !absl::ascii_isxdigit(rest->front()) || DigitValue(rest->front()) >= base) {
      return absl::InvalidArgumentError(
          absl::StrCat("this escape needs ", digits, base == 8 ? " octal" : " hexadecimal", " digits"));
    }
    code_point = code_point * static_cast<uint32_t>(base) + static_cast<uint32_t>(DigitValue(rest->front()));
    rest->remove_prefix(1);
  }
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    return absl::InvalidArgumentError("this escape is no character of Unicode");
  }
  AppendUtf8(code_point, text);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decimal> ParseIntLiteral(absl::string_view text) {
  const int base = absl::ConsumePrefix(&text, "0x") ? 16 : 10;
  Int128 value = 0;
  for (char c : text) {
    value = value * base + DigitValue(c);
    if (value > kLargestIntMagnitude) {
      return absl::InvalidArgumentError("this number is too large: an int is at most 9223372036854775807");
    }
  }
  return Decimal::FromRaw(value * Decimal::kOne);
}

absl::StatusOr<Decimal> ParseDoubleLiteral(absl::string_view text) {
  std::string digits;
  int exponent = 0;
  bool in_fraction = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      in_fraction = true;
    } else if (text[i] == 'e' || text[i] == 'E') {
      exponent += ParseExponent(text.substr(i + 1));
      break;
    } else {
      if (!digits.empty() || text[i] != '0') digits.push_back(text[i]);
      if (in_fraction) --exponent;
    }
  }
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  if (digits.empty()) return Decimal();
  const int zeros = exponent + Decimal::kPlaces;
  if (zeros < 0) return absl::InvalidArgumentError("this number has more than 9 decimal places: round it");
  const absl::Status too_large = absl::InvalidArgumentError("this number is too large for a double: at most 1.7e29");
  if (static_cast<int>(digits.size()) + zeros > kInt128Digits) return too_large;
  digits.append(static_cast<size_t>(zeros), '0');
  Int128 raw = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(raw, 10, &raw) || __builtin_add_overflow(raw, DigitValue(c), &raw)) return too_large;
  }
  return Decimal::FromRaw(raw);
}

absl::Status AppendEscapedCharacter(absl::string_view* rest, std::string* text) {
  constexpr absl::string_view kNamed = "abfnrtv\\?\"'`";
  constexpr absl::string_view kNamedCharacters = "\a\b\f\n\r\t\v\\?\"'`";
  if (rest->empty()) return absl::InvalidArgumentError("a backslash needs the character that it escapes");
  const char kind = rest->front();
  const size_t named = kNamed.find(kind);
  if (named != absl::string_view::npos) {
    text->push_back(kNamedCharacters[named]);
    rest->remove_prefix(1);
    return absl::OkStatus();
  }
  if (kind >= '0' && kind <= '3') return AppendNumberedCharacter(3, 8, rest, text);
  const int digits = kind == 'x' || kind == 'X' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits == 0) return absl::InvalidArgumentError("unknown escape: write \\\\ for a backslash");
  rest->remove_prefix(1);
  return AppendNumberedCharacter(digits, 16, rest, text);
}

std::string Shown(absl::string_view text) {
  std::string shown;
  size_t at = 0;
  while (at < text.size() && at < kMaxShownBytes) {
    const size_t bytes = Utf8CharacterBytes(text.substr(at));
    const absl::string_view character = text.substr(at, std::max<size_t>(bytes, 1));
    // Control characters, and bytes that are no characters, would garble a terminal or a reply.
    const bool readable = bytes > 1 || (bytes == 1 && !absl::ascii_iscntrl(character.front()));
    absl::StrAppend(&shown, readable ? std::string(character) : absl::CHexEscape(character));
    at += character.size();
  }
  if (at < text.size()) shown += "...";
  return shown;
}

std::string Quoted(absl::string_view text) { return absl::StrCat("\"", Shown(text), "\""); }

}  // namespace quartermaster
