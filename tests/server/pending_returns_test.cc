// Returns that wait for their commit, of which some are refused after all.
#include "server/pending_returns.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::server {
namespace {

constexpr char kPendingCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  optional int64 beds = 1 [(schema.v1.field) = { label: "Beds" }];
}
)schema";

class PendingReturnsTest : public ::testing::Test {
 protected:
  static PendingReturns::Key KeyOfMonth(int month) { return {"test", "beds", "RT1", Period::Month(2025, month)}; }

  uint64_t Put(int month, int64_t beds, const ServiceSchema& service) {
    FieldRow row(1);
    row[0].presence = Presence::kPresent;
    row[0].number = Decimal::FromInteger(beds);
    return pending_.Put(KeyOfMonth(month), &service, row);
  }
  // The number of beds of the return that waits, or "none".
  std::string Found(int month) const {
    const absl::optional<FieldRow> row = pending_.Find(KeyOfMonth(month), service_);
    return row ? row->at(0).number.ToString() : "none";
  }

  const std::shared_ptr<const CollectionSchema> collection_ = testing::CollectionFromText(kPendingCollection);
  const std::shared_ptr<const CollectionSchema> next_version_ = testing::CollectionFromText(kPendingCollection);
  const ServiceSchema& service_ = *collection_->FindService("beds");
  PendingReturns pending_;
};

TEST_F(PendingReturnsTest, WhereTheLaterOneIsRefusedTheEarlierOneStillWaits) {
  const uint64_t first = Put(4, 1, service_);
  const uint64_t second = Put(4, 2, service_);
  EXPECT_EQ(Found(4), "2");
  EXPECT_EQ(Found(5), "none");
  pending_.Remove(KeyOfMonth(4), second);
  EXPECT_EQ(Found(4), "1");
  pending_.Remove(KeyOfMonth(4), first);
  EXPECT_EQ(Found(4), "none");
}

TEST_F(PendingReturnsTest, TheNewestIsFoundWhicheverIsStoredFirst) {
  const uint64_t first = Put(4, 1, service_);
  const uint64_t second = Put(4, 2, service_);
  const uint64_t third = Put(4, 3, service_);
  pending_.Remove(KeyOfMonth(4), first);
  EXPECT_EQ(Found(4), "3");
  pending_.Remove(KeyOfMonth(4), second);
  EXPECT_EQ(Found(4), "3");
  pending_.Remove(KeyOfMonth(4), second);  // It is gone already.
  pending_.Remove(KeyOfMonth(4), third);
  pending_.Remove(KeyOfMonth(4), third);
  EXPECT_EQ(Found(4), "none");
}

TEST_F(PendingReturnsTest, WhatAnotherVersionJudgedIsNotFound) {
  Put(4, 1, service_);
  const uint64_t other = Put(4, 2, *next_version_->FindService("beds"));
  EXPECT_EQ(Found(4), "none");
  pending_.Remove(KeyOfMonth(4), other);
  EXPECT_EQ(Found(4), "1");
}

}  // namespace
}  // namespace quartermaster::server
