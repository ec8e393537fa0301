// absl::Mutex, made visible to ThreadSanitizer.
//
// Debian's Abseil is not built for ThreadSanitizer, which therefore cannot see its locks and would report every access
// that they protect. These two locks tell it. Without ThreadSanitizer they are absl::WriterMutexLock and
// absl::ReaderMutexLock. absl::Mutex rather than std::shared_mutex, because glibc's lets a stream of readers keep a
// writer out for ever.
#ifndef QUARTERMASTER_SERVER_NATIONAL_READER_WRITER_MUTEX_H_
#define QUARTERMASTER_SERVER_NATIONAL_READER_WRITER_MUTEX_H_

#include "absl/base/config.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#ifdef ABSL_HAVE_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace quartermaster::national {

#ifdef ABSL_HAVE_THREAD_SANITIZER

class ABSL_SCOPED_LOCKABLE WriterLock {
 public:
  explicit WriterLock(absl::Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    __tsan_mutex_pre_lock(mutex_, 0);
    mutex_->WriterLock();
    __tsan_mutex_post_lock(mutex_, 0, 0);
  }
  ~WriterLock() ABSL_UNLOCK_FUNCTION() {
    __tsan_mutex_pre_unlock(mutex_, 0);
    mutex_->WriterUnlock();
    __tsan_mutex_post_unlock(mutex_, 0);
  }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  absl::Mutex* const mutex_;
};

class ABSL_SCOPED_LOCKABLE ReaderLock {
 public:
  explicit ReaderLock(absl::Mutex* mutex) ABSL_SHARED_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    __tsan_mutex_pre_lock(mutex_, __tsan_mutex_read_lock);
    mutex_->ReaderLock();
    __tsan_mutex_post_lock(mutex_, __tsan_mutex_read_lock, 0);
  }
  ~ReaderLock() ABSL_UNLOCK_FUNCTION() {
    __tsan_mutex_pre_unlock(mutex_, __tsan_mutex_read_lock);
    mutex_->ReaderUnlock();
    __tsan_mutex_post_unlock(mutex_, __tsan_mutex_read_lock);
  }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  absl::Mutex* const mutex_;
};

#else

using WriterLock = absl::WriterMutexLock;
using ReaderLock = absl::ReaderMutexLock;

#endif

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_READER_WRITER_MUTEX_H_
