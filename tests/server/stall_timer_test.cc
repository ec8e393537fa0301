// Real streams over the loopback: a reader that stops ends its call, one that there is nothing for does not.
#include "server/services/stall_timer.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

// So long a test waits for what comes at once.
constexpr std::chrono::seconds kPatience{60};

// What the server writes.
struct Plan {
  int messages;
  size_t bytes_of_each;
  absl::Duration max_wait;      // The timer's.
  absl::Duration between_them;  // From the end of one write to the next.
};

class PlannedStream : public grpc::ServerGenericBidiReactor {
 public:
  PlannedStream(grpc::CallbackServerContext* context, const Plan& plan, std::promise<int>* written)
      : plan_(plan), written_(written), timer_(context, plan.max_wait) {
    const grpc::Slice slice(std::string(plan.bytes_of_each, 'x'));
    message_ = grpc::ByteBuffer(&slice, 1);
    Write();
  }

  void OnWriteDone(bool ok) override {
    timer_.Stop();
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (++count_ == plan_.messages) return Finish(grpc::Status::OK);
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(plan_.between_them));
    Write();
  }

  void OnDone() override {
    written_->set_value(count_);
    delete this;
  }

 private:
  void Write() {
    timer_.Restart();
    StartWrite(&message_);
  }

  const Plan plan_;
  std::promise<int>* const written_;
  StallTimer timer_;
  grpc::ByteBuffer message_;
  int count_ = 0;
};

class PlannedService : public grpc::CallbackGenericService {
 public:
  explicit PlannedService(const Plan& plan) : plan_(plan) {}

  // How many messages were written when the call was over.
  std::future<int> written() { return written_.get_future(); }

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new PlannedStream(context, plan_, &written_);
  }

  const Plan plan_;
  std::promise<int> written_;
};

class StallTimerTest : public ::testing::Test {
 protected:
  void Start(const Plan& plan) {
    service_ = std::make_unique<PlannedService>(plan);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
    call_ = stub_->PrepareCall(&context_, "/planned/Write", &queue_);
    call_->StartCall(nullptr);
    EXPECT_TRUE(HasSucceeded());
  }

  ~StallTimerTest() override {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    HasSucceeded();
    queue_.Shutdown();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  // Of the one operation that is on its way.
  bool HasSucceeded() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  bool Read() {
    grpc::ByteBuffer message;
    call_->Read(&message, nullptr);
    return HasSucceeded();
  }

  std::unique_ptr<PlannedService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::GenericStub> stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

TEST_F(StallTimerTest, AReaderThatStopsEndsItsCall) {
  Start({.messages = 100,
         .bytes_of_each = 1 << 20,
         .max_wait = absl::Milliseconds(200),
         .between_them = absl::ZeroDuration()});
  std::future<int> written = service_->written();
  EXPECT_TRUE(Read());
  ASSERT_EQ(written.wait_for(kPatience), std::future_status::ready);
  EXPECT_LT(written.get(), 100);
}

TEST_F(StallTimerTest, TheTimeBetweenWritesIsNotTheReaders) {
  Start({.messages = 2, .bytes_of_each = 10, .max_wait = absl::Seconds(2), .between_them = absl::Seconds(3)});
  std::future<int> written = service_->written();
  EXPECT_TRUE(Read());
  EXPECT_TRUE(Read());
  EXPECT_FALSE(Read());
  ASSERT_EQ(written.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(written.get(), 2);
}

}  // namespace
}  // namespace quartermaster::server
