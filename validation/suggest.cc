#include "validation/suggest.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace quartermaster {
namespace {

// Longer names are not mistyped fields, and distance costs the product of the lengths.
constexpr size_t kMaxNameBytes = 120;

// Levenshtein's distance.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(absl::string_view name, const std::vector<absl::string_view>& candidates) {
  if (name.empty() || name.size() > kMaxNameBytes) return "";
  const std::string wanted = absl::AsciiStrToLower(name);
  size_t best_distance = wanted.size() / 3 + 1;
  absl::string_view best;
  for (absl::string_view candidate : candidates) {
    if (candidate.size() > kMaxNameBytes) continue;
    const size_t distance = EditDistance(wanted, absl::AsciiStrToLower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return std::string(best);
}

std::string DidYouMean(absl::string_view near, absl::string_view advice) {
  if (near.empty()) return std::string(advice);
  return absl::StrCat("Did you mean ", near, advice.empty() ? "?" : "? ", advice);
}

}  // namespace quartermaster
