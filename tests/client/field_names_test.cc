// Names of fields as people write them.
#include "client/field_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/compile_collection.h"

namespace quartermaster::client {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kStaffCollection[] = R"schema(
  syntax = "proto3";
  package quartermaster.test.v1;
  import "quartermaster/schema/v1/annotations.proto";
  option (schema.v1.collection) = {id: "c" title: "C" cadence: [CADENCE_MONTH] first_period: "2020-04"};
  message Staff {
    optional int64 substantive = 1 [(schema.v1.field) = {label: "Substantive staff" rollup: ROLLUP_SUM}];
    optional int64 total = 2 [(schema.v1.field) = {label: "Total" rollup: ROLLUP_SUM}];
  }
  message S {
    option (schema.v1.service) = {id: "s" title: "S"};
    optional int64 available_beds = 1 [(schema.v1.field) = {label: "Available bed days" rollup: ROLLUP_SUM}];
    optional int64 weeks_1_5 = 2 [(schema.v1.field) = {label: "Waited 1-5 weeks" rollup: ROLLUP_SUM}];
    optional int64 long_wait = 3 [(schema.v1.field) = {label: "Weeks 15" rollup: ROLLUP_SUM}];
    Staff pay = 4;
    Staff bank = 5;
    optional int64 admissions = 6 [(schema.v1.field) = {label: "Discharges" rollup: ROLLUP_SUM}];
    optional int64 discharges = 7 [(schema.v1.field) = {label: "Left" rollup: ROLLUP_SUM}];
    optional int64 open = 8 [(schema.v1.field) = {label: "Same" rollup: ROLLUP_SUM}];
    optional int64 closed = 9 [(schema.v1.field) = {label: "Same" rollup: ROLLUP_SUM}];
  }
)schema";

class FieldNamesTest : public ::testing::Test {
 protected:
  std::string Find(absl::string_view name) const {
    const FieldSchema* field = names_.Find(name);
    return field == nullptr ? "" : field->path;
  }
  std::string FindMeant(absl::string_view name) const {
    const FieldSchema* field = names_.FindMeant(name);
    return field == nullptr ? "" : field->path;
  }

  std::shared_ptr<const CollectionSchema> schema_ = testing::CollectionFromText(kStaffCollection);
  FieldNames names_{*schema_->services().front()};
};

TEST_F(FieldNamesTest, TakesPathsAndLabelsAsPeopleWriteThem) {
  for (const char* name : {"available_beds", "available-beds", "Available Beds", "AVAILABLE_BEDS", "availablebeds",
                           "Available bed days", "Available Bed Days", "available_bed_days", " Available  bed\tdays ",
                           "Available\xC2\xA0"
                           "bed days",
                           "avail\xE2\x80\x8B"
                           "able_beds",
                           "available\xE2\x80\x93"
                           "beds"}) {
    EXPECT_EQ(Find(name), "available_beds") << name;
  }
  EXPECT_EQ(Find("Pay: Substantive staff"), "pay.substantive");
  EXPECT_EQ(Find("pay:substantive staff"), "pay.substantive");
  EXPECT_EQ(Find("Pay.Substantive"), "pay.substantive");
  EXPECT_EQ(Find("bank: total"), "bank.total");
  for (const char* name : {"", "beds", "Substantive staff", "available/beds"}) EXPECT_EQ(Find(name), "") << name;
}

TEST_F(FieldNamesTest, KeepsNumbersApart) {
  EXPECT_EQ(Find("Weeks 1-5"), "weeks_1_5");
  EXPECT_EQ(Find("waited 1 5 weeks"), "weeks_1_5");
  EXPECT_EQ(Find("weeks 15"), "long_wait");
}

TEST_F(FieldNamesTest, TakesAnExactPathFirstAndNothingThatIsAmbiguous) {
  EXPECT_EQ(Find("discharges"), "discharges");
  EXPECT_EQ(Find("Discharges"), "");  // The label of one and the path of another.
  EXPECT_THAT(names_.FindAll("Discharges"), SizeIs(2));
  EXPECT_THAT(names_.FindAll("same"), SizeIs(2));
  EXPECT_THAT(names_.FindAll("nothing"), IsEmpty());
}

TEST_F(FieldNamesTest, GuessesWhatIsMeant) {
  EXPECT_EQ(FindMeant("availabel beds"), "available_beds");
  EXPECT_EQ(FindMeant("Avaliable bed days"), "available_beds");
  EXPECT_EQ(FindMeant("Pay: Substantiv staff"), "pay.substantive");
  EXPECT_EQ(FindMeant("Total"), "");  // Either group has one.
  EXPECT_EQ(FindMeant("Comments"), "");
}

}  // namespace
}  // namespace quartermaster::client
