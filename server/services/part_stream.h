// How a call is answered with parts that take seconds to make: made on the worker, all of them, then written one after
// the other. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_
#define QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

#include "server/errors.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/stall_timer.h"
#include "server/worker.h"

namespace quartermaster::server {

// It deletes itself when the call is over.
template <typename Part>
class PartStream : public grpc::ServerWriteReactor<Part> {
 public:
  // The parts stay in memory until their caller has read them, so at most `most` of the `streams` are served at once.
  // `make` is called on the worker, unless the caller may not call the RPC, which is named without its service.
  using Make = std::function<absl::StatusOr<std::vector<Part>>()>;
  PartStream(const ServiceDependencies& dependencies, std::atomic<int>* streams, int most,
             grpc::CallbackServerContext* context, absl::string_view rpc, const google::protobuf::Message* request,
             Make make)
      : streams_(streams),
        context_(context),
        call_(dependencies, context, rpc, request),
        make_(std::move(make)),
        timer_(context) {
    const bool has_room = ++*streams_ <= most;
    if (!call_.caller().ok()) {
      this->Finish(call_.End(call_.caller().status()));
    } else if (!has_room || !dependencies.worker->Do([this] { MakeParts(); })) {
      this->Finish(call_.End(Busy()));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(NotRead());
    parts_[next_ - 1].Clear();
    WriteNext();
  }

  void OnDone() override {
    --*streams_;
    delete this;
  }

 private:
  static grpc::Status NotRead() { return {grpc::StatusCode::CANCELLED, "the parts were not read to their end"}; }

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
    timer_.Restart();
    this->StartWrite(&parts_[next_++]);
  }

  std::atomic<int>* const streams_;  // How many there are.
  grpc::CallbackServerContext* const context_;
  const Call call_;
  const Make make_;
  StallTimer timer_;
  std::vector<Part> parts_;
  size_t next_ = 0;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_PART_STREAM_H_
