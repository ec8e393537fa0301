// One thread for what may wait: what takes seconds, so that the threads that answer calls stay free for what takes
// microseconds; what must not crowd out more urgent work; and what whoever has it does itself where this one is busy.
#ifndef QUARTERMASTER_SERVER_WORKER_H_
#define QUARTERMASTER_SERVER_WORKER_H_

#include <algorithm>
#include <chrono>
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

  // No task is followed by a longer rest than this, so that who waits behind large ones gets an answer in time. So
  // tasks that take long take more than their share.
  static constexpr std::chrono::milliseconds kLongestRest{20};

  // With a `share` below 1 it rests after each task, kLongestRest at most, so that short tasks take this part of its
  // time and leave the processors to others. A low priority would not do: the system puts a task aside while it holds a
  // lock that others wait for.
  explicit Worker(size_t max_waiting = kMaxWaiting, double share = 1)
      : max_waiting_(max_waiting), rest_(1 / share - 1), thread_([this] { Run(); }) {}
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
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      const auto begin = std::chrono::steady_clock::now();
      task();
      const std::chrono::duration<double> rest = (std::chrono::steady_clock::now() - begin) * rest_;
      lock.lock();
      if (rest_ > 0) {
        wake_.wait_for(lock, std::min<std::chrono::duration<double>>(rest, kLongestRest), [this] { return stopping_; });
      }
    }
  }

  const size_t max_waiting_;
  const double rest_;  // for each second of work
  std::mutex mutex_;   // Guards what follows but the thread.
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WORKER_H_
