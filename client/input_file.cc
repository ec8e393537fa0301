#include "client/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

// Closes the file when it goes.
class OpenFile {
 public:
  // Non-blocking: opening a pipe must not wait for somebody to write into it.
  explicit OpenFile(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status SystemError(const std::string& path) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(errno), ".");
  if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError(absl::StrCat(path, ": there is no such file."));
  if (errno == EACCES || errno == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnknownError(message);
}

absl::StatusOr<struct stat> Examine(const std::string& path, const OpenFile& file) {
  struct stat state;
  if (file.descriptor() < 0 || fstat(file.descriptor(), &state) != 0) return SystemError(path);
  if (S_ISDIR(state.st_mode))
    return absl::FailedPreconditionError(absl::StrCat(path, ": this is a folder. Name a file."));
  if (!S_ISREG(state.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": this is not an ordinary file. Save the data in one first."));
  }
  return state;
}

absl::StatusOr<std::string> ReadAll(const std::string& path, const OpenFile& file, uint64_t size, uint64_t max_bytes) {
  if (size > max_bytes) {
    return absl::OutOfRangeError(absl::StrFormat("%s: the file has %.1f MB and at most %.1f MB are taken.", path,
                                                 static_cast<double>(size) / (1 << 20),
                                                 static_cast<double>(max_bytes) / (1 << 20)));
  }
  // One byte more than expected shows whether the file grew meanwhile.
  std::string bytes(static_cast<size_t>(size) + 1, '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = read(file.descriptor(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  if (filled > size) return absl::AbortedError(absl::StrCat(path, ": the file grew while it was read. Try again."));
  bytes.resize(filled);
  return bytes;
}

// The bytes of a file that nobody but its owner may read. `kind` is what it holds.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path, absl::string_view kind, uint64_t max_bytes) {
  const OpenFile file(path);
  const absl::StatusOr<struct stat> state = Examine(path, file);
  if (!state.ok()) return state.status();
  if ((state->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": others can read this ", kind, ". Run: chmod 600 ", path,
                                                      " - and ask for a new ", kind, " if they may have."));
  }
  return ReadAll(path, file, static_cast<uint64_t>(state->st_size), max_bytes);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  const OpenFile file(path);
  const absl::StatusOr<struct stat> state = Examine(path, file);
  if (!state.ok()) return state.status();
  return ReadAll(path, file, static_cast<uint64_t>(state->st_size), max_bytes);
}

absl::StatusOr<std::string> ReadStandardInput(uint64_t max_bytes) {
  constexpr size_t kStepBytes = 64 * 1024;  // What a pipe holds.
  const std::string name(kStandardInputName);
  std::string bytes;
  for (;;) {
    const size_t filled = bytes.size();
    bytes.resize(filled + kStepBytes);
    const ssize_t got = read(STDIN_FILENO, &bytes[filled], kStepBytes);
    if (got < 0 && errno != EINTR) return SystemError(name);
    bytes.resize(filled + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return absl::OutOfRangeError(absl::StrFormat("%s: there is more than the %.1f MB that are taken.", name,
                                                   static_cast<double>(max_bytes) / (1 << 20)));
    }
  }
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  return ReadSecretFile(path, "private key", kMaxKeyBytes);
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadSecretFile(path, "token", kMaxTokenBytes);
  if (!bytes.ok()) return bytes.status();
  const std::string token(Trim(*bytes));
  if (token.empty() || !std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": this file holds no token. It should be one line without spaces."));
  }
  return token;
}

}  // namespace quartermaster::client
