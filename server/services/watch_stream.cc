#include "server/services/watch_stream.h"

#include <utility>

#include "server/access.h"
#include "server/errors.h"

namespace quartermaster::server {

WatchStream::WatchStream(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context,
                         const v1::WatchRequest* request)
    : watch_worker_(dependencies.watch_worker),
      worker_(dependencies.worker),
      call_(dependencies, context, "Watch", request),
      place_(call_.caller().ok() ? dependencies.access->limits().Open(kWatches, call_.caller()->name)
                                 : absl::StatusOr<StreamPlace>(call_.caller().status())),
      timer_(context) {
  absl::Status status = place_.status();
  if (status.ok()) {
    auto watch = Watch::Open(*request, dependencies.store, dependencies.state, dependencies.progress,
                             dependencies.watchers, [this] { AskForTask(); });
    status = watch.status();
    if (watch.ok()) watch_ = *std::move(watch);
  }
  // Whoever has asked meanwhile must not have begun before the watch stood in its place.
  if (status.ok()) {
    call_.AuditRead();
    HaveTask();
  } else {
    End(status);
    EndTask();
  }
}

void WatchStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    timer_.Stop();
    broken_ = broken_ || !ok;
  }
  AskForTask();
}

void WatchStream::OnCancel() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    broken_ = true;
  }
  AskForTask();
}

void WatchStream::OnDone() {
  // First, since nobody may ask any more once this can be gone.
  if (watch_ != nullptr) watch_->Leave();
  bool last = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
    last = !has_task_;
  }
  if (last) delete this;
}

void WatchStream::AskForTask() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_ = true;
    if (has_task_) return;
    has_task_ = true;
  }
  HaveTask();
}

void WatchStream::HaveTask() {
  if (watch_worker_->Do([this] { Run(); })) return;
  // There is room for a task of each watcher, so this cannot be; if it were, the next who asks would mend it.
  const std::lock_guard<std::mutex> lock(mutex_);
  has_task_ = false;
}

void WatchStream::Run() {
  bool idle = false;
  bool broken = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_ = false;
    idle = finish_called_ || writing_;
    broken = broken_;
  }
  if (!idle && broken) {
    End(absl::CancelledError("the watcher has gone"));
  } else if (!idle && !watch_->reads_the_past()) {
    return Advance();
  } else if (!idle) {
    if (worker_->Do([this] { Advance(); })) return;
    End(Busy());
  }
  EndTask();
}

void WatchStream::Advance() {
  absl::StatusOr<absl::optional<v1::WatchResponse>> next = watch_->Next();
  absl::Status status = next.status();
  if (status.ok() && next->has_value()) status = call_.CheckCaller();
  if (!status.ok()) {
    End(status);
  } else if (next->has_value()) {
    message_ = **std::move(next);
    timer_.Restart();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      writing_ = true;
    }
    StartWrite(&message_);
  }
  EndTask();
}

void WatchStream::EndTask() {
  bool again = false;
  bool last = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    again = asked_ && !writing_ && !finish_called_;
    has_task_ = again;
    last = done_ && !again;
  }
  if (again) HaveTask();
  if (last) delete this;
}

void WatchStream::End(const absl::Status& status) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    finish_called_ = true;
  }
  Finish(call_.End(status));
}

}  // namespace quartermaster::server
