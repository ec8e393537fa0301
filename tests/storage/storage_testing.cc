// Helpers of the tests of storage.
#include "tests/storage/storage_testing.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::storage {

TemporaryFolder::TemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "quartermaster-test-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) std::abort();
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void WaitUntil(absl::FunctionRef<bool()> is_so) {
  for (int i = 0; i < 60'000 && !is_so(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void WaitForWrites(const Store& store) {
  WaitUntil([&] { return store.writes().ok(); });
  ASSERT_TRUE(store.writes().ok()) << store.writes();
}

void WaitForRefusal(const Store& store) {
  WaitUntil([&] { return !store.writes().ok(); });
  ASSERT_FALSE(store.writes().ok());
}

absl::StatusOr<SubmissionResult> SubmitAndWait(Store& store, Submission submission) {
  Answer<SubmissionResult> answer;
  store.Submit(std::move(submission), nullptr, answer.Done(), CommitOn::kCallersThread);
  return answer.Wait();
}

absl::StatusOr<WithdrawalResult> WithdrawAndWait(Store& store, WithdrawalRequest request) {
  Answer<WithdrawalResult> answer;
  store.Withdraw(std::move(request), nullptr, answer.Done());
  return answer.Wait();
}

absl::StatusOr<uint64_t> ChangeAndWait(Store& store, CatalogueChange change) {
  Answer<uint64_t> answer;
  store.ChangeCatalogue(std::move(change), nullptr, answer.Done());
  return answer.Wait();
}

absl::StatusOr<QueryChangeResult> ChangeQueryAndWait(Store& store, QueryChange change) {
  Answer<QueryChangeResult> answer;
  store.ChangeQuery(std::move(change), nullptr, answer.Done());
  return answer.Wait();
}

std::string RequestId(uint64_t number) { return absl::StrCat(absl::Hex(number, absl::kZeroPad16)); }

ReturnKey Key(const std::string& participant, const std::string& period) {
  return {"mhlda", "adult-inpatient", participant, period};
}

Submission MakeSubmission(const ReturnKey& key, const std::string& content, const std::string& request_id) {
  Submission submission;
  submission.key = key;
  submission.record.set_data(content);
  submission.record.mutable_receipt()->set_submitter("data team");
  submission.record.mutable_receipt()->set_content_sha256(absl::StrCat("hash of ", content));
  submission.record.mutable_receipt()->set_rule_version(3);
  submission.request_id = request_id;
  return submission;
}

void Put(Store& store, const ReturnKey& key) { ASSERT_TRUE(SubmitAndWait(store, MakeSubmission(key, "x")).ok()); }

WithdrawalRequest MakeWithdrawal(const ReturnKey& key, const std::string& reason, const std::string& request_id) {
  WithdrawalRequest request;
  request.key = key;
  request.submitter = "data team";
  request.reason = reason;
  request.request_id = request_id;
  return request;
}

QueryName Query(const ReturnKey& key) { return {key, "maximum", "beds.open"}; }

quartermaster::v1::QueryEvent MakeEvent(const std::string& text) {
  quartermaster::v1::QueryEvent event;
  event.set_kind(quartermaster::v1::QueryEvent::KIND_EXPLAINED);
  event.set_reason(quartermaster::v1::EXPLANATION_REASON_DEMAND);
  event.set_text(text);
  event.set_author("data team");
  event.set_fingerprint("fp");
  return event;
}

QueryChange MakeQueryChange(const ReturnKey& key, const std::string& text, uint32_t expected_revision,
                            size_t expected_events) {
  return {Query(key), MakeEvent(text), expected_revision, expected_events};
}

std::vector<StoredReturn> ScanAll(const Store& store, const ReturnFilter& filter) {
  std::vector<StoredReturn> found;
  const absl::Status status = store.ScanReturns(filter, [&](StoredReturn& stored) {
    found.push_back(std::move(stored));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return found;
}

std::vector<std::string> ScanAllQueries(const Store& store, const std::string& collection) {
  std::vector<std::string> found;
  const absl::Status status = store.ScanQueries(collection, [&](const QueryName& name, const v1::QueryRecord& record) {
    found.push_back(FullText(name, record));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return found;
}

std::vector<std::string> Summaries(const std::vector<StoredReturn>& returns) {
  std::vector<std::string> out;
  out.reserve(returns.size());
  for (const StoredReturn& stored : returns) {
    out.push_back(absl::StrCat(stored.key.participant, " ", stored.key.period, " r", stored.record.receipt().revision(),
                               stored.withdrawal.has_value() ? " withdrawn" : ""));
  }
  return out;
}

std::string FullText(const StoredReturn& stored) {
  return absl::StrCat(stored.key.collection, "/", stored.key.service, "/", stored.key.participant, "/",
                      stored.key.period, "\n", stored.record.DebugString(),
                      stored.withdrawal.has_value() ? stored.withdrawal->DebugString() : "not withdrawn\n");
}

std::string FullText(const QueryName& name, const v1::QueryRecord& record) {
  return absl::StrCat(name.return_key.collection, "/", name.return_key.service, "/", name.return_key.participant, "/",
                      name.return_key.period, "/", name.rule_id, "/", name.subject, "\n", record.DebugString());
}

uint64_t TestSeed() { return NumberFromEnvironment("QM_TEST_SEED", std::random_device()()); }

uint64_t NumberFromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  uint64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

uint64_t Repetitions(uint64_t usual) { return usual * NumberFromEnvironment("QM_TEST_EFFORT", 1); }

}  // namespace quartermaster::storage
