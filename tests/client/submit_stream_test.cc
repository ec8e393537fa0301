// Submitting over a stream and one by one, against a server in this process that fails in the ways servers fail.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "client/request_id.h"
#include "client/server.h"
#include "google/rpc/error_details.pb.h"
#include "quartermaster/v1/submission_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers the n-th request that it gets, counted from 1, over all calls. An OK status without a verdict ends the
// stream.
struct Answer {
  absl::optional<v1::Verdict> verdict;
  absl::optional<google::rpc::Status> error;
  grpc::Status end;
};
using Behaviour = std::function<Answer(int number, const v1::SubmitReturnRequest& request)>;

Answer Accept(const v1::SubmitReturnRequest& request) {
  Answer answer;
  answer.verdict.emplace();
  answer.verdict->set_participant(request.content().participant());
  answer.verdict->set_accepted(true);
  return answer;
}

Answer Fail(grpc::StatusCode code, const std::string& message) {
  Answer answer;
  answer.error.emplace();
  answer.error->set_code(code);
  answer.error->set_message(message);
  return answer;
}

// As qm-server fails: with an ErrorInfo.
Answer FailAsServer(grpc::StatusCode code, const std::string& message) {
  Answer answer = Fail(code, message);
  google::rpc::ErrorInfo info;
  info.set_domain("quartermaster");
  info.set_reason("A_REASON");
  answer.error->add_details()->PackFrom(info);
  return answer;
}

Answer EndStream(grpc::Status status) {
  Answer answer;
  answer.end = std::move(status);
  return answer;
}

class FakeService : public v1::SubmissionService::Service {
 public:
  explicit FakeService(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}

  grpc::Status SubmitReturn(grpc::ServerContext*, const v1::SubmitReturnRequest* request,
                            v1::SubmitReturnResponse* response) override {
    const Answer answer = Decide(*request);
    if (answer.error) {
      return {static_cast<grpc::StatusCode>(answer.error->code()), answer.error->message(),
              answer.error->SerializeAsString()};
    }
    if (!answer.verdict) return answer.end;
    *response->mutable_verdict() = *answer.verdict;
    return grpc::Status::OK;
  }

  grpc::Status SubmitReturns(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::SubmitReturnsResponse, v1::SubmitReturnsRequest>* stream) override {
    v1::SubmitReturnsRequest request;
    while (stream->Read(&request)) {
      const Answer answer = Decide(request.submission());
      v1::SubmitReturnsResponse response;
      if (answer.error) {
        *response.mutable_error() = *answer.error;
      } else if (answer.verdict) {
        *response.mutable_verdict() = *answer.verdict;
      } else {
        return answer.end;
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  // The ids under which each participant's return came.
  std::map<std::string, std::vector<std::string>> request_ids() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return request_ids_;
  }

 private:
  Answer Decide(const v1::SubmitReturnRequest& request) {
    int number = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      request_ids_[request.content().participant()].push_back(request.request_id());
      number = ++count_;
    }
    return behaviour_(number, request);
  }

  const Behaviour behaviour_;
  std::mutex mutex_;
  int count_ = 0;
  std::map<std::string, std::vector<std::string>> request_ids_;
};

// Whether the streamed or the unary way is tried.
class SubmitTest : public ::testing::TestWithParam<bool> {
 protected:
  // On a port that the kernel picks, or on this one.
  void Serve(Behaviour behaviour, const std::string& address = "127.0.0.1:0") {
    service_ = std::make_unique<FakeService>(std::move(behaviour));
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  // One line a return: "RT0 accepted", or "RT0 CODE message".
  std::vector<std::string> Submit(int count, int timeout_seconds = 20) {
    return Submit(count, MakeServer(timeout_seconds).get());
  }

  std::unique_ptr<Server> MakeServer(int timeout_seconds = 20) {
    ServerOptions options;
    options.address = address_;
    options.timeout_seconds = timeout_seconds;
    options.first_retry_wait = absl::Milliseconds(1);
    return std::make_unique<Server>(options);
  }

  std::vector<std::string> Submit(int count, Server* server) {
    std::vector<v1::SubmitReturnRequest> requests(static_cast<size_t>(count));
    for (size_t i = 0; i < requests.size(); ++i) {
      requests[i].mutable_content()->set_participant(absl::StrCat("RT", i));
      requests[i].set_request_id(NewRequestId());
    }
    std::vector<std::string> lines;
    const Server::OnVerdict on_verdict = [&lines](size_t index, absl::StatusOr<v1::Verdict> verdict) {
      EXPECT_EQ(index, lines.size());  // In order, each once.
      lines.push_back(verdict.ok()
                          ? absl::StrCat(verdict->participant(), verdict->accepted() ? " accepted" : " rejected")
                          : absl::StrCat("RT", index, " ", verdict.status().ToString()));
    };
    if (GetParam()) {
      server->SubmitStreamed(requests, common_, on_verdict);
    } else {
      server->SubmitOneByOne(requests, common_, on_verdict);
    }
    return lines;
  }

  static std::vector<std::string> AllAccepted(int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back(absl::StrCat("RT", i, " accepted"));
    return lines;
  }

  // Each return came under one id, however often it came.
  void ExpectOneIdEach() {
    for (const auto& [participant, ids] : service_->request_ids()) {
      EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u) << participant;
    }
  }

