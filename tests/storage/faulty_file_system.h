// A file system that fails when told, whose disk can be full, and that can lose power: everything that was not synced
// is then gone, what was appended, what was written over, and names of files and folders that were made, changed or
// removed. Making folders, and asking whether a file is there and how large it is, does not fail when told. It works on
// real files through RocksDB's public wrapper.
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
  // What can fail: one kind of call, or any of several.
  enum class Call : uint32_t {
    kAppend = 1,  // A prefix of what was to be appended is in the file all the same.
    kSync = 2,
    kOverwrite = 4,
    kCreate = 8,
    kRename = 16,
    kDelete = 32,
    kSyncFolder = 64,
    kRead = 128,
    kOpen = 256,  // A file or folder, to read or sync it, or to list what is in it.
    kLook = kRead | kOpen,
    kGrowth = kAppend | kCreate,
    kChange = kAppend | kSync | kOverwrite | kCreate | kRename | kDelete | kSyncFolder,
  };
  // What is so after the call that fails.
  enum class After { kGoesOn, kFailsForEver, kPowerIsCut, kDiskIsFull, kQuotaIsFull };

  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // The n-th such call from now fails, the first being 1. For ever: those of this kind after it, too. A full disk fails
  // growth, and has no free bytes; a full quota does too, but what the system calls free is as before.
  void FailCall(Call call, uint64_t n, After after = After::kGoesOn);
  // Whether the call that was to fail came.
  bool has_failed() const;
  // Called before each overwrite, on the thread that makes it. Set it while nothing is written.
  void BeforeOverwrite(std::function<void()> before_overwrite) { before_overwrite_ = std::move(before_overwrite); }

  // From now on nothing changes on disk and every call that would change something fails.
  void CutPower();
  // What is told to those who ask. It is plenty at first, whatever this machine has, and 0 while the disk is full.
  void SetFreeBytes(uint64_t bytes);
  void FillDisk();
  // The disk and the quota are full no more.
  void MakeRoom();

  // After the power was cut and all files were closed: takes from each file what was not synced. A disk may have got
  // some of it all the same: of the unsynced overwrites of each file the first `overwrites_kept` stay, and of its
  // unsynced bytes the first `bytes_kept`; a file whose name is lost is lost with them.
  void LoseUnsynced(size_t overwrites_kept = 0, uint64_t bytes_kept = 0);

  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* bytes,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus GetChildren(const std::string& name, const rocksdb::IOOptions& options,
                                std::vector<std::string>* children, rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  friend class FaultyDirectory;
  friend class FaultySequentialFile;
  friend class FaultyRandomAccessFile;
  friend class FaultyWritableFile;
  friend class FaultyRandomRWFile;
  // A change of names that its folder was not synced after. A folder is removed with all that is in it.
  struct NameChange {
    // Of the file that was removed, or empty.
    std::string removed;
    // Of the file that was made, or empty.
    std::string made;
    // Whether a file of the name that was made was there before, or a name was removed without another: what it held.
    bool has_content = false;
    std::string content;
  };
  // What to answer to a call.
  rocksdb::IOStatus Meet(Call call);
  rocksdb::IOStatus IfPowered() const;
  // Before an overwrite: keeps what the file holds.
  void RememberContent(const std::string& name);
  void RememberFolder(std::string name);
  void SyncNames(const std::string& folder);
  // Takes them back, the last first.
  void LoseNames();

  mutable std::mutex mutex_;
  Call failing_call_ = Call::kSync;
  uint64_t calls_until_failure_ = 0;  // 0: none is to fail
  After after_ = After::kGoesOn;
  bool has_failed_ = false;
  bool fails_for_ever_ = false;
  bool power_is_cut_ = false;
  bool disk_is_full_ = false;
  bool quota_is_full_ = false;
  uint64_t free_bytes_ = uint64_t{1} << 40;
  std::map<std::string, uint64_t> synced_bytes_;  // of each file that was made here
  // Of each file that was written over since it was synced: what it held before each of these overwrites.
  std::map<std::string, std::vector<std::string>> overwritten_;
  std::vector<NameChange> unsynced_names_;
  std::function<void()> before_overwrite_ = [] {};
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_FAULTY_FILE_SYSTEM_H_
