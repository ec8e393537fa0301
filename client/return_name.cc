#include "client/return_name.h"

#include "absl/strings/str_cat.h"
#include "validation/period.h"

namespace quartermaster::client {

std::string DisplayPeriod(const std::string& period) {
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  return parsed.ok() ? parsed->ToDisplayString() : period;
}

std::string DisplayReturn(const std::string& participant, const std::string& service, const std::string& period) {
  return absl::StrCat(participant, ", ", service, ", ", DisplayPeriod(period));
}

}  // namespace quartermaster::client
