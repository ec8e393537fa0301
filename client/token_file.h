// The file that a new token is put into.
#ifndef QUARTERMASTER_CLIENT_TOKEN_FILE_H_
#define QUARTERMASTER_CLIENT_TOKEN_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::client {

// A file that is made before its token is asked for, so that no token is made which has nowhere to go.
// client/input_file reads it.
class TokenFile {
 public:
  // Makes the file, which nobody but its owner can ever read. ALREADY_EXISTS where there is something of that name, a
  // link too; UNKNOWN where it cannot be made.
  static absl::StatusOr<std::unique_ptr<TokenFile>> Create(const std::string& path);

  // Removes the file if no token was written.
  ~TokenFile();
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  // Writes the token as one line, through to the disk. To be called once. UNKNOWN.
  absl::Status Write(const std::string& token);

 private:
  TokenFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  const int descriptor_;
  bool is_written_ = false;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TOKEN_FILE_H_
