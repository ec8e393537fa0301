// Lets in any number of readers, or one alone who changes what they read. Who is in may come in again on the same
// thread, which std::shared_mutex leaves undefined: a visit of a scan may read. Who wants to be alone never waits here,
// and so holds no reader up.
#ifndef QUARTERMASTER_STORAGE_READER_GATE_H_
#define QUARTERMASTER_STORAGE_READER_GATE_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace quartermaster::storage {

// Thread-safe. It must outlive all who are in.
class ReaderGate {
 public:
  struct Leave {
    void operator()(ReaderGate* gate) const { gate->RemoveReader(); }
  };
  struct Open {
    void operator()(ReaderGate* gate) const { gate->LetReadersIn(); }
  };
  // Each is in until it is destroyed, on whatever thread.
  using Reader = std::unique_ptr<ReaderGate, Leave>;
  using Alone = std::unique_ptr<ReaderGate, Open>;

  // Waits while somebody is in alone.
  Reader Enter() {
    std::unique_lock<std::mutex> lock(mutex_);
    opened_.wait(lock, [this] { return !closed_; });
    ++readers_;
    return Reader(this);
  }
  // Null if anybody is in.
  Alone TryEnterAlone() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_ || readers_ > 0) return nullptr;
    closed_ = true;
    return Alone(this);
  }

 private:
  void RemoveReader() {
    const std::lock_guard<std::mutex> lock(mutex_);
    --readers_;
  }
  void LetReadersIn() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = false;
    opened_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable opened_;
  uint64_t readers_ = 0;  // guarded by mutex_
  bool closed_ = false;   // guarded by mutex_
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_READER_GATE_H_
