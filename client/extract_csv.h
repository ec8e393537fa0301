// An extract as one CSV table: the kind of row first, then every column that any kind has, empty where a row has it
// not. Text that a spreadsheet would run as a formula has an apostrophe before it (client/formula_guard.h).
#ifndef QUARTERMASTER_CLIENT_EXTRACT_CSV_H_
#define QUARTERMASTER_CLIENT_EXTRACT_CSV_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/extract_writer.h"

namespace quartermaster::client {

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractCsv(const std::string& file);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXTRACT_CSV_H_
