// The server's memory against its store: after thousands of random submissions, resubmissions, withdrawals, population
// changes and a new version of the collection, in any order, every figure that was moved equals the one computed from
// scratch, bit for bit, also after a restart.
#include "server/live_state.h"

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

constexpr char kReplayedCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.indicator) = { id: "occupancy" title: "Occupancy" numerator: "occupied" denominator: "available" factor: 100 };
  option (schema.v1.indicator) = { id: "per-head" title: "Per head" numerator: "occupied" denominator: "population(\"18-64\")" factor: 100000 };
  option (schema.v1.indicator) = { id: "waiting" title: "Waiting" value: "waiting" };
  optional double available = 1 [(schema.v1.field) = { label: "Available" min: 0 decimals: 2 rollup: ROLLUP_SUM }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" min: 0 decimals: 4 rollup: ROLLUP_SUM }];
  optional int64 waiting = 3 [(schema.v1.field) = { label: "Waiting" min: 0 rollup: ROLLUP_LAST }];
  EXTRA
}
)schema";

std::string CollectionText(const std::string& extra) {
  std::string text = kReplayedCollection;
  text.replace(text.find("EXTRA"), 5, extra);
  return text;
}

class LiveStateTest : public ServerFixture {
 protected:
  LiveStateTest() {
    Publish(CollectionText(""));
    std::vector<std::string> codes;
    for (int i = 0; i < kParticipants; ++i) codes.push_back(Code(i));
    ImportParticipants(codes);
  }

  static std::string Code(int i) { return absl::StrCat("P", 10 + i); }
  static std::string RandomPeriod(std::mt19937_64& random) {
    const Period quarter = Period::Quarter(2023, 1).Plus(static_cast<int>(random() % 4));
    if (random() % 4 == 0) return quarter.ToString();
    return quarter.Parts()[random() % 3].ToString();
  }

  v1::SubmitReturnRequest RandomReturn(std::mt19937_64& random) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    for (const FieldSchema& field : service->fields()) {
      if (random() % 8 == 0) continue;  // Absent.
      const auto* descriptor = field.descriptors.back();
      const auto units = static_cast<int64_t>(random() % 2'000);
      if (field.type == ValueType::kInt) {
        message->GetReflection()->SetInt64(message.get(), descriptor, units);
      } else {
        message->GetReflection()->SetDouble(message.get(), descriptor, static_cast<double>(units) / 100);
      }
    }
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(Code(static_cast<int>(random() % kParticipants)));
    request.mutable_content()->set_period(RandomPeriod(random));
    request.mutable_content()->mutable_data()->PackFrom(*message);
    return request;
  }

  void WithdrawSomething(std::mt19937_64& random) {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant(Code(static_cast<int>(random() % kParticipants)));
    request.set_period(RandomPeriod(random));
    request.set_reason("random");
    const auto withdrawn =
        Await<storage::StoredReturn>([&](auto done) { submissions_->Withdraw(request, Everybody(), std::move(done)); });
    if (withdrawn.ok()) ++withdrawals_;
  }

  void ChangePopulation(std::mt19937_64& random) {
    v1::ImportPopulationsRequest request;
    auto* population = request.add_populations();
    population->set_participant(Code(static_cast<int>(random() % kParticipants)));
    population->set_age_band("18-64");
    population->set_registered(static_cast<int64_t>(random() % 1'000));
    if (random() % 2 == 0) population->set_from("2023-10");
    ASSERT_TRUE(Await<v1::ImportPopulationsResponse>([&](auto done) {
                  imports_->ImportPopulations(request, "test", std::move(done));
                }).ok());
  }

  std::string Moved() const { return state_->FindCollection("test").value()->national->Dump(); }
  std::string Recomputed() const {
    return LiveState::Build(store_.get()).value()->FindCollection("test").value()->national->Dump();
  }

  static constexpr int kParticipants = 12;
  int withdrawals_ = 0;
  int rejections_ = 0;
};

TEST_F(LiveStateTest, MovedEqualsRecomputedBitForBit) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  constexpr int kSteps = 3'000;
  for (int step = 0; step < kSteps; ++step) {
    if (step == kSteps / 2) {
      Publish(
          CollectionText("optional double later = 4 [(schema.v1.field) = { label: \"Later\" rollup: ROLLUP_MEAN }];"
                         "option (schema.v1.indicator) = { id: \"later\" title: \"Later\" value: \"later\" };"));
    }
    switch (random() % 10) {
      case 0:
      case 1:
        WithdrawSomething(random);
        break;
      case 2:
        ChangePopulation(random);
        break;
      default:
        // A month whose quarter was returned whole is rejected.
        if (!Submit(RandomReturn(random)).value().accepted()) ++rejections_;
    }
    if (step % 500 == 499) {
      ASSERT_EQ(Moved(), Recomputed()) << "after step " << step;
    }
  }
  EXPECT_LT(rejections_, kSteps / 2);
  EXPECT_GT(withdrawals_, 100);
  const std::string moved = Moved();
  EXPECT_GT(moved.size(), 10'000u);
  EXPECT_EQ(state_->sequence(), store_->last_sequence());
  Close();
  Open();
  EXPECT_EQ(Moved(), moved);
  EXPECT_EQ(state_->sequence(), store_->last_sequence());
}

// So many, with so many fields, that a start has them in several batches, for whichever of its threads is free.
TEST_F(LiveStateTest, ManyReturnsAreReadAsOne) {
  std::string fields;
  for (int i = 10; i < 150; ++i) {
    absl::StrAppend(&fields, "optional double x", i, " = ", i, " [(schema.v1.field) = { label: \"X", i,
                    "\" decimals: 2 rollup: ROLLUP_SUM }];\n");
  }
  Publish(CollectionText(fields));
  constexpr int kMany = 50;
  std::vector<std::string> codes;
  for (int i = 0; i < kMany; ++i) codes.push_back(absl::StrCat("Q", 10 + i));
  ImportParticipants(codes);
  std::mt19937_64 random(20260401);
  for (const std::string& code : codes) {
    for (int month = 0; month < 60; ++month) {
      v1::SubmitReturnRequest request = RandomReturn(random);
      request.mutable_content()->set_participant(code);
      request.mutable_content()->set_period(Period::Month(2020, 4).Plus(month).ToString());
      ASSERT_TRUE(Submit(request).value().accepted());
    }
  }
  EXPECT_EQ(Moved(), Recomputed());
}

TEST_F(LiveStateTest, WhatIsForetoldComesTrue) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    v1::SubmitReturnRequest request = RandomReturn(random);
    request.set_validate_only(true);
    const std::string before = Moved();
    const v1::Verdict foretold = Submit(request).value();
    EXPECT_FALSE(foretold.has_revision());
    ASSERT_EQ(Moved(), before);
    request.set_validate_only(false);
    const v1::Verdict stored = Submit(request).value();
    ASSERT_EQ(foretold.position_size(), stored.position_size());
    for (int p = 0; p < stored.position_size(); ++p) {
      ASSERT_EQ(foretold.position(p).DebugString(), stored.position(p).DebugString());
    }
  }
}

