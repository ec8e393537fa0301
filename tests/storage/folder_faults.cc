// The wrappers of single files and folders, which ask the file system whether to fail.
#include "tests/storage/folder_faults.h"

namespace quartermaster::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

class SequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string name, FolderFaults* system)
      : FSSequentialFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}
  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch, IODebugContext* context) override {
    IOStatus status = system_->Meet(name_);
    return status.ok() ? FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, context) : status;
  }

 private:
  const std::string name_;
  FolderFaults* const system_;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  RandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string name, FolderFaults* system)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) const override {
    IOStatus status = system_->Meet(name_);
    return status.ok() ? FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, context) : status;
  }

 private:
  const std::string name_;
  FolderFaults* const system_;
};

class WritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FolderFaults* system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = system_->Meet(name_);
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, context) : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return system_->Meet(name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return system_->Meet(name_); }

 private:
  const std::string name_;
  FolderFaults* const system_;
};

class Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name, FolderFaults* system)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), system_(system) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return system_->Meet(name_); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*, const rocksdb::DirFsyncOptions&) override {
    return system_->Meet(name_);
  }

 private:
  const std::string name_;
  FolderFaults* const system_;
};

}  // namespace

IOStatus FolderFaults::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSSequentialFile> inner;
  IOStatus status = Meet(name);
  if (status.ok()) status = FileSystemWrapper::NewSequentialFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<SequentialFile>(std::move(inner), name, this);
  return status;
}

IOStatus FolderFaults::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                           IODebugContext* context) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> inner;
  IOStatus status = Meet(name);
  if (status.ok()) status = FileSystemWrapper::NewRandomAccessFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<RandomAccessFile>(std::move(inner), name, this);
  return status;
}

IOStatus FolderFaults::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSWritableFile> inner;
  IOStatus status = Meet(name);
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(name, options, &inner, context);
  if (status.ok()) *file = std::make_unique<WritableFile>(std::move(inner), name, this);
  return status;
}

IOStatus FolderFaults::NewDirectory(const std::string& name, const IOOptions& options,
                                    std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* context) {
  std::unique_ptr<rocksdb::FSDirectory> inner;
  IOStatus status = Meet(name);
  if (status.ok()) status = FileSystemWrapper::NewDirectory(name, options, &inner, context);
  if (status.ok()) *directory = std::make_unique<Directory>(std::move(inner), name, this);
  return status;
}

}  // namespace quartermaster::storage
