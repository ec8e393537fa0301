// "Did you mean ...?": the known name that looks most like a mistyped one.
#ifndef QUARTERMASTER_VALIDATION_SUGGEST_H_
#define QUARTERMASTER_VALIDATION_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quartermaster {

// The candidate with the fewest insertions, deletions and substitutions from `name`, letter case apart; the first of
// equals. Empty if more than a third of the name would have to change, so that no far-fetched advice is given.
std::string NearestName(absl::string_view name, const std::vector<absl::string_view>& candidates);

// "Did you mean NEAR? ADVICE", of which either may be empty.
std::string DidYouMean(absl::string_view near, absl::string_view advice);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SUGGEST_H_
