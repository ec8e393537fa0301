// Reads every key and value of a RocksDB folder with RocksDB alone, or compacts it, and prints one line of JSON.
#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/bench/command_line.h"

namespace {

int Fail(const rocksdb::Status& status) {
  std::cerr << "store_scan: " << status.ToString() << std::endl;
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  bool compact = false;
  quartermaster::bench::CommandLine line("store_scan", "Scans or compacts a RocksDB folder.");
  line.Add("FOLDER", &folder, "The folder of the store");
  line.Require("FOLDER");
  line.Add("--compact", &compact, "Compact all of it first");
  if (const auto ended = line.Parse(argc, argv)) return *ended;

  const auto start = std::chrono::steady_clock::now();
  // Those that the store was written with: what is compacted must be compressed as it would be.
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::Status status = rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), folder, &options, &families);
  if (!status.ok()) return Fail(status);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = compact ? rocksdb::DB::Open(options, folder, families, &handles, &opened)
                   : rocksdb::DB::OpenForReadOnly(options, folder, families, &handles, &opened);
  if (!status.ok()) return Fail(status);
  const std::unique_ptr<rocksdb::DB> database(opened);
  uint64_t records = 0;
  uint64_t bytes = 0;
  for (rocksdb::ColumnFamilyHandle* family : handles) {
    if (compact) {
      rocksdb::CompactRangeOptions everything;
      everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
      status = database->CompactRange(everything, family, nullptr, nullptr);
      if (!status.ok()) return Fail(status);
    }
    rocksdb::ReadOptions read_options;
    read_options.fill_cache = false;
    read_options.readahead_size = 2 << 20;
    const std::unique_ptr<rocksdb::Iterator> at(database->NewIterator(read_options, family));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      ++records;
      bytes += at->key().size() + at->value().size();
    }
    if (!at->status().ok()) return Fail(at->status());
  }
  for (rocksdb::ColumnFamilyHandle* family : handles) database->DestroyColumnFamilyHandle(family);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << absl::StrFormat(R"({"records":%d,"bytes":%d,"seconds":%.4f})", records, bytes, seconds.count())
            << std::endl;
  return 0;
}
