// Writes the rows of an extract to a file as they come, in memory that does not grow with them.
#ifndef QUARTERMASTER_CLIENT_EXTRACT_WRITER_H_
#define QUARTERMASTER_CLIENT_EXTRACT_WRITER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quartermaster/v1/extract_service.pb.h"

namespace quartermaster::client {

// One form of file. After an error, which is UNKNOWN where the disk refuses and OUT_OF_RANGE where a row does not fit
// the form, it may only be destroyed. Thread-compatible.
class ExtractWriter {
 public:
  virtual ~ExtractWriter() = default;
  // Requires a row of a kind that ExtractKindName knows.
  virtual absl::Status Write(const v1::ExtractRow& row) = 0;
  // Writes what is left and closes the file. Requires that it was not called before.
  virtual absl::Status Finish() = 0;
};

// A writer to `file`, which exists and is replaced, of the form that the ending of `path` names: .csv, .jsonl or .xlsx.
// INVALID_ARGUMENT, naming the three, for another ending.
absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractWriter(const std::string& path, const std::string& file);

// The same without a file.
absl::Status CheckExtractEnding(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXTRACT_WRITER_H_
