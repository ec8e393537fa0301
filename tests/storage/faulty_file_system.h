// A file system that fails when told, and that can lose power: everything that was not synced is then gone, what was
// appended and what was written over. It works on real files through RocksDB's public wrapper.
// A sync is remembered and not made, for the power goes in the simulation only: so tests need not wait for a disk.
#ifndef QUARTERMASTER_TESTS_STORAGE_FAULTY_FILE_SYSTEM_H_
#define QUARTERMASTER_TESTS_STORAGE_FAULTY_FILE_SYSTEM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace quartermaster::storage {

// Thread-safe.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  enum class Call { kAppend, kSync, kOverwrite };

  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // The n-th call of this kind from now fails, the first being 1; those after it succeed.
  void FailCall(Call call, uint64_t n);
  // The same, and the power is cut with it.
  void CutPowerAtCall(Call call, uint64_t n);
  // Whether the call that was to fail came.
  bool has_failed() const;
  // Called before each overwrite, on the thread that makes it. Set it while nothing is written.
  void BeforeOverwrite(std::function<void()> before_overwrite) { before_overwrite_ = std::move(before_overwrite); }

  // From now on nothing changes on disk and every call that would change something fails.
  void CutPower();
  // After the power was cut and all files were closed: takes from each file what was not synced. A disk may have got
  // some of it all the same: of the unsynced overwrites of each file the first `overwrites_kept` stay.
  void LoseUnsynced(size_t overwrites_kept = 0);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  friend class FaultyDirectory;
  friend class FaultyWritableFile;
  friend class FaultyRandomRWFile;
  // What to answer to a call that would change something.
  rocksdb::IOStatus Meet(Call call);
  rocksdb::IOStatus IfPowered() const;
  // Before an overwrite: keeps what the file holds.
  void RememberContent(const std::string& name);

  mutable std::mutex mutex_;
  Call failing_call_ = Call::kSync;
  uint64_t calls_until_failure_ = 0;  // 0: none is to fail
  bool failure_cuts_power_ = false;
  bool has_failed_ = false;
  bool power_is_cut_ = false;
  std::map<std::string, uint64_t> synced_bytes_;  // of each file that was made here
  // Of each file that was written over since it was synced: what it held before each of these overwrites.
  std::map<std::string, std::vector<std::string>> overwritten_;
  std::function<void()> before_overwrite_ = [] {};
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_FAULTY_FILE_SYSTEM_H_
