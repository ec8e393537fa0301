// The wrappers of single files and folders, which ask the file system whether to fail.
#include "tests/storage/faulty_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace quartermaster::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

std::string ReadAll(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteAll(const std::string& name, const std::string& content) {
  std::ofstream(name, std::ios::binary | std::ios::trunc) << content;
}

bool Has(FaultyFileSystem::Call calls, FaultyFileSystem::Call call) {
  return (static_cast<uint32_t>(calls) & static_cast<uint32_t>(call)) != 0;
}

// As RocksDB's own file system says it.
IOStatus QuotaIsFull() { return IOStatus::IOError("While appending to file", std::strerror(EDQUOT)); }

template <typename Value>
void Rename(std::map<std::string, Value>& files, const std::string& from, const std::string& to) {
  auto moved = files.extract(from);
  files.erase(to);
  if (!moved.empty()) files[to] = std::move(moved.mapped());
}

}  // namespace

class FaultySequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, FaultyFileSystem* system)
      : FSSequentialFileOwnerWrapper(std::move(file)), system_(system) {}

  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch, IODebugContext* context) override {
    const IOStatus status = system_->Meet(FaultyFileSystem::Call::kRead);
    return status.ok() ? FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, context) : status;
  }

 private:
  FaultyFileSystem* const system_;
};

class FaultyRandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, FaultyFileSystem* system)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), system_(system) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) const override {
    const IOStatus status = system_->Meet(FaultyFileSystem::Call::kRead);
    return status.ok() ? FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, context) : status;
  }

 private:
  FaultyFileSystem* const system_;
};

class FaultyWritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultyFileSystem* system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    const IOStatus met = system_->Meet(FaultyFileSystem::Call::kAppend);
    if (!met.ok() && !system_->IfPowered().ok()) return met;
    // Half of it where the call fails: what is torn must not pass for whole, nor hide what was there before.
    const Slice written(data.data(), met.ok() ? data.size() : data.size() / 2);
    const IOStatus status = FSWritableFileOwnerWrapper::Append(written, options, context);
    if (status.ok()) bytes_ += written.size();
    return met.ok() ? status : met;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    IOStatus status = system_->Meet(FaultyFileSystem::Call::kSync);
    if (status.ok()) RememberSynced();
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return Sync(options, context); }

 private:
  void RememberSynced() {
    const std::lock_guard<std::mutex> lock(system_->mutex_);
    // A file that was renamed meanwhile is known by its new name.
    if (system_->synced_bytes_.count(name_) > 0) system_->synced_bytes_[name_] = bytes_;
  }

  const std::string name_;
  FaultyFileSystem* const system_;
  uint64_t bytes_ = 0;
};

class FaultyRandomRWFile : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultyRandomRWFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::string name, FaultyFileSystem* system)
      : FSRandomRWFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options, IODebugContext* context) override {
    system_->before_overwrite_();
    IOStatus status = system_->Meet(FaultyFileSystem::Call::kOverwrite);
    if (!status.ok()) return status;
    system_->RememberContent(name_);
    return FSRandomRWFileOwnerWrapper::Write(offset, data, options, context);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    IOStatus status = system_->Meet(FaultyFileSystem::Call::kSync);
    if (!status.ok()) return status;
    const std::lock_guard<std::mutex> lock(system_->mutex_);
    system_->overwritten_.erase(name_);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return Sync(options, context); }

 private:
  const std::string name_;
  FaultyFileSystem* const system_;
};

class FaultyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name, FaultyFileSystem* system)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), system_(system) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    IOStatus status = system_->Meet(FaultyFileSystem::Call::kSyncFolder);
    if (status.ok()) system_->SyncNames(name_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  const std::string name_;
  FaultyFileSystem* const system_;
};

void FaultyFileSystem::FailCall(Call call, uint64_t n, After after) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failing_call_ = call;
  calls_until_failure_ = n;
  after_ = after;
  has_failed_ = false;
  fails_for_ever_ = false;
}

bool FaultyFileSystem::has_failed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return has_failed_;
}

void FaultyFileSystem::CutPower() {
  const std::lock_guard<std::mutex> lock(mutex_);
  power_is_cut_ = true;
}

void FaultyFileSystem::SetFreeBytes(uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_bytes_ = bytes;
}

void FaultyFileSystem::FillDisk() {
  const std::lock_guard<std::mutex> lock(mutex_);
  disk_is_full_ = true;
}

void FaultyFileSystem::MakeRoom() {
  const std::lock_guard<std::mutex> lock(mutex_);
  disk_is_full_ = false;
  quota_is_full_ = false;
}

void FaultyFileSystem::LoseUnsynced(size_t overwrites_kept, uint64_t bytes_kept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, contents] : overwritten_) {
    if (overwrites_kept < contents.size()) WriteAll(name, contents[overwrites_kept]);
  }
  for (const auto& [name, synced] : synced_bytes_) {
    if (!std::filesystem::exists(name)) continue;
    std::filesystem::resize_file(name, std::min<uint64_t>(synced + bytes_kept, std::filesystem::file_size(name)));
  }
  LoseNames();
}

void FaultyFileSystem::SyncNames(const std::string& folder) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto lies_in_folder = [&](const NameChange& change) {
    const std::string& name = change.made.empty() ? change.removed : change.made;
    return std::filesystem::path(name).parent_path() == std::filesystem::path(folder + "/").parent_path();
  };
  unsynced_names_.erase(std::remove_if(unsynced_names_.begin(), unsynced_names_.end(), lies_in_folder),
                        unsynced_names_.end());
}

