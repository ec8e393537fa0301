// Writes a file whole or not at all.
#ifndef QUARTERMASTER_CLIENT_WHOLE_FILE_H_
#define QUARTERMASTER_CLIENT_WHOLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// Writes beside it first, as PATH.unfinished, then puts it in the place of what was there, so that a reader finds the
// old bytes or all of the new ones, also after a power loss. Readable by its owner alone: what comes from the server
// names participants. The error names the file; then the old one is untouched and nothing else is left.
absl::Status WriteWholeFile(absl::string_view bytes, const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WHOLE_FILE_H_
