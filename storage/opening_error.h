// What to do about a store that does not open: added in one place, so that every refusal says it.
#ifndef QUARTERMASTER_STORAGE_OPENING_ERROR_H_
#define QUARTERMASTER_STORAGE_OPENING_ERROR_H_

#include <string>

#include "absl/status/status.h"

namespace quartermaster::storage {

// The same code, and a message that starts with what is wrong with the store in this folder and ends with what to do:
// DATA_LOSS restore a backup, RESOURCE_EXHAUSTED make room, UNAVAILABLE look at the disk. Others say it themselves.
absl::Status ExplainOpening(const absl::Status& status, const std::string& data_dir);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_OPENING_ERROR_H_
