#include "validation/period.h"

#include <array>
#include <cassert>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "re2/re2.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

constexpr int kApril = 3;  // Months count from 0 within a year.
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2199;

constexpr std::array<absl::string_view, 12> kMonthNames = {"January",   "February", "March",    "April",
                                                           "May",       "June",     "July",     "August",
                                                           "September", "October",  "November", "December"};

absl::Status Problem(absl::string_view text, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("\"", ShortText(text, 40), "\" is not a period: ", problem));
}

bool YearTaken(int year) { return year >= kFirstYear && year <= kLastYear; }

// "2025" and "26" make the financial year 2025/26.
absl::Status CheckFinancialYear(absl::string_view text, int start_year, int end) {
  if (!YearTaken(start_year)) return Problem(text, absl::StrCat("years are ", kFirstYear, " to ", kLastYear, "."));
  if ((start_year + 1) % 100 == end) return absl::OkStatus();
  return Problem(
      text, absl::StrFormat("a financial year ends one year after it starts. Write %d-%02d if it starts in April %d.",
                            start_year, (start_year + 1) % 100, start_year));
}

absl::StatusOr<Period> ParseMonth(absl::string_view text, int year, int month) {
  if (month >= 1 && month <= 12) {
    if (YearTaken(year)) return Period::Month(year, month);
    return Problem(text, absl::StrCat("years are ", kFirstYear, " to ", kLastYear, "."));
  }
  if ((year + 1) % 100 == month) {
    return Problem(text, absl::StrCat("for the financial year write FY", text, ", for a quarter ", text, "-Q1."));
  }
  return Problem(text, "the month must be 01 to 12, as in 2025-04.");
}

absl::StatusOr<Period> ParseMonthName(absl::string_view text, const std::string& name, int year) {
  for (int month = 0; month < 12; ++month) {
    const std::string full = absl::AsciiStrToUpper(kMonthNames[static_cast<size_t>(month)]);
    if (name == full || name == full.substr(0, 3) || (name == "SEPT" && month == 8))
      return ParseMonth(text, year, month + 1);
  }
  return Problem(text, "write a month as 2025-04 or Apr 2025.");
}

absl::Status CalendarQuarter(absl::string_view text, int year, int quarter) {
  if (!YearTaken(year)) return Problem(text, absl::StrCat("years are ", kFirstYear, " to ", kLastYear, "."));
  const Period calendar = quarter == 1 ? Period::Quarter(year - 1, 4) : Period::Quarter(year, quarter - 1);
  const Period financial = Period::Quarter(year, quarter);
  const auto months = [](const Period& period) {
    const int first = period.first_month();
    return absl::StrCat(kMonthNames[static_cast<size_t>(first % 12)], " to ",
                        kMonthNames[static_cast<size_t>((first + 2) % 12)], " ", first / 12);
  };
  return Problem(
      text, absl::StrCat("it could be the calendar quarter ", months(calendar), ", which is written ",
                         calendar.ToString(), ", or quarter ", quarter, " of the financial year, ", months(financial),
                         ", written ", financial.ToString(), ". Write the one that you mean."));
}

// The number that digits make; -1 where one of them is none.
int NumberOf(absl::string_view digits) {
  int number = 0;
  for (const char digit : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return -1;
    number = number * 10 + (digit - '0');
  }
  return number;
}

// A month or quarter as ToString gives it, which is nearly every period that there is to read: the patterns, which read
// it as well, take twenty times as long. Absent for all else, which is theirs to judge.
absl::optional<Period> ParsePlain(absl::string_view text) {
  constexpr size_t kMonthSize = 7;     // 2025-04
  constexpr size_t kQuarterSize = 10;  // 2025-26-Q1
  if (text.size() != kMonthSize && text.size() != kQuarterSize) return absl::nullopt;
  const int year = NumberOf(text.substr(0, 4));
  const int second = NumberOf(text.substr(5, 2));
  if (text[4] != '-' || !YearTaken(year)) return absl::nullopt;
  if (text.size() == kMonthSize) {
    return second >= 1 && second <= 12 ? absl::make_optional(Period::Month(year, second)) : absl::nullopt;
  }
  const int quarter = text[9] - '0';
  if (text.substr(7, 2) != "-Q" || quarter < 1 || quarter > 4 || (year + 1) % 100 != second) return absl::nullopt;
  return Period::Quarter(year, quarter);
}

}  // namespace

Period Period::Month(int year, int month) { return Period(PeriodKind::kMonth, year * 12 + month - 1); }

Period Period::Quarter(int start_year, int quarter) {
  return Period(PeriodKind::kQuarter, start_year * 12 + kApril + (quarter - 1) * 3);
}

Period Period::Year(int start_year) { return Period(PeriodKind::kYear, start_year * 12 + kApril); }

