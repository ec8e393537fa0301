// How RocksDB is set: every option that matters is set in rocksdb_options.cc, with its reason, also where it is the
// default, so that an upgrade of RocksDB changes nothing silently.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_OPTIONS_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_OPTIONS_H_

#include <memory>
#include <string>

#include "rocksdb/cache.h"
#include "rocksdb/options.h"

namespace quartermaster::storage {

// `env` null: the operating system.
rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env);

// The same with the text log of this folder (text_log.h), without which nothing is opened.
rocksdb::DBOptions DatabaseOptionsIn(rocksdb::Env* env, const std::string& data_dir);

// `cache` is shared by all families.
rocksdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rocksdb::Cache>& cache);

// A cache of the size that this service needs.
std::shared_ptr<rocksdb::Cache> NewBlockCache();

// One record, or the next one after a key.
rocksdb::ReadOptions PointReadOptions();

// Many records in their order.
rocksdb::ReadOptions ScanReadOptions();

// Durable when the call returns.
rocksdb::WriteOptions SyncedWriteOptions();

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_OPTIONS_H_
