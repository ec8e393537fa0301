// The wrappers of single files and folders, which ask the file system whether to fail.
#include "tests/storage/faulty_file_system.h"

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

template <typename Value>
void Rename(std::map<std::string, Value>& files, const std::string& from, const std::string& to) {
  auto moved = files.extract(from);
  files.erase(to);
  if (!moved.empty()) files[to] = std::move(moved.mapped());
}

}  // namespace

class FaultyWritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultyFileSystem* system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = system_->Meet(FaultyFileSystem::Call::kAppend);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Append(data, options, context);
    if (status.ok()) bytes_ += data.size();
    return status;
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
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, FaultyFileSystem* system)
      : FSDirectoryWrapper(std::move(directory)), system_(system) {}

  // Names are never lost here.
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return system_->IfPowered(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*, const rocksdb::DirFsyncOptions&) override {
    return system_->IfPowered();
  }

 private:
  FaultyFileSystem* const system_;
};

void FaultyFileSystem::FailCall(Call call, uint64_t n) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failing_call_ = call;
  calls_until_failure_ = n;
  failure_cuts_power_ = false;
  has_failed_ = false;
}

void FaultyFileSystem::CutPowerAtCall(Call call, uint64_t n) {
  FailCall(call, n);
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_cuts_power_ = true;
}

bool FaultyFileSystem::has_failed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return has_failed_;
}

void FaultyFileSystem::CutPower() {
  const std::lock_guard<std::mutex> lock(mutex_);
  power_is_cut_ = true;
}

void FaultyFileSystem::LoseUnsynced(size_t overwrites_kept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, contents] : overwritten_) {
    if (overwrites_kept < contents.size()) {
      std::ofstream(name, std::ios::binary | std::ios::trunc) << contents[overwrites_kept];
    }
  }
  for (const auto& [name, bytes] : synced_bytes_) {
    if (std::filesystem::exists(name)) std::filesystem::resize_file(name, bytes);
  }
}

IOStatus FaultyFileSystem::Meet(Call call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (power_is_cut_) return IOStatus::IOError("the power is cut");
  if (call == failing_call_ && calls_until_failure_ > 0 && --calls_until_failure_ == 0) {
    has_failed_ = true;
    power_is_cut_ = failure_cuts_power_;
    return IOStatus::IOError("told to fail");
  }
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::IfPowered() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return power_is_cut_ ? IOStatus::IOError("the power is cut") : IOStatus::OK();
}

void FaultyFileSystem::RememberContent(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  const std::lock_guard<std::mutex> lock(mutex_);
  overwritten_[name].push_back(std::move(content));
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSWritableFile> inner;
  IOStatus status = IfPowered();
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(name, options, &inner, context);
  if (!status.ok()) return status;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    synced_bytes_[name] = 0;
    overwritten_.erase(name);
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
  IOStatus status = FileSystemWrapper::NewDirectory(name, options, &inner, context);
  if (status.ok()) *directory = std::make_unique<FaultyDirectory>(std::move(inner), this);
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* context) {
  IOStatus status = IfPowered();
  if (status.ok()) status = FileSystemWrapper::RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  Rename(synced_bytes_, from, to);
  Rename(overwritten_, from, to);
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) {
  IOStatus status = IfPowered();
  if (status.ok()) status = FileSystemWrapper::DeleteFile(name, options, context);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  synced_bytes_.erase(name);
  overwritten_.erase(name);
  return status;
}

}  // namespace quartermaster::storage