absl::StatusOr<Period> Period::Parse(absl::string_view text) {
  if (const absl::optional<Period> plain = ParsePlain(text)) return *plain;
  static const RE2& month = *new RE2(R"((\d{4})-(\d{1,2}))");
  static const RE2& month_name = *new RE2(R"(([A-Z]{3,9})[ -](\d{4}))");
  static const RE2& excel_month = *new RE2(R"(([A-Z]{3})-(\d{2}))");  // What Excel makes of 2025-04.
  static const RE2& quarter_last = *new RE2(R"((?:FY ?)?(\d{4})[-/](\d{2})[ -]*Q([1-4]))");
  static const RE2& quarter_first = *new RE2(R"(Q([1-4])[ -]*(?:FY ?)?(\d{4})[-/](\d{2}))");
  static const RE2& year = *new RE2(R"(FY ?(\d{4})[-/](\d{2}))");
  static const RE2& bare_year = *new RE2(R"((\d{4})/(\d{2}))");
  static const RE2& calendar_last = *new RE2(R"((\d{4})[ /-]*Q([1-4]))");
  static const RE2& calendar_first = *new RE2(R"(Q([1-4])[ /-]*(\d{4}))");

  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  const std::string upper = absl::AsciiStrToUpper(trimmed);
  if (upper.empty())
    return absl::InvalidArgumentError("The period is empty. Write a month as 2025-04 or a quarter as 2025-26-Q1.");
  int a = 0;
  int b = 0;
  int c = 0;
  std::string name;
  // No text has two forms.
  if (RE2::FullMatch(upper, month, &a, &b)) return ParseMonth(trimmed, a, b);
  if (RE2::FullMatch(upper, quarter_last, &a, &b, &c) || RE2::FullMatch(upper, quarter_first, &c, &a, &b)) {
    if (absl::Status status = CheckFinancialYear(trimmed, a, b); !status.ok()) return status;
    return Quarter(a, c);
  }
  if (RE2::FullMatch(upper, year, &a, &b) || RE2::FullMatch(upper, bare_year, &a, &b)) {
    if (absl::Status status = CheckFinancialYear(trimmed, a, b); !status.ok()) return status;
    return Year(a);
  }
  if (RE2::FullMatch(upper, month_name, &name, &a)) return ParseMonthName(trimmed, name, a);
  if (RE2::FullMatch(upper, excel_month, &name, &a)) return ParseMonthName(trimmed, name, 2000 + a);
  if (RE2::FullMatch(upper, calendar_last, &a, &b) || RE2::FullMatch(upper, calendar_first, &b, &a)) {
    return CalendarQuarter(trimmed, a, b);
  }
  return Problem(trimmed,
                 "write a month as 2025-04, a financial quarter as 2025-26-Q1 and a financial year as FY2025-26.");
}

int Period::month_count() const {
  switch (kind_) {
    case PeriodKind::kMonth:
      return 1;
    case PeriodKind::kQuarter:
      return 3;
    case PeriodKind::kYear:
      break;
  }
  return 12;
}

std::string Period::ToString() const {
  const int start_year = (first_month_ - kApril) / 12;
  const int end = (start_year + 1) % 100;
  switch (kind_) {
    case PeriodKind::kMonth:
      return absl::StrFormat("%04d-%02d", first_month_ / 12, first_month_ % 12 + 1);
    case PeriodKind::kQuarter:
      return absl::StrFormat("%04d-%02d-Q%d", start_year, end, (first_month_ - kApril) % 12 / 3 + 1);
    case PeriodKind::kYear:
      break;
  }
  return absl::StrFormat("FY%04d-%02d", start_year, end);
}

std::string Period::ToDisplayString() const {
  const int start_year = (first_month_ - kApril) / 12;
  const int end = (start_year + 1) % 100;
  switch (kind_) {
    case PeriodKind::kMonth:
      return absl::StrCat(kMonthNames[static_cast<size_t>(first_month_ % 12)].substr(0, 3), " ", first_month_ / 12);
    case PeriodKind::kQuarter:
      return absl::StrFormat("Q%d %04d/%02d", (first_month_ - kApril) % 12 / 3 + 1, start_year, end);
    case PeriodKind::kYear:
      break;
  }
  return absl::StrFormat("%04d/%02d", start_year, end);
}

Period Period::Container() const {
  assert(kind_ != PeriodKind::kYear);
  const int since_april = first_month_ - kApril;
  if (kind_ == PeriodKind::kMonth) return Period(PeriodKind::kQuarter, since_april / 3 * 3 + kApril);
  return Period(PeriodKind::kYear, since_april / 12 * 12 + kApril);
}

std::vector<Period> Period::Parts() const {
  if (kind_ == PeriodKind::kMonth) return {};
  const PeriodKind part = kind_ == PeriodKind::kYear ? PeriodKind::kQuarter : PeriodKind::kMonth;
  const int part_months = part == PeriodKind::kQuarter ? 3 : 1;
  std::vector<Period> parts;
  for (int month = 0; month < month_count(); month += part_months) parts.push_back(Period(part, first_month_ + month));
  return parts;
}

std::vector<Period> Period::WithParts() const {
  std::vector<Period> periods = {*this};
  for (size_t i = 0; i < periods.size(); ++i) {
    for (const Period& part : periods[i].Parts()) periods.push_back(part);
  }
  return periods;
}

Period Period::Plus(int steps) const { return Period(kind_, first_month_ + steps * month_count()); }

absl::string_view PeriodKindName(PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kMonth:
      return "month";
    case PeriodKind::kQuarter:
      return "financial quarter";
    case PeriodKind::kYear:
      break;
  }
  return "financial year";
}

}  // namespace quartermaster
