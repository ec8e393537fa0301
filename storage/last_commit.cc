#include "storage/last_commit.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/records.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {

absl::StatusOr<uint64_t> ReadLastCommit(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* meta,
                                        const rocksdb::Snapshot* moment) {
  rocksdb::ReadOptions options = PointReadOptions();
  options.snapshot = moment;
  std::string bytes;
  const rocksdb::Status status = db->Get(options, meta, kCommitRecordKey, &bytes);
  if (status.IsNotFound()) return absl::DataLossError("the record of the last commit is missing");
  if (!status.ok()) return FromRocksDb(status, "reading the record of the last commit");
  const absl::StatusOr<v1::CommitRecord> commit = ParseCommit(bytes);
  if (!commit.ok()) return commit.status();
  return commit->sequence();
}

absl::StatusOr<uint64_t> LookForLastCommit(rocksdb::Env* env, const std::string& data_dir) {
  const rocksdb::DBOptions options = DatabaseOptionsIn(env, data_dir);
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, data_dir, &names);
  if (!status.ok()) return FromRocksDb(status, absl::StrCat("reading the column families of ", data_dir));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::ColumnFamilyOptions family_options = FamilyOptions(NewBlockCache());
  for (const std::string& name : names) families.emplace_back(name, family_options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, data_dir, families, &handles, &opened);
  if (!status.ok()) return FromRocksDb(status, "reading its log");
  const std::unique_ptr<rocksdb::DB> db(opened);
  absl::StatusOr<uint64_t> last = absl::DataLossError("the record of the last commit is missing");
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == kFamilies[static_cast<size_t>(Family::kMeta)].name) last = ReadLastCommit(opened, handle);
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  return last;
}

}  // namespace quartermaster::storage
