// Lets what is checked now and stored later take turns: a check holds until what rests on it is stored, since nothing
// that could change it comes in between.
#ifndef QUARTERMASTER_SERVER_ONE_AT_A_TIME_H_
#define QUARTERMASTER_SERVER_ONE_AT_A_TIME_H_

#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace quartermaster::server {

// Thread-safe. It must outlive every `done` that it has been given.
class OneAtATime {
 public:
  // Calls `task(done)` at once, on this thread, if no other task is under way; else once those before it have ended, on
  // a thread that began or ended one of them. A task ends where it calls the `done` that it got, once, on any thread;
  // then the given one is called. A task must not wait for another.
  template <typename Done, typename Task>
  void Do(Done done, Task task) {
    std::unique_lock<std::mutex> lock(mutex_);
    waiting_.push_back([this, done = std::move(done), task = std::move(task)] {
      task(Done([this, done](auto result) {
        End();
        done(std::move(result));
      }));
    });
    BeginNext(lock);
  }

 private:
  void End() {
    std::unique_lock<std::mutex> lock(mutex_);
    is_under_way_ = false;
    BeginNext(lock);
  }

  // Where a task ends before it returns, the loop that began it begins the next: a thousand that wait and are refused
  // one after the other do not pile up on one stack.
  void BeginNext(std::unique_lock<std::mutex>& lock) {
    if (is_beginning_) return;
    is_beginning_ = true;
    while (!is_under_way_ && !waiting_.empty()) {
      const std::function<void()> task = std::move(waiting_.front());
      waiting_.pop_front();
      is_under_way_ = true;
      lock.unlock();
      task();
      lock.lock();
    }
    is_beginning_ = false;
  }

  std::mutex mutex_;  // Guards what follows; not held while a task or a `done` is called.
  std::deque<std::function<void()>> waiting_;
  bool is_under_way_ = false;
  bool is_beginning_ = false;  // A thread is in the loop of BeginNext.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ONE_AT_A_TIME_H_
