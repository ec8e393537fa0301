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

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SUGGEST_H_