  v1::SubmitReturnRequest common_;
  std::unique_ptr<FakeService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

INSTANTIATE_TEST_SUITE_P(Ways, SubmitTest, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& way) { return way.param ? "Streamed" : "Unary"; });

TEST_P(SubmitTest, GivesAVerdictForEachReturnInOrder) {
  Serve([](int, const v1::SubmitReturnRequest& request) { return Accept(request); });
  const int count = 3 * static_cast<int>(Server::kMaxInFlight) + 1;
  EXPECT_EQ(Submit(count), AllAccepted(count));
}

TEST_P(SubmitTest, HasNothingToDoWithoutReturns) {
  Serve([](int, const v1::SubmitReturnRequest& request) { return Accept(request); });
  EXPECT_EQ(Submit(0), AllAccepted(0));
}

TEST_P(SubmitTest, SendsWithEachReturnWhatAllHaveInCommon) {
  common_.set_validate_only(true);
  common_.add_explanations()->set_text("A ward opened.");
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    EXPECT_TRUE(request.validate_only());
    EXPECT_EQ(request.explanations_size(), 1);
    EXPECT_FALSE(request.request_id().empty());
    return number == 2 ? Fail(grpc::StatusCode::UNAVAILABLE, "restarting") : Accept(request);
  });
  EXPECT_EQ(Submit(3), AllAccepted(3));
}

TEST_P(SubmitTest, SendsAgainUnderTheSameIdWhatTheServerCouldNotAnswer) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number == 3 || number == 5 ? Fail(grpc::StatusCode::UNAVAILABLE, "restarting") : Accept(request);
  });
  EXPECT_EQ(Submit(8), AllAccepted(8));
  ExpectOneIdEach();
}

TEST_P(SubmitTest, SendsAgainUnderTheSameIdWhatFoundTooManyWritesWaiting) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number == 2 || number == 3 ? FailAsServer(grpc::StatusCode::RESOURCE_EXHAUSTED, "9 writes wait already.")
                                      : Accept(request);
  });
  EXPECT_EQ(Submit(5), AllAccepted(5));
  ExpectOneIdEach();
}

TEST_P(SubmitTest, GivesUpOnAServerThatIsBusyAllTheTime) {
  Serve([](int, const v1::SubmitReturnRequest&) {
    return FailAsServer(grpc::StatusCode::RESOURCE_EXHAUSTED, "9 writes wait already. Nothing was stored");
  });
  EXPECT_THAT(Submit(1), ElementsAre("RT0 RESOURCE_EXHAUSTED: 9 writes wait already. Nothing was stored."));
  EXPECT_EQ(service_->request_ids()["RT0"].size(), static_cast<size_t>(Server::kMaxAttempts));
  ExpectOneIdEach();
}

TEST_P(SubmitTest, DoesNotRepeatWhatGrpcFindsTooLarge) {
  Serve([](int, const v1::SubmitReturnRequest&) {
    return Fail(grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max");
  });
  EXPECT_THAT(Submit(1),
              ElementsAre("RT0 OUT_OF_RANGE: Received message larger than max. It is more than the server takes "
                          "in one call: send less at once."));
  EXPECT_EQ(service_->request_ids()["RT0"].size(), 1u);
}

TEST_P(SubmitTest, PassesOnWhatTheServerItselfSaysOfAFailure) {
  Serve([](int, const v1::SubmitReturnRequest&) {
    return FailAsServer(grpc::StatusCode::UNAVAILABLE, "a write to the store failed and its outcome is unknown");
  });
  EXPECT_THAT(Submit(1), ElementsAre("RT0 UNAVAILABLE: a write to the store failed and its outcome is unknown."));
  EXPECT_EQ(service_->request_ids()["RT0"].size(), static_cast<size_t>(Server::kMaxAttempts));
}

TEST_P(SubmitTest, SurvivesInterruptions) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number % 7 == 0 ? EndStream({grpc::StatusCode::UNAVAILABLE, "going down"}) : Accept(request);
  });
  EXPECT_EQ(Submit(20), AllAccepted(20));
  ExpectOneIdEach();
}

