// How a call is answered with parts that take seconds to make: made on the worker, all of them, then written one after
// the other. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_
#define QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <utility>
#include <vector>

#include "server/access.h"
#include "server/call_limits.h"
#include "server/errors.h"
#include "server/principal.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "server/worker.h"

namespace quartermaster::server {

// It deletes itself when the call is over.
template <typename Part>
class PartStream : public grpc::ServerWriteReactor<Part> {
 public:
  // The parts stay in memory until their caller has read them, so it takes a place of the kind. `make` is called on the
  // worker, unless the caller may not call the RPC, which is named without its service, or `check` refuses it.
  using Make = std::function<absl::StatusOr<std::vector<Part>>()>;
  using Check = std::function<absl::Status(const Principal& caller)>;
  PartStream(const ServiceDependencies& dependencies, const StreamKind& kind, grpc::CallbackServerContext* context,
             absl::string_view rpc, const google::protobuf::Message* request, Make make, const Check& check)
      : context_(context), call_(dependencies, context, rpc, request), make_(std::move(make)), timer_(context) {
    const absl::Status status = Begin(dependencies, kind, check);
    if (!status.ok()) this->Finish(call_.End(status));
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(NotRead());
    parts_[next_ - 1].Clear();
    WriteNext();
  }

  void OnDone() override { delete this; }

 private:
  static grpc::Status NotRead() { return {grpc::StatusCode::CANCELLED, "the parts were not read to their end"}; }

  absl::Status Begin(const ServiceDependencies& dependencies, const StreamKind& kind, const Check& check) {
    if (!call_.caller().ok()) return call_.caller().status();
    if (absl::Status status = check(*call_.caller()); !status.ok()) return status;
    absl::StatusOr<StreamPlace> place = dependencies.access->limits().Open(kind, call_.caller()->name);
    if (!place.ok()) return place.status();
    place_ = *std::move(place);
    return dependencies.worker->Do([this] { MakeParts(); }) ? absl::OkStatus() : Busy();
  }

  void MakeParts() {
    if (context_->IsCancelled()) return this->Finish(NotRead());
    absl::StatusOr<std::vector<Part>> parts = make_();
    if (!parts.ok()) return this->Finish(call_.End(parts.status()));
    call_.AuditRead();
    parts_ = *std::move(parts);
    WriteNext();
  }

  void WriteNext() {
    if (next_ == parts_.size()) return this->Finish(grpc::Status::OK);
    if (const absl::Status status = call_.CheckCaller(); !status.ok()) return this->Finish(call_.End(status));
    timer_.Restart();
    this->StartWrite(&parts_[next_++]);
  }

  StreamPlace place_;  // First, so that it is given back after the parts are gone.
  grpc::CallbackServerContext* const context_;
  const Call call_;
  const Make make_;
  StallTimer timer_;
  std::vector<Part> parts_;
  size_t next_ = 0;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_