void FaultyFileSystem::LoseNames() {
  for (; !unsynced_names_.empty(); unsynced_names_.pop_back()) {
    const NameChange& change = unsynced_names_.back();
    if (change.made.empty()) {
      WriteAll(change.removed, change.content);
      continue;
    }
    // RocksDB's own text log moves without us, so a name may not be there.
    std::error_code ignored;
    if (change.removed.empty()) {
      std::filesystem::remove_all(change.made, ignored);
    } else {
      std::filesystem::rename(change.made, change.removed, ignored);
    }
    if (change.has_content) WriteAll(change.made, change.content);
  }
}

IOStatus FaultyFileSystem::Meet(Call call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (power_is_cut_ && call != Call::kRead && call != Call::kOpen) return IOStatus::IOError("the power is cut");
  if (disk_is_full_ && Has(Call::kGrowth, call)) return IOStatus::NoSpace("the disk is full");
  if (quota_is_full_ && Has(Call::kGrowth, call)) return QuotaIsFull();
  if (!Has(failing_call_, call)) return IOStatus::OK();
  if (fails_for_ever_) return IOStatus::IOError("told to fail for ever");
  if (calls_until_failure_ == 0 || --calls_until_failure_ > 0) return IOStatus::OK();
  has_failed_ = true;
  fails_for_ever_ = after_ == After::kFailsForEver;
  power_is_cut_ = after_ == After::kPowerIsCut;
  disk_is_full_ = after_ == After::kDiskIsFull;
  quota_is_full_ = after_ == After::kQuotaIsFull;
  if (quota_is_full_) return QuotaIsFull();
  return disk_is_full_ ? IOStatus::NoSpace("the disk is full") : IOStatus::IOError("told to fail");
}

IOStatus FaultyFileSystem::IfPowered() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return power_is_cut_ ? IOStatus::IOError("the power is cut") : IOStatus::OK();
}

void FaultyFileSystem::RememberContent(const std::string& name) {
  std::string content = ReadAll(name);
  const std::lock_guard<std::mutex> lock(mutex_);
  overwritten_[name].push_back(std::move(content));
}

IOStatus FaultyFileSystem::GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *bytes = disk_is_full_ ? 0 : free_bytes_;
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                             IODebugContext* context) {
  std::unique_ptr<rocksdb::FSSequentialFile> inner;
  IOStatus status = Meet(Call::kOpen);
  if (status.ok()) status = FileSystemWrapper::NewSequentialFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<FaultySequentialFile>(std::move(inner), this);
  return status;
}

IOStatus FaultyFileSystem::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                               IODebugContext* context) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> inner;
  IOStatus status = Meet(Call::kOpen);
  if (status.ok()) status = FileSystemWrapper::NewRandomAccessFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<FaultyRandomAccessFile>(std::move(inner), this);
  return status;
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSWritableFile> inner;
  IOStatus status = Meet(Call::kCreate);
  const bool was_there = std::filesystem::exists(name);
  std::string content = was_there ? ReadAll(name) : "";
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(name, options, &inner, context);
  if (!status.ok()) return status;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    synced_bytes_[name] = 0;
    overwritten_.erase(name);
    unsynced_names_.push_back({"", name, was_there, std::move(content)});
  }
  *file = std::make_unique<FaultyWritableFile>(std::move(inner), name, this);
  return status;
}

IOStatus FaultyFileSystem::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSRandomRWFile>* file, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSRandomRWFile> inner;
  IOStatus status = IfPowered();
  if (status.ok()) status = FileSystemWrapper::NewRandomRWFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<FaultyRandomRWFile>(std::move(inner), name, this);
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSDirectory> inner;
  IOStatus status = Meet(Call::kOpen);
  if (status.ok()) status = FileSystemWrapper::NewDirectory(name, options, &inner, context);
  if (status.ok()) *directory = std::make_unique<FaultyDirectory>(std::move(inner), name, this);
  return status;
}

IOStatus FaultyFileSystem::GetChildren(const std::string& name, const IOOptions& options,
                                       std::vector<std::string>* children, IODebugContext* context) {
  IOStatus status = Meet(Call::kOpen);
  return status.ok() ? FileSystemWrapper::GetChildren(name, options, children, context) : status;
}

IOStatus FaultyFileSystem::CreateDir(const std::string& name, const IOOptions& options, IODebugContext* context) {
  IOStatus status = IfPowered();
  if (status.ok()) status = FileSystemWrapper::CreateDir(name, options, context);
  if (status.ok()) RememberFolder(name);
  return status;
}

IOStatus FaultyFileSystem::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                              IODebugContext* context) {
  if (std::filesystem::exists(name)) return IOStatus::OK();
  return CreateDir(name, options, context);
}

void FaultyFileSystem::RememberFolder(std::string name) {
  name.resize(name.find_last_not_of('/') + 1);
  const std::lock_guard<std::mutex> lock(mutex_);
  unsynced_names_.push_back({"", std::move(name), false, ""});
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* context) {
  IOStatus status = Meet(Call::kRename);
  const bool was_there = std::filesystem::exists(to);
  std::string content = was_there ? ReadAll(to) : "";
  if (status.ok()) status = FileSystemWrapper::RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  Rename(synced_bytes_, from, to);
  Rename(overwritten_, from, to);
  unsynced_names_.push_back({from, to, was_there, std::move(content)});
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) {
  IOStatus status = Meet(Call::kDelete);
  std::string content = ReadAll(name);
  if (status.ok()) status = FileSystemWrapper::DeleteFile(name, options, context);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto synced = synced_bytes_.find(name); synced != synced_bytes_.end()) {
    content.resize(std::min<uint64_t>(synced->second, content.size()));
    synced_bytes_.erase(synced);
  }
  overwritten_.erase(name);
  unsynced_names_.push_back({name, "", true, std::move(content)});
  return status;
}

}  // namespace quartermaster::storage
