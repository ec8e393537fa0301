// A collection of two services with a window, and short ways to send its returns.
#ifndef QUARTERMASTER_TESTS_SERVER_PROGRESS_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_PROGRESS_FIXTURE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {

class ProgressFixture : public ServerFixture {
 protected:
  ProgressFixture() {
    Publish(R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = {
  id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
  window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 42 release_days: 42 contact: "the test team" } };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available" message: "More are occupied than available." };
  option (schema.v1.indicator) = { id: "occupied" title: "Occupied" value: "occupied" };
  optional int64 available = 1 [(schema.v1.field) = {
    label: "Available" required: true allow_not_available: true rollup: ROLLUP_SUM }];
  optional int64 occupied = 2 [(schema.v1.field) = { label: "Occupied" required: true rollup: ROLLUP_SUM }];
  optional int64 closed = 3 [(schema.v1.field) = { label: "Closed" rollup: ROLLUP_SUM }];
  optional int64 leave = 4 [(schema.v1.field) = { label: "Leave" required: true required_since: "2030-04"
    rollup: ROLLUP_SUM }];
}
message Wards {
  option (schema.v1.service) = { id: "wards" title: "Wards" };
  option (schema.v1.indicator) = { id: "wards" title: "Wards" value: "wards" };
  optional int64 wards = 1 [(schema.v1.field) = { label: "Wards" rollup: ROLLUP_LAST }];
}
)schema");
  }

  // A request with the fields of these names.
  v1::SubmitReturnRequest Request(const std::string& service, const std::string& participant, const std::string& period,
                                  const std::map<std::string, int64_t>& values) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* schema = collection->schema->FindService(service);
    const auto message = schema->NewMessage();
    for (const auto& [name, value] : values) {
      message->GetReflection()->SetInt64(message.get(), schema->FindField(name)->descriptors.back(), value);
    }
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service(service);
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }
  v1::SubmitReturnRequest Wards(const std::string& participant, const std::string& period, int64_t wards = 5) {
    return Request("wards", participant, period, {{"wards", wards}});
  }

  void MustSubmit(const v1::SubmitReturnRequest& request) {
    const absl::StatusOr<v1::Verdict> verdict = Submit(request);
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    ASSERT_TRUE(verdict->accepted()) << verdict->ShortDebugString();
  }

  void MustWithdraw(const std::string& service, const std::string& participant, const std::string& period) {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service(service);
    request.set_participant(participant);
    request.set_period(period);
    request.set_reason("test");
    const auto withdrawn =
        Await<storage::StoredReturn>([&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
    ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  }

  void MustEnrol(const std::string& service, const std::vector<std::string>& participants) {
    v1::ImportEnrolmentsRequest request;
    for (const std::string& participant : participants) {
      v1::Enrolment* enrolment = request.add_enrolments();
      enrolment->set_collection("test");
      enrolment->set_service(service);
      enrolment->set_participant(participant);
    }
    const auto imported = Await<v1::ImportEnrolmentsResponse>(
        [&](auto done) { imports_->ImportEnrolments(request, "test", std::move(done)); });
    ASSERT_EQ(imported.value().updated(), participants.size()) << imported->ShortDebugString();
  }
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_PROGRESS_FIXTURE_H_
