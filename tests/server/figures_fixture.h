// A server with a small collection whose returns are given as a few numbers, for tests of figures over time.
#ifndef QUARTERMASTER_TESTS_SERVER_FIGURES_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_FIGURES_FIXTURE_H_

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {

inline constexpr char kFiguresCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2024-04" };
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_ACUTE = 1;
  KIND_OTHER = 2;
}
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Wards" };
  option (schema.v1.indicator) = { id: "occupancy" title: "Occupancy" unit: "%" decimals: 1
    numerator: "occupied" denominator: "available" factor: 100 polarity: POLARITY_LOWER_IS_BETTER };
  option (schema.v1.indicator) = { id: "growth" title: "Growth" value: "occupied - lost" };
  option (schema.v1.indicator) = { id: "split" title: "Split" distribution: "split" };
  optional double available = 1 [(schema.v1.field) = { label: "Available" min: 0 decimals: 2 rollup: ROLLUP_SUM }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" min: 0 decimals: 2 rollup: ROLLUP_SUM allow_not_available: true }];
  optional double lost = 3 [(schema.v1.field) = { label: "Lost" min: 0 decimals: 2 rollup: ROLLUP_SUM }];
  optional Split split = 4 [(schema.v1.field) = { label: "Split" }];
  optional string note = 5 [(schema.v1.field) = { label: "Note" max_length: 4000 }];
  optional bool open = 6 [(schema.v1.field) = { label: "Open" rollup: ROLLUP_LAST }];
  optional Kind kind = 7 [(schema.v1.field) = { label: "Kind" rollup: ROLLUP_LAST }];
}
message Split {
  optional int64 day = 1 [(schema.v1.field) = { label: "Day" min: 0 rollup: ROLLUP_SUM }];
  optional int64 night = 2 [(schema.v1.field) = { label: "Night" min: 0 rollup: ROLLUP_SUM }];
}
message Team {
  option (schema.v1.service) = { id: "team" title: "Teams" };
  option (schema.v1.indicator) = { id: "caseload" title: "Caseload" value: "caseload" decimals: 1 };
  option (schema.v1.indicator) = { id: "growth" title: "Growth" value: "caseload" };
  optional double caseload = 1 [(schema.v1.field) = { label: "Caseload" min: 0 decimals: 2 rollup: ROLLUP_LAST }];
}
message Survey {
  option (schema.v1.service) = { id: "survey" title: "Survey" };
  option (schema.v1.indicator) = { id: "open" title: "Open" unit: "%" decimals: 1 share_of_yes: "open" };
  option (schema.v1.indicator) = { id: "kind" title: "Kind" unit: "%" decimals: 1 distribution: "kind" };
  option (schema.v1.indicator) = { id: "beds" title: "Beds" decimals: 1 value: "beds" };
  optional bool open = 1 [(schema.v1.field) = { label: "Open" rollup: ROLLUP_LAST }];
  optional Kind kind = 2 [(schema.v1.field) = { label: "Kind" rollup: ROLLUP_LAST }];
  optional double beds = 3 [(schema.v1.field) = { label: "Beds" min: 0 decimals: 2 rollup: ROLLUP_LAST }];
}
)schema";

class FiguresFixture : public ServerFixture {
 protected:
  using Numbers = std::map<std::string, double>;  // By the path of the field.

  FiguresFixture() { Publish(kFiguresCollection); }

  // With a text in the field "note" if that is not empty.
  v1::SubmitReturnRequest Return(const std::string& service, const std::string& participant, const std::string& period,
                                 const Numbers& numbers, const std::string& note = "") const {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* schema = collection->schema->FindService(service);
    const auto message = schema->NewMessage();
    for (const auto& [path, number] : numbers) {
      const FieldSchema* field = schema->FindField(path);
      google::protobuf::Message* owner = message.get();
      for (size_t i = 0; i + 1 < field->descriptors.size(); ++i) {
        owner = owner->GetReflection()->MutableMessage(owner, field->descriptors[i]);
      }
      const google::protobuf::FieldDescriptor* last = field->descriptors.back();
      switch (field->type) {
        case ValueType::kInt:
          owner->GetReflection()->SetInt64(owner, last, static_cast<int64_t>(number));
          break;
        case ValueType::kBool:
          owner->GetReflection()->SetBool(owner, last, number != 0);
          break;
        case ValueType::kChoice:
          owner->GetReflection()->SetEnumValue(owner, last, static_cast<int>(number));
          break;
        default:
          owner->GetReflection()->SetDouble(owner, last, number);
      }
    }
    if (!note.empty()) {
      message->GetReflection()->SetString(message.get(), schema->FindField("note")->descriptors.back(), note);
    }
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service(service);
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  void Put(const std::string& service, const std::string& participant, const std::string& period,
           const Numbers& numbers) {
    Send(Return(service, participant, period, numbers));
  }

  void Send(const v1::SubmitReturnRequest& request) {
    const auto verdict = Submit(request);
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    ASSERT_TRUE(verdict->accepted()) << verdict->DebugString();
  }

  // Registers a participant, or says more of one: its nation, or what it became.
  void Register(const v1::Participant& participant) {
    v1::ImportParticipantsRequest request;
    *request.add_participants() = participant;
    const auto imported = Await<v1::ImportParticipantsResponse>(
        [&](auto done) { imports_->ImportParticipants(request, "test", std::move(done)); });
    ASSERT_TRUE(imported.ok()) << imported.status();
    ASSERT_TRUE(imported->findings().empty()) << imported->DebugString();
  }
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_FIGURES_FIXTURE_H_
