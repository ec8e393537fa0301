// The age bands that populations are registered for and expressions ask for.
#ifndef QUARTERMASTER_VALIDATION_AGE_BAND_H_
#define QUARTERMASTER_VALIDATION_AGE_BAND_H_

#include "absl/strings/string_view.h"

namespace quartermaster {

// `18-64`, `65+`: no more than three digits, without leading zeros, the lower age first.
bool IsAgeBand(absl::string_view text);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_AGE_BAND_H_
