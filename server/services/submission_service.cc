#include <grpcpp/grpcpp.h>

#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "google/protobuf/arena.h"
#include "quartermaster/v1/submission_service.grpc.pb.h"
#include "server/grpc_status.h"
#include "server/receipt_key.h"
#include "server/services/arena_messages.h"
#include "server/services/call.h"
#include "server/services/services.h"
#include "server/services/unary.h"
#include "server/submissions.h"

namespace quartermaster::server {
namespace {

// How many verdicts of one stream may be outstanding or unread: enough that one client fills commit groups.
constexpr size_t kMaxWaitingInStream = 128;

// As many bytes of verdicts may be unread before the stream is read on. 128 verdicts of an ordinary return have some
// 500 KB; the longest, of a return in which everything is wrong, have one MB each.
constexpr size_t kMaxUnreadBytes = 2 << 20;

// One bulk stream. Requests are judged as they come; responses go out in the order of the requests. It deletes itself
// when the call is over and no verdict is outstanding. It asks who calls with each request, since a stream may outlive
// its token: then the request gets the refusal, and after it the stream ends with the same.
class SubmissionStream : public grpc::ServerBidiReactor<v1::SubmitReturnsRequest, v1::SubmitReturnsResponse> {
 public:
  SubmissionStream(const ServiceDependencies& dependencies, const grpc::CallbackServerContext* context)
      : submissions_(dependencies.submissions), call_(dependencies, context, "SubmitReturns", /*request=*/nullptr) {
    absl::StatusOr<StreamPlace> place = call_.caller().ok()
                                            ? dependencies.access->limits().Open(kReturnStreams, call_.caller()->name)
                                            : absl::StatusOr<StreamPlace>(call_.caller().status());
    if (!place.ok()) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        finish_called_ = true;
      }
      Finish(call_.End(place.status()));
      return;
    }
    place_ = *std::move(place);
    Advance([] {});
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Advance([this] {
        reading_ = false;
        no_more_requests_ = true;
      });
      return;
    }
    Slot* slot = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      slot = &slots_.emplace_back();
      ++outstanding_;
    }
    // A deque keeps its elements in place, so the slot stays where it is until it is written.
    const auto answer = [this, slot, reader = std::this_thread::get_id()](const absl::Status& status) {
      // A refusal comes at once, on this thread, while the request is still the one that is refused. What comes later
      // is none, and OnReadDone may be at the next request then.
      if (std::this_thread::get_id() == reader) call_.AuditRefusal(status, &request_);
      if (!status.ok()) *slot->response->mutable_error() = ToRpcStatus(status);
      const size_t bytes = slot->response->ByteSizeLong();
      Advance([&] {
        slot->bytes = bytes;
        slot->answered = true;
        unread_bytes_ += bytes;
        --outstanding_;
      });
    };
    call_.FindCaller();
    const absl::Status known = call_.caller().status();
    if (known.ok()) {
      // The client goes on to its next return, so this thread must not wait for the disk.
      submissions_->Submit(request_.submission(), *call_.caller(), slot->response->mutable_verdict(), answer,
                           storage::CommitOn::kStoresThread);
    } else {
      answer(known);
    }
    // As an object a request can take thirty times its bytes, and the next one may be long in coming. Clear would keep
    // the memory.
    request_ = v1::SubmitReturnsRequest();
    Advance([&] {
      reading_ = false;
      if (known.ok()) return;
      end_ = known;
      no_more_requests_ = true;
    });
  }

  void OnWriteDone(bool ok) override {
    Advance([&] {
      writing_ = false;
      unread_bytes_ -= slots_.front().bytes;
      slots_.pop_front();
      broken_ = broken_ || !ok;
    });
  }

  void OnCancel() override {
    Advance([this] { broken_ = true; });
  }

  void OnDone() override {
    Advance([this] { done_ = true; });
  }

 private:
  struct Slot {
    google::protobuf::Arena arena;
    v1::SubmitReturnsResponse* response = google::protobuf::Arena::CreateMessage<v1::SubmitReturnsResponse>(&arena);
    bool answered = false;  // The response is whole.
    size_t bytes = 0;       // On the wire, of the response.
  };

  // Makes one change to the state, then starts whatever can be started now: the next read, the next write, or the end.
  // What is started here may complete on other threads before this returns, so the last one out deletes the stream.
  template <typename Change>
  void Advance(Change change) {
    bool read = false;
    bool finish = false;
    const v1::SubmitReturnsResponse* write = nullptr;
    absl::Status end;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      change();
      ++advancing_;
      if (!finish_called_) {
        if (!writing_ && !broken_ && !slots_.empty() && slots_.front().answered) {
          writing_ = true;
          write = slots_.front().response;
        }
        const bool has_room = slots_.size() < kMaxWaitingInStream && unread_bytes_ < kMaxUnreadBytes;
        if (!reading_ && !no_more_requests_ && !broken_ && has_room) reading_ = read = true;
        const bool all_answered = no_more_requests_ && slots_.empty();
        if (!reading_ && !writing_ && (all_answered || broken_)) {
          finish_called_ = finish = true;
          end = end_;
        }
      }
    }
    if (write != nullptr) StartWrite(write);
    if (read) StartRead(&request_);
    if (finish) Finish(ToGrpcStatus(end));  // A refusal is in the audit already.
    bool last = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      --advancing_;
      last = done_ && outstanding_ == 0 && advancing_ == 0;
    }
    if (last) delete this;
  }

  StreamPlace place_;
  Submissions* const submissions_;
  Call call_;                         // Only OnReadDone touches it, once it is made.
  v1::SubmitReturnsRequest request_;  // Only the read in progress and OnReadDone touch it.
  std::mutex mutex_;                  // Guards what follows.
  std::deque<Slot> slots_;            // One a request whose verdict is not written yet.
  size_t unread_bytes_ = 0;           // Of the responses in slots_.
  int outstanding_ = 0;               // Verdicts still to come.
  int advancing_ = 0;                 // Threads inside Advance.
  bool reading_ = false;
  bool writing_ = false;
  bool no_more_requests_ = false;
  absl::Status end_;     // How the call ends if nothing breaks it.
  bool broken_ = false;  // Nobody listens any more.
  bool finish_called_ = false;
  bool done_ = false;
};

