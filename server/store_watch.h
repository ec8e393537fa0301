// Tells when the store stops taking writes, and when it takes them again: for gRPC's health service and the operator.
// It asks the store instead of being called by it, so that the store knows nobody, and nobody can hold its thread.
#ifndef QUARTERMASTER_SERVER_STORE_WATCH_H_
#define QUARTERMASTER_SERVER_STORE_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "storage/store.h"

namespace quartermaster::server {

class StoreWatch {
 public:
  // Gets what Store::writes says, whenever it says something else than before. Before it says anything, it said OK.
  using Tell = std::function<void(const absl::Status& writes)>;

  // `store` must outlive it. `tell` is called on a thread of its own.
  StoreWatch(const storage::Store* store, Tell tell)
      : store_(store), tell_(std::move(tell)), thread_([this] { Run(); }) {}
  ~StoreWatch() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  StoreWatch(const StoreWatch&) = delete;
  StoreWatch& operator=(const StoreWatch&) = delete;

 private:
  // Balancers ask every few seconds.
  static constexpr std::chrono::milliseconds kInterval{200};

  void Run() {
    absl::Status said;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      absl::Status writes = store_->writes();
      if (writes != said) tell_(writes);
      said = std::move(writes);
      wake_.wait_for(lock, kInterval, [this] { return stopping_; });
    }
  }

  const storage::Store* const store_;
  const Tell tell_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_

  // Last: it runs from the moment that it is made.
  std::thread thread_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_STORE_WATCH_H_
