#include "validation/age_band.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace quartermaster {
namespace {

constexpr size_t kMaxAgeDigits = 3;

// An age without leading zeros, or -1.
int ParseAge(absl::string_view text) {
  if (text.empty() || text.size() > kMaxAgeDigits || (text.size() > 1 && text.front() == '0')) return -1;
  int age = 0;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return -1;
    age = age * 10 + (c - '0');
  }
  return age;
}

}  // namespace

bool IsAgeBand(absl::string_view text) {
  if (absl::ConsumeSuffix(&text, "+")) return ParseAge(text) >= 0;
  const std::pair<absl::string_view, absl::string_view> ages = absl::StrSplit(text, absl::MaxSplits('-', 1));
  return ParseAge(ages.first) >= 0 && ParseAge(ages.first) <= ParseAge(ages.second);
}

}  // namespace quartermaster
