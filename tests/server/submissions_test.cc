// Answers that are still to come when a server closes.
#include "server/submissions.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "server/receipt_key.h"
#include "server/receipt_signer.h"
#include "tests/server/figures_fixture.h"

namespace quartermaster::server {
namespace {

class SubmissionsTest : public FiguresFixture {};

TEST_F(SubmissionsTest, AnswersAreAwaitedThatTheSignerStillHas) {
  constexpr int kReturns = 50;
  ImportParticipants({"RT1"});
  const std::string key_folder = folder_ + "/keys";
  std::filesystem::create_directory(key_folder);
  const auto key = ReceiptKey::Open(key_folder);
  ASSERT_TRUE(key.ok()) << key.status();
  ReceiptSigner signer(key->get());
  std::atomic<int> answered = 0;
  std::vector<v1::Verdict> verdicts(kReturns);
  {
    Submissions submissions(
        store_.get(), state_.get(), disclosure_.get(), [] { return absl::Now(); },
        SubmissionHelpers{.signer = &signer});
    for (v1::Verdict& verdict : verdicts) {
      submissions.Submit(Return("team", "RT1", "2025-26-Q1", {{"caseload", &verdict - verdicts.data()}}), Everybody(),
                         &verdict, [&](const absl::Status& status) {
                           EXPECT_TRUE(status.ok() && verdict.receipt().has_signature()) << status;
                           std::this_thread::sleep_for(std::chrono::milliseconds(1));
                           ++answered;
                         });
    }
    submissions.AwaitAnswers();
    EXPECT_EQ(answered, kReturns);
  }
}

}  // namespace
}  // namespace quartermaster::server
