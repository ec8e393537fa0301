// One thread for what may wait: what takes seconds, so that the threads that answer calls stay free for what takes
// microseconds, and what must not crowd out more urgent work.
#ifndef QUARTERMASTER_SERVER_WORKER_H_
#define QUARTERMASTER_SERVER_WORKER_H_

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace quartermaster::server {

// Thread-safe. Destruction finishes what was taken.
class Worker {
 public:
  // Those who wait longer than for this many others have given up before their turn.
  static constexpr size_t kMaxWaiting = 16;

  // With a `niceness`, from 1 to 19, others come first while the processors are busy (setpriority(2): at 19 this
  // thread gets one part in seventy of what another gets).
  explicit Worker(size_t max_waiting = kMaxWaiting, int niceness = 0)
      : max_waiting_(max_waiting), niceness_(niceness), thread_([this] { Run(); }) {}
  ~Worker() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Gives false, and does nothing, if too many tasks wait.
  [[nodiscard]] bool Do(std::function<void()> task) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (tasks_.size() >= max_waiting_) return false;
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
  }

 private:
  void Run() {
    // Of this thread alone, on Linux. Where it fails, others just do not come first.
    if (niceness_ > 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness_);
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const size_t max_waiting_;
  const int niceness_;
  std::mutex mutex_;  // Guards what follows but the thread.
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WORKER_H_
