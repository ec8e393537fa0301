// RocksDB's warnings, in the file LOG of the folder. RocksDB has a log of its own, but as Debian builds it that ends
// the process at the second line that finds the disk full; and nobody needs a text in order to go on.
#ifndef QUARTERMASTER_STORAGE_TEXT_LOG_H_
#define QUARTERMASTER_STORAGE_TEXT_LOG_H_

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>

#include "rocksdb/env.h"

namespace quartermaster::storage {

// Thread-safe. What cannot be written is left out.
class TextLog : public rocksdb::Logger {
 public:
  // Past this LOG becomes LOG.old, in place of any before, and a new one is begun: years of warnings.
  static constexpr size_t kMaxBytes = 4 << 20;

  explicit TextLog(const std::string& data_dir);
  ~TextLog() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  // All options at each start; rocksdb_options.cc says them better.
  void LogHeader(const char*, va_list) override {}

 private:
  void Open();

  const std::string path_;
  std::mutex mutex_;
  std::FILE* file_ = nullptr;  // guarded by mutex_; null: nothing can be written
  size_t bytes_ = 0;           // guarded by mutex_
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_TEXT_LOG_H_
