// A file that is there whole or not at all.
#ifndef QUARTERMASTER_CLIENT_UNFINISHED_FILE_H_
#define QUARTERMASTER_CLIENT_UNFINISHED_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// Made empty beside the file that it is to become, readable by its owner alone since it holds returns. It becomes the
// file, in place of any before, by Commit; without that nothing is left of it. Thread-compatible.
class UnfinishedFile {
 public:
  // UNKNOWN, naming the file, where it cannot be made.
  static absl::StatusOr<std::unique_ptr<UnfinishedFile>> Create(const std::string& path);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  // Where to write for now.
  const std::string& path() const { return unfinished_; }
  // After everything is written and closed. UNKNOWN where the disk does not take it or the name.
  absl::Status Commit();

 private:
  explicit UnfinishedFile(const std::string& path);
  const std::string path_;
  const std::string unfinished_;
  bool exists_ = false;
};

// Writes a file whole or not at all: a reader finds the old bytes or all of the new ones, also after a power loss.
absl::Status WriteWholeFile(absl::string_view bytes, const std::string& path);

// UNKNOWN: what errno says of writing to the file.
absl::Status WriteProblem(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_UNFINISHED_FILE_H_
