// The settings themselves, one reason each.
#include "storage/rocksdb_options.h"

#include <algorithm>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "storage/text_log.h"

namespace quartermaster::storage {
namespace {

// Some ten thousand returns of a few KB are read again and again within a quarter; what is older is read in scans.
constexpr size_t kBlockCacheBytes = 64 << 20;
// Two of these a family at most; a full one is a file of a size that compaction likes, and replaying it takes a second.
constexpr size_t kWriteBufferBytes = 16 << 20;
// Ten bits for each of the hundred thousand keys that a buffer holds at most.
constexpr double kWriteBufferFilterShare = 0.01;
// The log that a start may have to replay.
constexpr size_t kMaxLogBytes = 64 << 20;
// A service of this size has tens of files; the usual limit of 1024 descriptors is left to connections.
constexpr int kMaxOpenFiles = 256;
// Larger than the default of 4 KiB: returns of one service are alike and compress well together.
constexpr size_t kBlockBytes = 16 << 10;
// About 1 % of absent keys are looked for in vain.
constexpr double kBloomBitsPerKey = 10;
// A disk gives its full speed with reads of this size.
constexpr size_t kScanReadaheadBytes = 2 << 20;

rocksdb::CompressionType FirstSupported(const std::vector<rocksdb::CompressionType>& wanted) {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (const rocksdb::CompressionType type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env != nullptr) options.env = env;
  // rocksdb_database.cc sets these once it knows that the folder is new.
  options.create_if_missing = false;
  options.create_missing_column_families = false;

  // Only a torn last record is forgiven, for that is what a power cut leaves. The default forgets all that follows a
  // damaged record without a word. acknowledged_mark.h catches the damage that looks like a torn tail.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Old bytes in a log that is used again could pass for records.
  options.recycle_log_file_num = 0;
  // A log that is missing as a whole is noticed.
  options.track_and_verify_wals_in_manifest = true;
  // A table file that was swapped for another is noticed.
  options.verify_sst_unique_id_in_manifest = true;
  // Any sign of damage stops the store instead of being skipped.
  options.paranoid_checks = true;
  // A flush that wrote fewer entries than there were fails.
  options.flush_verify_memtable_count = true;
  // Every write goes to the log before it is acknowledged; nothing waits in a buffer of this process.
  options.manual_wal_flush = false;
  // The log is read after a crash: what is plain there is easy to check and to salvage.
  options.wal_compression = rocksdb::kNoCompression;
  // The simple path: one writer, and a batch is visible only after it is synced.
  options.enable_pipelined_write = false;
  options.unordered_write = false;
  options.two_write_queues = false;
  // A batch spans families; the log, which is always on, keeps it whole.
  options.atomic_flush = false;
  // RocksDB must not resume by itself after an error: the outcome of a write is then unknown, and the committer says
  // so. For a full disk it would do so nevertheless; background_errors.h keeps it from that.
  options.max_bgerror_resume_count = 0;
  // fdatasync suffices: RocksDB syncs the folder where a name changes.
  options.use_fsync = false;
  // Rarely written families would otherwise keep old logs alive, and start would replay them.
  options.max_total_wal_size = kMaxLogBytes;

  options.max_open_files = kMaxOpenFiles;
  // One flush and one compaction at a time keep up with what people can submit.
  options.max_background_jobs = 2;
  // Table files go to the disk little by little instead of in one burst that a sync of the log would wait for.
  options.bytes_per_sync = 1 << 20;
  // Reads go through the page cache, and a read error is an error rather than a signal.
  options.allow_mmap_reads = false;
  options.use_direct_reads = false;
  // DatabaseOptionsIn puts text_log.h in the place of RocksDB's own text log.
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  // Nobody reads these.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::DBOptions DatabaseOptionsIn(rocksdb::Env* env, const std::string& data_dir) {
  rocksdb::DBOptions options = DatabaseOptions(env);
  options.info_log = std::make_shared<TextLog>(data_dir);
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = kBlockBytes;
  // Most request ids and withdrawals that are asked for do not exist.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.whole_key_filtering = true;
  // Memory is bounded by the cache, filters included.
  table.cache_index_and_filter_blocks = true;
  // Fixed, so that an upgrade writes what the version before can read.
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  // A block that does not decompress to what it was is never written.
  table.verify_compression = true;

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.comparator = rocksdb::BytewiseComparator();
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = 2;
  // Nearly every submission asks twice for a request id that is not there; a filter says so without a search.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = kWriteBufferFilterShare;
  // Each new table file is read back before the log that it replaces is dropped.
  options.paranoid_file_checks = true;
  options.force_consistency_checks = true;
  // Fast for what is young, small for what stays.
  options.compression = FirstSupported({rocksdb::kLZ4Compression, rocksdb::kZSTD});
  options.bottommost_compression = FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  // Little space is taken beyond the data.
  options.level_compaction_dynamic_level_bytes = true;
  // Until Database::StartCompaction, so that a start has the processors for itself.
  options.disable_auto_compactions = true;
  // Records never expire.
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;
  return options;
}

std::shared_ptr<rocksdb::Cache> NewBlockCache() { return rocksdb::NewLRUCache(kBlockCacheBytes); }

rocksdb::ReadOptions PointReadOptions() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

rocksdb::ReadOptions ScanReadOptions() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  // A scan of everything must not drive out what is read often.
  options.fill_cache = false;
  options.readahead_size = kScanReadaheadBytes;
  return options;
}

rocksdb::WriteOptions SyncedWriteOptions() {
  rocksdb::WriteOptions options;
  options.sync = true;
  options.disableWAL = false;
  return options;
}

}  // namespace quartermaster::storage