TEST_P(SubmitTest, GivesUpOnAServerThatStaysAway) {
  Serve([](int, const v1::SubmitReturnRequest&) { return Fail(grpc::StatusCode::UNAVAILABLE, "the disk is full"); });
  const std::vector<std::string> lines = Submit(1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(lines[0], HasSubstr("the disk is full"));
  EXPECT_EQ(service_->request_ids()["RT0"].size(), static_cast<size_t>(Server::kMaxAttempts));
}

TEST_P(SubmitTest, DoesNotRepeatWhatWasRefused) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number == 2 ? Fail(grpc::StatusCode::PERMISSION_DENIED, "RT1 is not yours") : Accept(request);
  });
  const std::vector<std::string> lines = Submit(3);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "RT0 accepted");
  EXPECT_THAT(lines[1], HasSubstr("PERMISSION_DENIED: RT1 is not yours."));
  EXPECT_EQ(lines[2], "RT2 accepted");
  EXPECT_EQ(service_->request_ids()["RT1"].size(), 1u);
}

TEST_P(SubmitTest, NamesAnUnreachableServer) {
  // A port that was free a moment ago: it is bound and closed again.
  Serve([](int, const v1::SubmitReturnRequest& request) { return Accept(request); });
  server_->Shutdown();
  server_.reset();
  const std::vector<std::string> lines = Submit(2);
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) {
    EXPECT_THAT(line, HasSubstr("UNAVAILABLE"));
    EXPECT_THAT(line, HasSubstr("no answer from " + address_));
    EXPECT_THAT(line, HasSubstr("Check that qm-server runs"));
  }
}

using SubmitStreamTest = SubmitTest;
INSTANTIATE_TEST_SUITE_P(Streamed, SubmitStreamTest, ::testing::Values(true));

TEST_P(SubmitStreamTest, TakesTheEndOfTheStreamForAFailureOfTheRest) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number == 2 ? EndStream({grpc::StatusCode::UNAUTHENTICATED, "the token has expired"}) : Accept(request);
  });
  const std::vector<std::string> lines = Submit(3);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "RT0 accepted");
  EXPECT_THAT(lines[1], HasSubstr("UNAUTHENTICATED: the token has expired."));
  EXPECT_THAT(lines[2], HasSubstr("UNAUTHENTICATED"));
}

TEST_P(SubmitStreamTest, DoesNotTakeAShortStreamForSuccess) {
  Serve([](int number, const v1::SubmitReturnRequest& request) {
    return number == 2 ? EndStream(grpc::Status::OK) : Accept(request);
  });
  const std::vector<std::string> lines = Submit(2);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], HasSubstr("INTERNAL"));
}

TEST_P(SubmitStreamTest, GivesUpWhenNothingMoves) {
  const auto may_answer = std::make_shared<absl::Notification>();
  Serve([may_answer](int, const v1::SubmitReturnRequest& request) {
    may_answer->WaitForNotification();
    return Accept(request);
  });
  const std::vector<std::string> lines = Submit(2, 1);
  may_answer->Notify();
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("DEADLINE_EXCEEDED"));
}

TEST_P(SubmitTest, ServerThatWasNotThereIsFoundOnceItIs) {
  const Behaviour accept = [](int, const v1::SubmitReturnRequest& request) { return Accept(request); };
  Serve(accept);
  server_->Shutdown();
  server_->Wait();
  const auto server = MakeServer();
  for (const std::string& line : Submit(1, server.get())) EXPECT_THAT(line, HasSubstr("UNAVAILABLE"));
  Serve(accept, address_);
  ASSERT_NE(server_, nullptr) << "somebody else has taken the port";
  EXPECT_EQ(Submit(2, server.get()), AllAccepted(2));
}

TEST(RequestIdTest, IsARandomUuid) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewRequestId();
    EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace quartermaster::client
