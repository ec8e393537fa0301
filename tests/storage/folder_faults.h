// A file system on which the n-th operation on a folder fails, once or from then on: asking for a file and for its
// size, opening, reading, listing, making, appending, syncing, renaming and removing. Locking a file, writing one over
// in place and asking for the free space do not. Syncs are counted and not made, so tests need not wait for a disk.
#ifndef QUARTERMASTER_TESTS_STORAGE_FOLDER_FAULTS_H_
#define QUARTERMASTER_TESTS_STORAGE_FOLDER_FAULTS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/file_system.h"

namespace quartermaster::storage {

// Thread-safe.
class FolderFaults : public rocksdb::FileSystemWrapper {
 public:
  enum class Mode { kOnce, kForEver };

  FolderFaults() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FolderFaults"; }

  // The n-th operation from now on what lies under the folder fails, the first being 1. An empty folder is all of them.
  void Arm(uint64_t n, Mode mode, const std::string& folder = "") {
    const std::lock_guard<std::mutex> lock(mutex_);
    folder_ = folder;
    until_failure_ = n;
    mode_ = mode;
    has_failed_ = false;
  }
  // From now on all goes well. Whether anything had failed.
  bool Disarm() {
    const std::lock_guard<std::mutex> lock(mutex_);
    until_failure_ = 0;
    return has_failed_;
  }

  // What to answer to an operation on this path.
  rocksdb::IOStatus Meet(const std::string& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (until_failure_ == 0 || path.compare(0, folder_.size(), folder_) != 0) return rocksdb::IOStatus::OK();
    const bool fails = until_failure_ == 1 && !(has_failed_ && mode_ == Mode::kOnce);
    if (until_failure_ > 1) --until_failure_;
    if (!fails) return rocksdb::IOStatus::OK();
    has_failed_ = true;
    return rocksdb::IOStatus::IOError("told to fail");
  }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus GetChildren(const std::string& name, const rocksdb::IOOptions& options,
                                std::vector<std::string>* children, rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::GetChildren(name, options, children, context) : status;
  }
  rocksdb::IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    // RocksDB 7.8 asserts the wrong status where it cannot be told whether there are archived logs, and ends the
    // process.
    const bool is_archive = name.size() >= 8 && name.compare(name.size() - 8, 8, "/archive") == 0;
    rocksdb::IOStatus status = is_archive ? rocksdb::IOStatus::OK() : Meet(name);
    return status.ok() ? FileSystemWrapper::FileExists(name, options, context) : status;
  }
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options, uint64_t* bytes,
                                rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::GetFileSize(name, options, bytes, context) : status;
  }
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::CreateDir(name, options, context) : status;
  }
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::CreateDirIfMissing(name, options, context) : status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(from);
    return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, context) : status;
  }
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::DeleteFile(name, options, context) : status;
  }
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = Meet(name);
    return status.ok() ? FileSystemWrapper::DeleteDir(name, options, context) : status;
  }

 private:
  std::mutex mutex_;  // Guards what follows.
  std::string folder_;
  uint64_t until_failure_ = 0;  // 0: nothing fails
  Mode mode_ = Mode::kOnce;
  bool has_failed_ = false;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_FOLDER_FAULTS_H_
