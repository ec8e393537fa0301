// Months, financial quarters and financial years, and the ways in which people write them.
//
// The financial year starts in April: 2025-26-Q1 is April to June 2025. Calendar quarters ("2025Q2") are refused with
// the two quarters that they could mean, because half of their readers would guess wrong.
#ifndef QUARTERMASTER_VALIDATION_PERIOD_H_
#define QUARTERMASTER_VALIDATION_PERIOD_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster {

enum class PeriodKind : uint8_t { kMonth = 1, kQuarter = 2, kYear = 3 };

// Regular, ordered by kind and then by time. The years 1900 to 2199 are taken.
class Period {
 public:
  // `month` is 1 to 12 of the calendar year.
  static Period Month(int year, int month);
  // `quarter` is 1 to 4 of the financial year that starts in April of `start_year`.
  static Period Quarter(int start_year, int quarter);
  static Period Year(int start_year);

  // Takes 2025-04, 2025-26-Q1, FY2025-26, and as people write them: Q1 2025/26, 2025/26 Q1, Apr 2025, April 2025,
  // FY2025/26; spaces around and letter case do not matter. INVALID_ARGUMENT with one sentence that says what to write
  // instead.
  static absl::StatusOr<Period> Parse(absl::string_view text);

  PeriodKind kind() const { return kind_; }
  // Months since January of year 0.
  int first_month() const { return first_month_; }
  int month_count() const;
  // 2025-04, 2025-26-Q1, FY2025-26: for files, keys and the wire.
  std::string ToString() const;
  // Apr 2025, Q1 2025/26, 2025/26: for screens.
  std::string ToDisplayString() const;

  // The quarter of a month, the year of a quarter. Requires kind() != kYear.
  Period Container() const;
  // The three months of a quarter, the four quarters of a year; empty for a month.
  std::vector<Period> Parts() const;
  // Itself, its parts, and theirs: 17 of a year.
  std::vector<Period> WithParts() const;
  // The period of the same kind so many steps later, or earlier.
  Period Plus(int steps) const;

  friend bool operator==(const Period&, const Period&) = default;
  friend auto operator<=>(const Period&, const Period&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Period& period) {
    return H::combine(std::move(h), period.kind_, period.first_month_);
  }

 private:
  Period(PeriodKind kind, int first_month) : kind_(kind), first_month_(first_month) {}
  PeriodKind kind_;
  int first_month_;
};

// "month", "financial quarter", "financial year".
absl::string_view PeriodKindName(PeriodKind kind);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_PERIOD_H_
