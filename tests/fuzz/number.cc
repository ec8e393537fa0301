// Text to numbers, numbers to text, and the arithmetic of decimals.
#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "client/cell_value.h"
#include "client/table.h"
#include "tests/fuzz/fuzz.h"
#include "validation/decimal.h"
#include "validation/expression_lexer.h"

namespace quartermaster::fuzz {
namespace {

constexpr Int128 kMax = ~(Int128{1} << 127);

// The decimal that its text reads as, by the lexer of expressions.
Decimal ReRead(Decimal value) {
  std::string text = value.ToString();
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  if (text.find('.') == std::string::npos) text += ".0";
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(text);
  Require(tokens.ok() && tokens->size() == 2 && tokens->front().kind == TokenKind::kDouble,
          "the text of a decimal is a literal");
  const Int128 magnitude = tokens->front().number.raw();
  return Decimal::FromRaw(negative ? -magnitude : magnitude);
}

void FuzzText(const std::string& text) {
  const absl::optional<double> number = client::ParseNumber(text);
  const absl::optional<int64_t> whole = client::ParseWholeNumber(text);
  Require(!whole || number, "a whole number is a number");
  Require(!whole || static_cast<double>(*whole) == *number, "a whole number is the number");
  if (number) {
    Require(std::isfinite(*number), "a number is finite");
    Require(client::ParseNumber(client::FormatExact(*number)) == *number, "what is printed exactly reads back");
  }
  if (whole) {
    Require(client::ParseWholeNumber(absl::StrCat(*whole)) == *whole, "a whole number reads back");
  }
  if (const absl::StatusOr<std::vector<Token>> tokens = Tokenize(text); tokens.ok()) {
    for (const Token& token : *tokens) {
      if (token.kind == TokenKind::kDouble) Require(ReRead(token.number) == token.number, "a literal reads back");
      if (token.kind == TokenKind::kInt) Require(token.number.raw() % Decimal::kOne == 0, "an int literal is whole");
    }
  }
  if (const auto billionths = FromBillionths(text)) {
    Require(FromBillionths(ToBillionths(*billionths)) == billionths, "billionths read back");
  }
}

void FuzzReading(double value, int places) {
  using Kind = DecimalReading::Kind;
  const DecimalReading reading = ReadDecimal(value, places);
  if (reading.kind == Kind::kTooLarge) {
    Require(!(std::fabs(value) <= kMaxMagnitude) && reading.value == Decimal(), "only large numbers are too large");
    return;
  }
  Int128 unit = 1;
  for (int i = places; i < Decimal::kPlaces; ++i) unit *= 10;
  Require(reading.value.raw() % unit == 0, "a reading has no more places than asked for");
  Require((reading.kind == Kind::kExact) == (reading.value.ToDouble() == value), "an exact reading is the double");
  const DecimalReading again = ReadDecimal(reading.value.ToDouble(), places);
  Require(again.kind == Kind::kExact && again.value == reading.value, "what was read reads as itself");
}

void FuzzArithmetic(Decimal a, Decimal b, Decimal c) {
  Require(ReRead(a) == a, "a decimal reads back from its text");
  if (const auto sum = Add(a, b)) {
    Require(Subtract(*sum, b) == a && Add(b, a) == sum, "a sum less a part is the other");
  }
  Require(Multiply(a, b) == Multiply(b, a), "a product does not depend on the order");
  if (const auto quotient = Divide(a, b)) {
    Require(Divide(Decimal::FromRaw(-a.raw()), b)->raw() == -quotient->raw(), "rounding knows no sign");
  }
  Require(b.raw() != 0 || !Divide(a, b), "nothing is divided by zero");
  Require(MultiplyDivide(a, b, c) == MultiplyDivide(b, a, c), "a product does not depend on the order");
  if (b.raw() != 0) Require(MultiplyDivide(a, b, b) == a, "what is multiplied and divided alike stays");
  // Its digits, but not more than 38, which always fit.
  constexpr Int128 kReadable = kMax / 10;
  if (a.raw() < kReadable && a.raw() > -kReadable) {
    Require(FromBillionths(ToBillionths(a)) == a, "billionths read back");
    for (uint32_t places = 0; places <= Decimal::kPlaces; ++places) {
      const std::string text = RoundedText(a, places);
      const size_t point = text.find('.');
      const size_t written = point == std::string::npos ? 0 : text.size() - point - 1;
      Require(written == places, "all places are written");
    }
  }
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  // The text is what is left, so that a seed can be read; the numbers stand behind a zero byte.
  const absl::string_view all = AsText(data, size);
  const size_t text_bytes = std::min(all.find('\0'), size);
  FuzzText(std::string(all.substr(0, text_bytes)));
  FuzzedDataProvider numbers(data + text_bytes, size - text_bytes);
  const auto take_decimal = [&numbers] {
    const auto high = numbers.ConsumeIntegral<int64_t>();
    const auto low = numbers.ConsumeIntegral<uint64_t>();
    // Small numbers as well, and never the one whose negative does not fit.
    const Int128 raw = Int128{high} >> (numbers.ConsumeIntegral<uint8_t>() % 64) << 64 | low;
    return Decimal::FromRaw(raw < -kMax ? -kMax : raw);
  };
  const Decimal a = take_decimal();
  const Decimal b = take_decimal();
  const Decimal c = take_decimal();
  FuzzArithmetic(a, b, c);
  const int places = numbers.ConsumeIntegralInRange<int>(0, Decimal::kPlaces);
  FuzzReading(numbers.ConsumeFloatingPoint<double>(), places);
  FuzzReading(a.ToDouble(), places);
  return 0;
}
