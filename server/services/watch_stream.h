// The stream of one watcher: what server/watch gives, written as fast as the reader takes it.
#ifndef QUARTERMASTER_SERVER_SERVICES_WATCH_STREAM_H_
#define QUARTERMASTER_SERVER_SERVICES_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "server/call_limits.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "server/watch.h"
#include "server/worker.h"

namespace quartermaster::server {

// Its work is done by tasks: at most one at a time, on the thread for watching, or on that for calls that take seconds
// while the past is read. The store's thread, gRPC's threads and the reader only ask for one. It deletes itself when
// the call is over and no task is left.
class WatchStream : public grpc::ServerWriteReactor<v1::WatchResponse> {
 public:
  WatchStream(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context,
              const v1::WatchRequest* request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Has a task run, unless there is one, which then goes on.
  void AskForTask();
  // Requires that has_task_ is set.
  void HaveTask();
  // What a task does: the next message, or the end, unless a message is being written.
  void Run();
  // Gives the next message to gRPC, hears that there is none, or ends the stream.
  void Advance();
  // The end of a task, which may be the end of this; or another one, where somebody asked meanwhile.
  void EndTask();
  void End(const absl::Status& status);

  Worker* const watch_worker_;
  Worker* const worker_;
  const Call call_;
  const absl::StatusOr<StreamPlace> place_;  // Why there is none ends the stream.
  std::unique_ptr<Watch> watch_;             // Null if it could not be opened. Tasks use it, and OnDone.
  v1::WatchResponse message_;                // Of the write in progress.
  StallTimer timer_;                         // The same.
  std::mutex mutex_;                         // Guards what follows.
  bool asked_ = false;                       // Since the task looked last.
  bool has_task_ = true;                     // Until this is made.
  bool writing_ = false;
  bool broken_ = false;  // Nobody listens any more.
  bool finish_called_ = false;
  bool done_ = false;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_WATCH_STREAM_H_
