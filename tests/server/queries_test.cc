// Where queries stand, as it is moved by each commit, against what a rebuild makes of the store; and that what is found
// does not depend on the speed of the disk.
#include "server/queries.h"

#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

constexpr char kQueriedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available" message: "More are occupied than available." };
  optional int64 available = 1 [(schema.v1.field) = { label: "Available" change: { percent: 50 absolute: 2 } }];
  optional int64 occupied = 2 [(schema.v1.field) = { label: "Occupied" change: { percent: 50 absolute: 2 } }];
}
)schema";

class QueriesTest : public ServerFixture {
 protected:
  QueriesTest() {
    Publish(kQueriedCollection);
    ImportParticipants({"P10", "P11", "P12"});
  }

  v1::SubmitReturnRequest Request(const std::string& participant, const std::string& period, int64_t available,
                                  int64_t occupied) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    message->GetReflection()->SetInt64(message.get(), service->fields()[0].descriptors.back(), available);
    message->GetReflection()->SetInt64(message.get(), service->fields()[1].descriptors.back(), occupied);
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  // Every query as text, gathered in pages of three.
  std::string Listed(const Queries& queries) const {
    v1::ListQueriesRequest request;
    request.set_collection("test");
    request.set_page_size(3);
    std::string text;
    do {
      const v1::ListQueriesResponse page = queries.List(request, Everybody()).value();
      for (const v1::Query& query : page.queries()) absl::StrAppend(&text, query.DebugString(), "\n");
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return text;
  }

  std::string ListedAfterARebuild() {
    const std::unique_ptr<LiveState> rebuilt = LiveState::Build(store_.get()).value();
    return Listed(Queries(store_.get(), rebuilt.get()));
  }

  // Says something at random about a query at random; whether it may be said is not the question here.
  void SaySomething(std::mt19937_64& random) {
    v1::ListQueriesRequest request;
    request.set_collection("test");
    const v1::ListQueriesResponse all = queries_->List(request, Everybody()).value();
    if (all.queries().empty()) return;
    const v1::Query& query = all.queries(static_cast<int>(random() % static_cast<size_t>(all.queries_size())));
    v1::QueryEvent event;
    event.set_kind(static_cast<v1::QueryEvent::Kind>(1 + random() % 4));
    event.set_text(absl::StrCat("text ", random() % 3));
    const auto said = Await<v1::Query>([&](auto done) { queries_->Say(query.name(), event, "test", std::move(done)); });
    EXPECT_TRUE(said.ok() || absl::IsFailedPrecondition(said.status())) << said.status();
  }

  void Withdraw(const std::string& participant, const std::string& period) {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant(participant);
    request.set_period(period);
    request.set_reason("test");
    (void)Await<storage::StoredReturn>(
        [&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
  }
};

TEST_F(QueriesTest, MovedEqualsRebuilt) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  size_t listed = 0;
  for (int step = 0; step < 600; ++step) {
    const std::string participant = absl::StrCat("P", 10 + random() % 3);
    const std::string period = absl::StrCat("2024-0", 1 + random() % 5);
    switch (random() % 6) {
      case 0:
        Withdraw(participant, period);
        break;
      case 1:
      case 2:
        SaySomething(random);
        break;
      default: {
        v1::SubmitReturnRequest request =
            Request(participant, period, static_cast<int64_t>(random() % 8), static_cast<int64_t>(random() % 8));
        if (random() % 4 == 0) {
          v1::QueryExplanation* explanation = request.add_explanations();
          explanation->set_rule_id(random() % 2 == 0 ? "within" : "change");
          explanation->set_text(absl::StrCat("text ", random() % 3));
        }
        ASSERT_TRUE(Submit(request).value().accepted());
      }
    }
    if (step % 100 != 99) continue;
    const std::string moved = Listed(*queries_);
    listed += moved.size();
    ASSERT_EQ(moved, ListedAfterARebuild()) << "after step " << step << ", seed " << seed;
  }
  EXPECT_GT(listed, 0u);
  const std::string before = Listed(*queries_);
  Close();
  Open();
  EXPECT_EQ(Listed(*queries_), before);
}

// The second return is judged while the first waits for its commit, or after it: what is found is the same.
TEST_F(QueriesTest, OfAReturnThatWasReplacedSinceNoneStands) {
  v1::SubmitReturnRequest request = Request("P10", "2024-01", 10, 20);
  request.set_request_id("123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(Submit(request).value().queries_size(), 1);
  const v1::Verdict again = Submit(request).value();
  EXPECT_TRUE(again.answered_before() && !again.has_replaced_by_revision());
  EXPECT_EQ(again.queries_size(), 1);
  ASSERT_TRUE(Submit(Request("P10", "2024-01", 20, 20)).value().accepted());
  const v1::Verdict past = Submit(request).value();
  EXPECT_EQ(past.replaced_by_revision(), 2u);
  EXPECT_EQ(past.findings_size(), 1);
  EXPECT_EQ(past.queries_size(), 0);
}

TEST_F(QueriesTest, AReturnIsJudgedAgainstThoseThatWait) {
  for (int round = 0; round < 30; ++round) {
    const int64_t base = 10 + 100 * round;
    std::vector<v1::Verdict> verdicts(5);
    std::vector<std::promise<absl::Status>> answers(5);
    for (size_t month = 0; month < 5; ++month) {
      // Every other month has twice as many as the month before, and the others half as many.
      const int64_t value = month % 2 == 0 ? base : base * 2;
      submissions_->Submit(Request("P10", absl::StrCat("2024-0", 1 + month), value, value), Everybody(),
                           &verdicts[month],
                           [&answer = answers[month]](const absl::Status& status) { answer.set_value(status); });
    }
    for (size_t month = 0; month < 5; ++month) {
      const absl::Status status = answers[month].get_future().get();
      ASSERT_TRUE(status.ok()) << status;
      const v1::Verdict& verdict = verdicts[month];
      // January has no month before it; a fall to the half is within 50 %.
      EXPECT_EQ(verdict.findings_size(), month % 2 == 0 ? 0 : 2) << "round " << round << ", month " << month;
    }
  }
}

}  // namespace
}  // namespace quartermaster::server