class SubmissionServiceImpl : public v1::SubmissionService::CallbackService {
 public:
  explicit SubmissionServiceImpl(const ServiceDependencies& dependencies) : dependencies_(dependencies) {
    SetMessageAllocatorFor_SubmitReturn(&messages_);
  }

  grpc::ServerUnaryReactor* SubmitReturn(grpc::CallbackServerContext* context, const v1::SubmitReturnRequest* request,
                                         v1::SubmitReturnResponse* response) override {
    return AnswerLater(dependencies_, context, "SubmitReturn", *request, [&](const Principal& caller, auto finish) {
      dependencies_.submissions->Submit(*request, caller, response->mutable_verdict(), finish,
                                        storage::CommitOn::kCallersThread);
    });
  }

  grpc::ServerBidiReactor<v1::SubmitReturnsRequest, v1::SubmitReturnsResponse>* SubmitReturns(
      grpc::CallbackServerContext* context) override {
    return new SubmissionStream(dependencies_, context);
  }

  grpc::ServerUnaryReactor* GetReceiptKey(grpc::CallbackServerContext* context, const v1::GetReceiptKeyRequest* request,
                                          v1::GetReceiptKeyResponse* response) override {
    return Answer(dependencies_, context, "GetReceiptKey", *request, [&](const Principal&) {
      response->set_public_key_pem(dependencies_.receipt_key->public_pem());
      response->set_key_id(dependencies_.receipt_key->id());
      return absl::OkStatus();
    });
  }

 private:
  const ServiceDependencies dependencies_;
  ArenaMessages<v1::SubmitReturnRequest, v1::SubmitReturnResponse> messages_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSubmissionService(const ServiceDependencies& dependencies) {
  return std::make_unique<SubmissionServiceImpl>(dependencies);
}

}  // namespace quartermaster::server
