#include "client/cell_value.h"

#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/hidden_characters.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

// A number taken apart: the value is digits x 10^exponent, with no zeros at either end of the digits; 0 has none.
struct DecimalText {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

bool Matches(absl::string_view text, const RE2& pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

absl::optional<DecimalText> TakeApart(absl::string_view text) {
  static const RE2& pattern = *new RE2(R"(([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?)");
  constexpr size_t kMaxCharacters = 100;  // No number has more; bounds the exponent below.
  std::string sign, whole, fraction;
  std::string exponent;
  if (text.size() > kMaxCharacters ||
      !RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &sign, &whole, &fraction, &exponent) ||
      (whole.empty() && fraction.empty())) {
    return absl::nullopt;
  }
  DecimalText number;
  number.negative = sign == "-";
  number.digits = whole + fraction;
  int written_exponent = 0;
  if (!exponent.empty() && !absl::SimpleAtoi(exponent, &written_exponent)) return absl::nullopt;
  number.exponent = written_exponent - static_cast<int>(fraction.size());
  while (!number.digits.empty() && number.digits.back() == '0') number.digits.pop_back(), ++number.exponent;
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

}  // namespace

absl::optional<absl::string_view> NotAvailableReason(absl::string_view text) {
  if (!absl::StartsWithIgnoreCase(text, "NA")) return absl::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text.substr(2));
  if (text.empty()) return text;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return absl::nullopt;
  return absl::StripAsciiWhitespace(text.substr(1, text.size() - 2));
}

std::string NotAvailableText(absl::string_view reason) {
  return reason.empty() ? "NA" : absl::StrCat("NA (", reason, ")");
}

bool IsSuppressed(absl::string_view text) { return text == "*"; }

absl::optional<double> ParseNumber(absl::string_view text) {
  const absl::optional<DecimalText> number = TakeApart(text);
  double value = 0;
  if (!number || !absl::SimpleAtod(text, &value) || !std::isfinite(value)) return absl::nullopt;
  if (value == 0 && !number->digits.empty()) return absl::nullopt;
  return value;
}

absl::optional<int64_t> ParseWholeNumber(absl::string_view text) {
  const absl::optional<DecimalText> number = TakeApart(text);
  if (!number) return absl::nullopt;
  if (number->digits.empty()) return 0;
  if (number->exponent < 0 || number->exponent > std::numeric_limits<int64_t>::digits10) return absl::nullopt;
  int64_t value = 0;
  const std::string digits = number->digits + std::string(static_cast<size_t>(number->exponent), '0');
  if (!absl::SimpleAtoi(absl::StrCat(number->negative ? "-" : "", digits), &value)) return absl::nullopt;
  return value;
}

absl::optional<bool> ParseYesNo(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(text);
  if (word == "yes" || word == "y" || word == "true" || word == "1") return true;
  if (word == "no" || word == "n" || word == "false" || word == "0") return false;
  return absl::nullopt;
}

std::string HiddenCharacterHint(absl::string_view text) {
  const HiddenCharacter* hidden = FindHiddenCharacter(text);
  if (hidden == nullptr) return "";
  const std::string number = absl::StrReplaceAll(VisibleText(text), {{" ", ""}});
  return absl::StrCat("The cell has the character ", hidden->name, hidden->is_space ? "" : ", which nobody sees", ": ",
                      ParseNumber(number) ? absl::StrCat("write ", number, ".") : "type it again.");
}

std::string SpreadsheetDamageHint(absl::string_view text, bool is_period) {
  static const RE2& scientific = *new RE2(R"([0-9]+(\.[0-9]+)?[eE]\+?[0-9]+)");
  static const RE2& date =
      *new RE2(R"([0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}( [0-9:]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?)"
               R"(|[0-9]{1,2}-[A-Z][a-z]{2}(-[0-9]{2,4})?|[A-Z][a-z]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2}:[0-9]{2})");
  static const RE2& day_number = *new RE2("[34][0-9]{4}");  // Days since 1900, which is how a workbook keeps a date.
  if (Matches(text, date) || (is_period && Matches(text, day_number))) {
    return is_period
               ? "A spreadsheet seems to have turned the period into a date: format the column as text and write "
                 "2025-04 for a month or 2025-26-Q1 for a financial quarter."
               : "A spreadsheet seems to have turned this into a date: format the column as text and type it again.";
  }
  if (Matches(text, scientific)) {
    return "A spreadsheet seems to have turned this into a number and lost digits: format the column as text and type "
           "it "
           "again.";
  }
  return "";
}

}  // namespace quartermaster::client
