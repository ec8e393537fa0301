#include "client/number_format.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/types/optional.h"
#include "client/cell_value.h"

namespace quartermaster::client {
namespace {

constexpr double kEndOfDays = 2'958'466;  // The day after 9999-12-31, where Excel's calendar ends.
constexpr int kSecondsInDay = 86'400;

// What stands in brackets: elapsed time is [h], [mm], [ss]; colours, conditions and locales are no part of the look.
bool IsElapsedTime(absl::string_view bracketed) {
  if (bracketed.empty()) return false;
  for (const char c : bracketed) {
    if (c != 'h' && c != 'm' && c != 's') return false;
  }
  return true;
}

// The letters and percent signs of a format that are neither quoted, escaped, nor bracketed; "t" for elapsed time.
std::string PlainLetters(absl::string_view code) {
  std::string letters;
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(code[i]));
    if (c == '\\' || c == '_' || c == '*') {
      ++i;  // The next character is shown, or its width kept, or it fills the cell.
    } else if (c == '"' || c == '[') {
      const size_t end = code.find(c == '"' ? '"' : ']', i + 1);
      if (end == absl::string_view::npos) break;
      if (c == '[' && IsElapsedTime(absl::AsciiStrToLower(code.substr(i + 1, end - i - 1)))) letters += 't';
      i = end;
    } else if (absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '%') {
      letters += c;
    }
  }
  return letters;
}

absl::CivilDay DayOf(int64_t serial, bool from_1904) {
  if (from_1904) return absl::CivilDay(1904, 1, 1) + serial;
  // Excel takes 1900 for a leap year: its day 60 is 29 February 1900, which there never was.
  return absl::CivilDay(1899, 12, serial < 60 ? 31 : 30) + serial;
}

std::string ShownDate(double serial, NumberLook look, bool from_1904) {
  int64_t day = static_cast<int64_t>(std::floor(serial));
  int64_t second = std::llround((serial - static_cast<double>(day)) * kSecondsInDay);
  if (second == kSecondsInDay) ++day, second = 0;
  const std::string time = absl::StrFormat("%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
  if (day == 0 && second > 0) return time;
  const absl::CivilDay date = DayOf(day, from_1904);
  if (look == NumberLook::kMonth && date.day() == 1 && second == 0) {
    return absl::StrFormat("%04d-%02d", date.year(), date.month());
  }
  const std::string shown = absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
  return second > 0 ? absl::StrCat(shown, "T", time) : shown;
}

}  // namespace

NumberLook LookOfBuiltInFormat(uint32_t id) {
  if (id == 9 || id == 10) return NumberLook::kPercent;
  if (id == 17) return NumberLook::kMonth;
  // 27 to 36 and 50 to 58 are dates in the languages of East Asia.
  const bool is_date =
      (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
  return is_date ? NumberLook::kDate : NumberLook::kNumber;
}

NumberLook LookOfFormatCode(absl::string_view code) {
  const std::string letters = PlainLetters(code);
  const auto has = [&letters](absl::string_view any) {
    return letters.find_first_of(any.data(), 0, any.size()) != std::string::npos;
  };
  if (absl::StrContains(letters, "general")) return NumberLook::kNumber;
  if (has("%")) return NumberLook::kPercent;
  if (has("dhst")) return NumberLook::kDate;
  if (has("y")) return has("m") ? NumberLook::kMonth : NumberLook::kDate;
  return has("m") ? NumberLook::kDate : NumberLook::kNumber;
}

std::string ShownNumber(absl::string_view stored, NumberLook look, bool from_1904) {
  const absl::optional<double> number = look == NumberLook::kNumber ? absl::nullopt : ParseNumber(stored);
  if (!number) return std::string(stored);
  // 15 digits, as Excel shows them: 0.853 is 85.3%, and not 85.299999999999997%.
  if (look == NumberLook::kPercent) return absl::StrFormat("%.15g%%", *number * 100);
  if (*number < 0 || *number >= kEndOfDays) return std::string(stored);
  return ShownDate(*number, look, from_1904);
}

}  // namespace quartermaster::client
