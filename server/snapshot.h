// A value that many threads read while one replaces it: readers hold what they got, whole and unchanged.
#ifndef QUARTERMASTER_SERVER_SNAPSHOT_H_
#define QUARTERMASTER_SERVER_SNAPSHOT_H_

#include <memory>
#include <mutex>
#include <utility>

namespace quartermaster::server {

// Thread-safe. It uses the standard library's mutex because the thread sanitizer does not see into Debian's Abseil.
template <typename T>
class Snapshot {
 public:
  std::shared_ptr<const T> Read() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return value_;
  }

  // Copies the value, lets `change(T*)` change the copy, and puts it in place. One writer at a time.
  template <typename Change>
  void Replace(Change change) {
    auto next = std::make_shared<T>(*Read());
    change(next.get());
    const std::lock_guard<std::mutex> lock(mutex_);
    value_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_ = std::make_shared<T>();  // guarded by mutex_
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SNAPSHOT_H_
