#include "client/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {

absl::StatusOr<std::unique_ptr<TokenFile>> TokenFile::Create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(
        absl::StrCat(path, ": there is a file already, which may hold a token. Name another one, or remove it."));
  }
  if (descriptor < 0) return WriteProblem(path);
  return absl::WrapUnique(new TokenFile(path, descriptor));
}

TokenFile::~TokenFile() {
  close(descriptor_);
  if (!is_written_) unlink(path_.c_str());
}

absl::Status TokenFile::Write(const std::string& token) {
  const std::string line = absl::StrCat(token, "\n");
  if (write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || fsync(descriptor_) != 0) {
    return WriteProblem(path_);
  }
  is_written_ = true;
  return absl::OkStatus();
}

}  // namespace quartermaster::client
