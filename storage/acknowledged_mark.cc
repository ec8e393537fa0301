// The mark is one line of text: the number and its complement, 20 digits each. It never changes its length and fits a
// disk sector, so writing it over is all or nothing.
#include "storage/acknowledged_mark.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

constexpr size_t kDigits = 20;  // of the largest uint64

std::string PathIn(const std::string& data_dir) { return absl::StrCat(data_dir, "/", AcknowledgedMark::kFileName); }

std::string Line(uint64_t sequence) {
  return absl::StrCat(absl::Dec(sequence, absl::kZeroPad20), " ", absl::Dec(~sequence, absl::kZeroPad20), "\n");
}

}  // namespace

absl::StatusOr<absl::optional<uint64_t>> AcknowledgedMark::Read(rocksdb::Env* env, const std::string& data_dir) {
  const std::string path = PathIn(data_dir);
  if (env->FileExists(path).IsNotFound()) return absl::nullopt;
  std::string line;
  const rocksdb::Status status = rocksdb::ReadFileToString(env, path, &line);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("reading ", path));
  uint64_t sequence = 0;
  if (!absl::SimpleAtoi(absl::string_view(line).substr(0, kDigits), &sequence) || line != Line(sequence)) {
    return absl::DataLossError(
        absl::StrCat(path, " is damaged: it should hold the number of the last acknowledged commit"));
  }
  return sequence;
}

absl::Status AcknowledgedMark::Create(rocksdb::Env* env, const std::string& data_dir, uint64_t sequence) {
  const std::string path = PathIn(data_dir);
  const std::string unfinished = absl::StrCat(path, ".new");
  rocksdb::Status status = rocksdb::WriteStringToFile(env, Line(sequence), unfinished, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(unfinished, path);
  std::unique_ptr<rocksdb::Directory> directory;
  if (status.ok()) status = env->NewDirectory(data_dir, &directory);
  if (status.ok()) status = directory->Fsync();
  return FromRocksDb(status, absl::StrCat("making ", path));
}

absl::StatusOr<std::unique_ptr<AcknowledgedMark>> AcknowledgedMark::Open(rocksdb::Env* env,
                                                                         const std::string& data_dir) {
  std::unique_ptr<rocksdb::RandomRWFile> file;
  const rocksdb::Status status = env->NewRandomRWFile(PathIn(data_dir), &file, rocksdb::EnvOptions());
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("opening ", PathIn(data_dir)));
  return std::unique_ptr<AcknowledgedMark>(new AcknowledgedMark(std::move(file)));
}

absl::Status AcknowledgedMark::Write(uint64_t sequence) {
  return FromRocksDb(file_->Write(0, Line(sequence)), "writing the mark of acknowledged commits");
}

}  // namespace quartermaster::storage
