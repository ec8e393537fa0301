// What RocksDB's VerifyChecksum does, but file by file: that one cannot be stopped before its end.
#include "storage/table_check.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "rocksdb/convenience.h"
#include "rocksdb/metadata.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

class FilesKept {
 public:
  explicit FilesKept(rocksdb::DB* db) : db_(db), status_(db->DisableFileDeletions()) {}
  ~FilesKept() {
    // Unforced: a backup that is being made keeps them longer.
    if (status_.ok()) db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  }
  FilesKept(const FilesKept&) = delete;
  FilesKept& operator=(const FilesKept&) = delete;

  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::DB* const db_;
  const rocksdb::Status status_;
};

}  // namespace

absl::Status CheckTables(const Database& database, absl::FunctionRef<bool()> is_cancelled) {
  constexpr char kDoing[] = "verifying the checksums of the tables";
  const FilesKept kept(database.db());
  if (!kept.status().ok()) return FromRocksDb(kept.status(), kDoing);
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db()->GetLiveFilesMetaData(&files);
  // All families have the same options.
  const rocksdb::Options options = database.db()->GetOptions();
  const rocksdb::EnvOptions env_options(options);
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (is_cancelled()) return absl::CancelledError(absl::StrCat(kDoing, ": it was stopped"));
    const std::string path = absl::StrCat(file.directory, "/", file.relative_filename);
    const rocksdb::Status read =
        rocksdb::VerifySstFileChecksum(options, env_options, ScanReadOptions(), path, file.largest_seqno);
    if (!read.ok()) return FromRocksDb(read, absl::StrCat(kDoing, ", of ", file.relative_filename));
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::storage
