// The content of a release: a text of JSON lines that depends on nothing but the returns, participants, populations,
// schema and method that its figures are made of. So the same inputs give the same bytes on any server, and whoever has
// the text can recompute every statistic in it from its values.
//
// Lines end with a line feed; a line is one object without spaces, with all of its members in this order:
//   {"kind":"release","format":1,"collection":C,"period":T,"collection_version":V,"method_version":M}
//   {"kind":"return","service":S,"participant":P,"period":T,"revision":R,"content_sha256":H}
//   {"kind":"value","service":S,"indicator":I,"category":X,"participant":P,"value":N,"numerator":N,"denominator":N,
//    "months_present":A,"months_expected":B,"counts":true,"from_predecessors":false}
//   {"kind":"statistics","service":S,"indicator":I,"category":X,"n":N,"mean":N,"median":N,"lower_quartile":N,
//    "upper_quartile":N,"percentile_10":N,"percentile_90":N,"minimum":N,"maximum":N,"standard_deviation":N,"pooled":N,
//    "factor":N}
// First the release; then a line a pinned return, ordered by service, participant and period; then a line a value that
// is defined, ordered by service, indicator, category and participant, all as bytes; then a line a statistic, in the
// order of the schema. Those figures of a statistic that are undefined are left out, and so is "factor" where the
// indicator is no ratio. Statistics are of the values that count; pooled = sum of numerators / sum of denominators x
// factor.
//
// Numbers of returns are exact decimals in plain digits; a statistic is the shortest plain digits that read back as the
// same double. Texts are UTF-8, with only what JSON demands escaped: \" \\ and control characters as \u001f.
#ifndef QUARTERMASTER_SERVER_RELEASE_CONTENT_H_
#define QUARTERMASTER_SERVER_RELEASE_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/statistics.pb.h"
#include "validation/decimal.h"

namespace quartermaster::server {

// The version of the definitions of the figures: how values come from returns, how periods roll up, who counts, how
// quartiles are interpolated, how figures are rounded. It goes up by one with every change after which the same returns
// would give other figures, so that two releases that differ for this reason say so.
inline constexpr uint32_t kMethodVersion = 1;

// 128 MiB hold the values of half a million indicators of participants, ten times a large national collection; the
// content is in memory while it is made, read and sent.
inline constexpr size_t kMaxReleaseBytes = 128u << 20;

struct PinnedReturn {
  std::string service;
  std::string participant;
  std::string period;  // canonical
  uint32_t revision = 0;
  std::string content_sha256;
};

// A participant's value of one indicator.
struct ReleasedValue {
  std::string service;
  std::string indicator;
  std::string category;  // of a distribution, else empty
  std::string participant;
  Decimal value;
  Decimal numerator;
  Decimal denominator;
  uint32_t months_present = 0;
  uint32_t months_expected = 0;
  bool counts = false;  // It is among the national figures.
  bool from_predecessors = false;
};

struct ReleasedStatistics {
  // Only service, indicator, category, n and the figures are part of the text.
  v1::NationalStatistics figures;
  absl::optional<Decimal> factor;  // of a ratio
};

struct ReleaseContent {
  std::string collection;
  std::string period;  // canonical
  uint32_t collection_version = 0;
  uint32_t method_version = kMethodVersion;
  // Ordered as in the text.
  std::vector<PinnedReturn> returns;
  std::vector<ReleasedValue> values;
  std::vector<ReleasedStatistics> statistics;
};

// Puts returns and values into their order.
void SortContent(ReleaseContent* content);

// Requires the order of SortContent. Gives the text up to the end of the first line past kMaxReleaseBytes, and no more.
std::string WriteContent(const ReleaseContent& content);

// The content of a text that WriteContent has made. DATA_LOSS, with the number of the line, for any other: also where
// only a space, a digit, a line or the order differs.
absl::StatusOr<ReleaseContent> ReadContent(absl::string_view text);

// A line of a content, with its line feed, for whoever cannot hold all of them: a return or a value; nothing for a line
// of another kind. DATA_LOSS for one that begins like a return or a value and is none.
using ContentLine = std::variant<std::monostate, PinnedReturn, ReleasedValue>;
absl::StatusOr<ContentLine> ReadContentLine(absl::string_view line);

// Whether n and all figures are equal; whatever else the two say.
bool HaveSameFigures(const v1::NationalStatistics& a, const v1::NationalStatistics& b);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_CONTENT_H_
