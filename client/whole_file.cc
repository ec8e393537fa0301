#include "client/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

absl::Status WriteProblem(const std::string& path) {
  return absl::UnknownError(absl::StrCat(path, ": cannot be written: ", std::strerror(errno), "."));
}

absl::Status WriteAll(int descriptor, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteProblem(path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteWholeFile(absl::string_view bytes, const std::string& path) {
  const std::string unfinished = absl::StrCat(path, ".unfinished");
  // What an earlier attempt has left, or somebody has put there, has a mode of its own or points elsewhere.
  unlink(unfinished.c_str());
  const int descriptor =
      open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return WriteProblem(unfinished);
  absl::Status status = WriteAll(descriptor, bytes, unfinished);
  if (status.ok() && fsync(descriptor) != 0) status = WriteProblem(unfinished);
  if (close(descriptor) != 0) status.Update(WriteProblem(unfinished));
  if (status.ok() && std::rename(unfinished.c_str(), path.c_str()) != 0) status = WriteProblem(path);
  if (!status.ok()) unlink(unfinished.c_str());
  return status;
}

}  // namespace quartermaster::client
