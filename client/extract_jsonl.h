// An extract as JSON lines: each row of the API as one line of protobuf JSON.
#ifndef QUARTERMASTER_CLIENT_EXTRACT_JSONL_H_
#define QUARTERMASTER_CLIENT_EXTRACT_JSONL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/extract_writer.h"

namespace quartermaster::client {

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractJsonl(const std::string& file);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXTRACT_JSONL_H_
