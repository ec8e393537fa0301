#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "quartermaster/v1/audit_service.grpc.pb.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "storage/store.h"

namespace quartermaster::server {
namespace {

// Of lines, in one response: a millisecond of reading, so that it needs no thread of its own.
constexpr size_t kMaxResponseBytes = 256 << 10;

// Reads the next lines when those before were taken. It deletes itself when the call is over.
class AuditStream : public grpc::ServerWriteReactor<v1::ReadAuditResponse> {
 public:
  AuditStream(const ServiceDependencies& dependencies, grpc::CallbackServerContext* context,
              const v1::ReadAuditRequest* request)
      : store_(dependencies.store),
        call_(dependencies, context, "ReadAudit", request),
        timer_(context),
        next_(std::max<uint64_t>(request->from_number(), 1)) {
    if (call_.caller().ok()) {
      call_.AuditReadThen([this] { WriteEnd(); });
    } else {
      Finish(call_.End(call_.caller().status()));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(call_.End(absl::CancelledError("the audit was not read to its end")));
    if (next_ > last_) return Finish(call_.End(absl::OkStatus()));
    WriteNext();
  }

  void OnDone() override { delete this; }

 private:
  // Where the audit ends is settled once: lines are added while it is read. This may be the store's thread, which reads
  // no lines.
  void WriteEnd() {
    absl::StatusOr<storage::AuditHead> head = store_->ReadAuditHead();
    if (!head.ok()) return Finish(call_.End(head.status()));
    last_ = head->number;
    response_.mutable_head()->set_number(last_);
    response_.mutable_head()->set_sha256(std::move(head->sha256));
    timer_.Restart();
    StartWrite(&response_);
  }

  void WriteNext() {
    if (const absl::Status status = call_.CheckCaller(); !status.ok()) return Finish(call_.End(status));
    response_.Clear();
    size_t bytes = 0;
    const absl::Status read = store_->ScanAudit(next_, [&](uint64_t number, absl::string_view line) {
      response_.add_lines(line.data(), line.size());
      bytes += line.size();
      next_ = number + 1;
      return next_ <= last_ && bytes < kMaxResponseBytes;
    });
    if (!read.ok()) return Finish(call_.End(read));
    timer_.Restart();
    StartWrite(&response_);
  }

  const storage::Store* const store_;
  const Call call_;
  StallTimer timer_;
  v1::ReadAuditResponse response_;  // On its way.
  uint64_t next_;
  uint64_t last_ = 0;
};

class AuditServiceImpl : public v1::AuditService::CallbackService {
 public:
  explicit AuditServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerWriteReactor<v1::ReadAuditResponse>* ReadAudit(grpc::CallbackServerContext* context,
                                                             const v1::ReadAuditRequest* request) override {
    return new AuditStream(dependencies_, context, request);
  }

 private:
  const ServiceDependencies dependencies_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuditService(const ServiceDependencies& dependencies) {
  return std::make_unique<AuditServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
