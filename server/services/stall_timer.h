// Ends a call whose client reads no more, so that it gives back what few can have at once. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_STALL_TIMER_H_
#define QUARTERMASTER_SERVER_SERVICES_STALL_TIMER_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/limits.h"

namespace quartermaster::server {

// Thread-compatible. It must not outlive its call's OnDone.
class StallTimer {
 public:
  explicit StallTimer(grpc::CallbackServerContext* context, absl::Duration max_wait = kMaxWaitForReader)
      : max_wait_(max_wait), shared_(std::make_shared<Shared>()) {
    shared_->context = context;
  }
  ~StallTimer() {
    const std::lock_guard<std::recursive_mutex> lock(shared_->mutex);
    shared_->context = nullptr;
  }

  // A write begins: unless Stop or this is called again within the time, or this is destroyed, the call is cancelled.
  void Restart() {
    // An alarm that is destroyed says so to whom it was for, at once or later; that is then told from its ringing.
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(absl::ToChronoTime(absl::Now() + max_wait_), [shared = shared_](bool rings) {
      if (!rings) return;
      const std::lock_guard<std::recursive_mutex> lock(shared->mutex);
      if (shared->context != nullptr) shared->context->TryCancel();
    });
  }

  // The write is done; the time until the next is not its reader's.
  void Stop() { alarm_.reset(); }

 private:
  struct Shared {
    // Cancelling may end the call, and this with it, before it returns.
    std::recursive_mutex mutex;
    grpc::CallbackServerContext* context;  // Null once the call is over; guarded by mutex.
  };
  const absl::Duration max_wait_;
  const std::shared_ptr<Shared> shared_;
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_STALL_TIMER_H_