TEST_F(LiveStateTest, OneRequestIdGivesOneRevision) {
  std::mt19937_64 random(7);
  v1::SubmitReturnRequest request = RandomReturn(random);
  request.set_request_id("123e4567-e89b-12d3-a456-426614174000");
  constexpr int kClients = 8;
  std::vector<v1::Verdict> verdicts(kClients);
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] { verdicts[static_cast<size_t>(i)] = Submit(request).value(); });
  }
  for (std::thread& client : clients) client.join();
  // One of them was first; the others are told so, and nothing else is different.
  EXPECT_EQ(std::count_if(verdicts.begin(), verdicts.end(), [](const auto& each) { return !each.answered_before(); }),
            1);
  for (v1::Verdict& verdict : verdicts) verdict.clear_answered_before();
  for (const v1::Verdict& verdict : verdicts) EXPECT_EQ(verdict.DebugString(), verdicts[0].DebugString());
  EXPECT_EQ(verdicts[0].revision(), 1u);

  // Also when it comes again after a later revision, and after a restart.
  v1::SubmitReturnRequest later = request;
  later.clear_request_id();
  EXPECT_EQ(Submit(later).value().revision(), 2u);
  Close();
  Open();
  const v1::Verdict again = Submit(request).value();
  EXPECT_EQ(again.receipt().DebugString(), verdicts[0].receipt().DebugString());
  EXPECT_TRUE(again.answered_before() && again.replaced_by_revision() == 2) << again.DebugString();
  EXPECT_EQ(Moved(), Recomputed());

  request.mutable_content()->add_not_available()->set_field("occupied");
  EXPECT_EQ(Submit(request).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(LiveStateTest, RefusesAnOutdatedExpectation) {
  std::mt19937_64 random(7);
  v1::SubmitReturnRequest request = RandomReturn(random);
  request.set_expected_revision(1);
  EXPECT_EQ(Submit(request).status().code(), absl::StatusCode::kAborted);
  request.set_expected_revision(0);
  EXPECT_EQ(Submit(request).value().revision(), 1u);
  EXPECT_EQ(Submit(request).status().code(), absl::StatusCode::kAborted);
}

TEST_F(LiveStateTest, ARejectedReturnLeavesNothing) {
  std::mt19937_64 random(7);
  v1::SubmitReturnRequest request = RandomReturn(random);
  request.mutable_content()->set_participant("NOBODY");
  const uint64_t before = store_->last_sequence();
  const v1::Verdict verdict = Submit(request).value();
  EXPECT_FALSE(verdict.accepted());
  EXPECT_FALSE(verdict.has_revision());
  EXPECT_EQ(verdict.position_size(), 0);
  EXPECT_EQ(store_->last_sequence(), before);
  EXPECT_EQ(Moved(), Recomputed());
}

TEST_F(LiveStateTest, ImportsAreAllOrNothing) {
  v1::ImportParticipantsRequest request;
  request.add_participants()->set_code("GOOD1");
  request.mutable_participants(0)->set_name("Good");
  request.add_participants()->set_code("not good");
  const auto refused = Await<v1::ImportParticipantsResponse>([&](auto done) {
                         imports_->ImportParticipants(request, "test", std::move(done));
                       }).value();
  ASSERT_EQ(refused.findings_size(), 2);  // The code, and the missing name.
  EXPECT_EQ(refused.findings(0).row(), 2u);
  EXPECT_EQ(refused.created(), 0u);
  EXPECT_EQ(state_->participants()->Find("GOOD1"), nullptr);
}

}  // namespace
}  // namespace quartermaster::server
