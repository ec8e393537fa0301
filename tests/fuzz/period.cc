// Text to periods and back.
#include "validation/period.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/fuzz.h"

namespace quartermaster::fuzz {
namespace {

void RequireReads(const std::string& text, const Period& period) {
  const absl::StatusOr<Period> read = Period::Parse(text);
  Require(read.ok() && *read == period, "another way of writing a period gives the same period");
}

void RequirePartsMakeWhole(const Period& period) {
  const std::vector<Period> parts = period.Parts();
  Require(parts.empty() == (period.kind() == PeriodKind::kMonth), "all but months have parts");
  int month = period.first_month();
  for (const Period& part : parts) {
    Require(part.first_month() == month && part.Container() == period, "parts follow each other and lie in the whole");
    month += part.month_count();
  }
  Require(parts.empty() || month == period.first_month() + period.month_count(), "parts fill the whole");
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  const absl::string_view text = AsText(data, size);
  const absl::StatusOr<Period> period = Period::Parse(text);
  if (!period.ok()) {
    RequireSound(period.status());
    return 0;
  }
  RequireReads(period->ToString(), *period);
  RequireReads(absl::AsciiStrToLower(text), *period);
  RequireReads(absl::StrCat(" \t", text, "\n"), *period);
  // "2025/26" on a screen is a year beside its months and quarters.
  RequireReads(period->ToDisplayString(), *period);
  RequirePartsMakeWhole(*period);
  Require(period->Plus(7).Plus(-7) == *period && period->Plus(1) > *period, "periods follow each other");
  if (period->kind() != PeriodKind::kYear) {
    const Period container = period->Container();
    Require(container.first_month() <= period->first_month() &&
                period->first_month() + period->month_count() <= container.first_month() + container.month_count(),
            "a period lies in its container");
  }
  return 0;
}
