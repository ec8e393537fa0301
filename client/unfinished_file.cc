#include "client/unfinished_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

absl::Status NoFolder(const std::string& path) {
  return absl::UnknownError(absl::StrCat(path, ": cannot be written: there is no folder ",
                                         std::filesystem::path(path).parent_path().string(), ". Make it first."));
}

}  // namespace

absl::Status WriteProblem(const std::string& path) {
  return absl::UnknownError(absl::StrCat(path, ": cannot be written: ", std::strerror(errno), "."));
}

UnfinishedFile::UnfinishedFile(const std::string& path) : path_(path), unfinished_(absl::StrCat(path, ".unfinished")) {}

absl::StatusOr<std::unique_ptr<UnfinishedFile>> UnfinishedFile::Create(const std::string& path) {
  std::unique_ptr<UnfinishedFile> file(new UnfinishedFile(path));
  // What an earlier attempt has left, or somebody has put there, has a mode of its own or points elsewhere.
  unlink(file->unfinished_.c_str());
  const int descriptor =
      open(file->unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return errno == ENOENT ? NoFolder(path) : WriteProblem(file->unfinished_);
  file->exists_ = true;
  close(descriptor);
  return file;
}

UnfinishedFile::~UnfinishedFile() {
  if (exists_) unlink(unfinished_.c_str());
}

absl::Status UnfinishedFile::Commit() {
  const int descriptor = open(unfinished_.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return WriteProblem(unfinished_);
  absl::Status status = fsync(descriptor) == 0 ? absl::OkStatus() : WriteProblem(unfinished_);
  close(descriptor);
  if (status.ok() && std::rename(unfinished_.c_str(), path_.c_str()) != 0) status = WriteProblem(path_);
  if (status.ok()) exists_ = false;
  return status;
}

absl::Status WriteWholeFile(absl::string_view bytes, const std::string& path) {
  const absl::StatusOr<std::unique_ptr<UnfinishedFile>> file = UnfinishedFile::Create(path);
  if (!file.ok()) return file.status();
  std::ofstream out((*file)->path(), std::ios::binary);
  out << bytes;
  out.close();
  if (!out) return WriteProblem((*file)->path());
  return (*file)->Commit();
}

}  // namespace quartermaster::client
