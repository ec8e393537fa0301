// Many returns over one bidirectional stream, with a bounded number on their way.
//
// Those of a period are sent when all before them are answered, and so are counted: the country that the server
// compares them with would else be what had been stored just then, and the same file be judged otherwise on another
// disk.
//
// One thread drives the stream through a completion queue, so that it can read verdicts while a write waits for the
// server, and give up when nothing has moved for the time that the user allows.
#include <chrono>
#include <utility>

#include "absl/types/optional.h"
#include "client/connection.h"
#include "client/server.h"
#include "quartermaster/v1/submission_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

// What the completion queue says has happened.
enum class Event : intptr_t { kStarted = 1, kWritten, kHalfClosed, kRead, kFinished };

void* Tag(Event event) { return reinterpret_cast<void*>(event); }

using OnResponse = std::function<void(v1::SubmitReturnsResponse)>;

// One life of the stream. The responses answer the requests in their order.
class SubmissionStream {
 public:
  SubmissionStream(const std::vector<const v1::SubmitReturnRequest*>& requests, const v1::SubmitReturnRequest& common,
                   const OnResponse& on_response)
      : requests_(requests), common_(common), on_response_(on_response) {}

  grpc::ClientContext* context() { return &context_; }

  // Runs until the stream has ended. An OK status with fewer responses than requests is the server's mistake.
  grpc::Status Run(const std::shared_ptr<grpc::Channel>& channel, int timeout_seconds) {
    v1::SubmissionService::Stub stub(channel);
    call_ = stub.PrepareAsyncSubmitReturns(&context_, &queue_);
    call_->StartCall(Tag(Event::kStarted));
    pending_ = 1;
    bool timed_out = false;
    while (pending_ > 0) {
      void* tag = nullptr;
      bool ok = false;
      const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(timeout_seconds);
      if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::TIMEOUT) {
        timed_out = true;
        context_.TryCancel();  // Everything pending now ends soon.
        continue;
      }
      --pending_;
      Handle(static_cast<Event>(reinterpret_cast<intptr_t>(tag)), ok);
    }
    queue_.Shutdown();
    return timed_out ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "") : status_;
  }

 private:
  void Handle(Event event, bool ok) {
    switch (event) {
      case Event::kStarted:
        if (!ok) return Finish();
        Read();
        return Write();
      case Event::kWritten:
        writing_ = false;
        broken_ = broken_ || !ok;
        return Write();
      case Event::kRead:
        if (!ok) return Finish();
        if (answered_ < requests_.size()) on_response_(std::exchange(response_, {}));
        ++answered_;
        Read();
        return Write();
      case Event::kHalfClosed:
      case Event::kFinished:
        return;
    }
  }

  void Read() {
    ++pending_;
    call_->Read(&response_, Tag(Event::kRead));
  }

  void Write() {
    if (writing_ || broken_ || half_closed_) return;
    if (sent_ == requests_.size()) {
      half_closed_ = true;
      ++pending_;
      return call_->WritesDone(Tag(Event::kHalfClosed));
    }
    if (sent_ >= answered_ + Server::kMaxInFlight || (sent_ > answered_ && BeginsPeriod(sent_))) return;
    v1::SubmitReturnsRequest request;
    *request.mutable_submission() = common_;
    request.mutable_submission()->MergeFrom(*requests_[sent_++]);
    writing_ = true;
    ++pending_;
    call_->Write(request, Tag(Event::kWritten));
  }

  bool BeginsPeriod(size_t index) const {
    return requests_[index]->content().period() != requests_[index - 1]->content().period();
  }

  void Finish() {
    broken_ = true;
    ++pending_;
    call_->Finish(&status_, Tag(Event::kFinished));
  }

  const std::vector<const v1::SubmitReturnRequest*>& requests_;
  const v1::SubmitReturnRequest& common_;
  const OnResponse& on_response_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::SubmitReturnsRequest, v1::SubmitReturnsResponse>> call_;
  v1::SubmitReturnsResponse response_;
  grpc::Status status_;
  int pending_ = 0;  // Events that the queue still owes.
  size_t sent_ = 0;
  size_t answered_ = 0;
  bool writing_ = false;
  bool half_closed_ = false;
  bool broken_ = false;  // Nothing can be written any more.
};

// The outcomes so far. Those after one that is not known yet wait for it.
class OrderedOutcomes {
 public:
  OrderedOutcomes(size_t count, const Server::OnVerdict& on_verdict) : outcomes_(count), on_verdict_(on_verdict) {}

  void Set(size_t index, absl::StatusOr<v1::Verdict> outcome) {
    outcomes_[index] = std::move(outcome);
    for (; next_ < outcomes_.size() && outcomes_[next_]; ++next_) {
      on_verdict_(next_, *std::move(outcomes_[next_]));
      outcomes_[next_].emplace(v1::Verdict());  // Frees what was there.
    }
  }

 private:
  std::vector<absl::optional<absl::StatusOr<v1::Verdict>>> outcomes_;
  const Server::OnVerdict& on_verdict_;
  size_t next_ = 0;
};

}  // namespace

void Server::SubmitStreamed(const std::vector<v1::SubmitReturnRequest>& submissions,
                            const v1::SubmitReturnRequest& common, const OnVerdict& on_verdict) {
  OrderedOutcomes outcomes(submissions.size(), on_verdict);
  std::vector<size_t> open(submissions.size());
  for (size_t i = 0; i < open.size(); ++i) open[i] = i;

  // An attempt that got somewhere begins the count again, so a long submission survives any number of short
  // interruptions.
  for (int attempt = 1; !open.empty(); ++attempt) {
    std::vector<const v1::SubmitReturnRequest*> requests;
    for (const size_t index : open) requests.push_back(&submissions[index]);
    std::vector<size_t> still_open;
    size_t answered = 0;
    absl::Status last_error;
    const OnResponse on_response = [&](v1::SubmitReturnsResponse response) {
      const size_t index = open[answered++];
      if (response.has_verdict()) {
        outcomes.Set(index, std::move(*response.mutable_verdict()));
      } else if (absl::Status error = connection_->Explain(response.error()); MaySendAgain(error)) {
        still_open.push_back(index);
        last_error = std::move(error);
      } else {
        if (error.ok())
          error = absl::InternalError("the server answered a return with neither a verdict nor an error.");
        outcomes.Set(index, std::move(error));
      }
    };
    SubmissionStream stream(requests, common, on_response);
    connection_->Authorise(stream.context());
    const grpc::Status status = stream.Run(connection_->channel(), connection_->timeout_seconds());

    if (answered > still_open.size()) attempt = 0;
    const bool interrupted = answered < open.size();
    still_open.insert(still_open.end(), open.begin() + static_cast<ptrdiff_t>(answered), open.end());
    open = std::move(still_open);
    if (interrupted) {
      last_error = status.ok() ? absl::InternalError("the server ended the stream before it had answered every return.")
                               : connection_->Explain(status);
    }
    if (open.empty()) return;
    if (!MaySendAgain(last_error) || attempt == kMaxAttempts) {
      for (const size_t index : open) outcomes.Set(index, last_error);
      return;
    }
    connection_->WaitAfter(attempt == 0 ? 1 : attempt);
  }
}

}  // namespace quartermaster::client
