// When returns are taken, as a collection says it, and what is said of windows that cannot be.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/schema.h"

namespace quartermaster {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// A collection of quarters and months with these windows.
std::string WithWindows(const std::string& windows) {
  return absl::StrCat(R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
)schema",
                      windows, R"schema( };
message Beds { option (schema.v1.service) = { id: "beds" title: "Beds" };
  optional double a = 1 [(schema.v1.field) = { label: "A" }]; }
)schema");
}

// One window for the quarter, with these options in place of others.
std::string Quarter(const std::string& options) {
  return absl::StrCat("window: { cadence: CADENCE_QUARTER ", options, " }");
}

TEST(SchemaWindowsTest, ReadsWindows) {
  const auto schema = testing::CollectionFromText(WithWindows(R"(
    window: { cadence: CADENCE_MONTH due_days: 21 closes_days: 42 closes_with: CADENCE_QUARTER contact: " the team " }
    window: { cadence: CADENCE_QUARTER opens_days: -10 due_days: 28 closes_days: 42 release_days: 50 contact: "x"
              time_zone: "America/New_York" })"));
  EXPECT_THAT(schema->windows(), SizeIs(2));
  const WindowSchema* month = schema->FindWindow(PeriodKind::kMonth);
  ASSERT_NE(month, nullptr);
  EXPECT_EQ(month->opens_days, 1);
  EXPECT_EQ(month->due_days, 21);
  EXPECT_EQ(month->closes_days, 42);
  EXPECT_EQ(month->closes_with, PeriodKind::kQuarter);
  EXPECT_FALSE(month->release_days.has_value());
  EXPECT_EQ(month->contact, "the team");
  EXPECT_EQ(month->time_zone, "Europe/London");
  const WindowSchema* quarter = schema->FindWindow(PeriodKind::kQuarter);
  ASSERT_NE(quarter, nullptr);
  EXPECT_EQ(quarter->opens_days, -10);
  EXPECT_EQ(quarter->release_days, 50);
  EXPECT_EQ(quarter->closes_with, PeriodKind::kQuarter);
  EXPECT_EQ(quarter->time_zone, "America/New_York");
  EXPECT_EQ(schema->FindWindow(PeriodKind::kYear), nullptr);
}

TEST(SchemaWindowsTest, NoneMeansAlwaysOpen) {
  EXPECT_EQ(testing::CollectionFromText(WithWindows(""))->FindWindow(PeriodKind::kQuarter), nullptr);
}

TEST(SchemaWindowsTest, TakesWhatIsJustInOrder) {
  for (const std::string& window : {
           Quarter("opens_days: 0 due_days: 0 closes_days: 0 release_days: 0 contact: \"x\""),
           Quarter("opens_days: -3660 due_days: 3660 closes_days: 3660 release_days: 3660 contact: \"x\""),
           Quarter(absl::StrCat("due_days: 1 closes_days: 1 contact: \"", std::string(200, 'x'), "\"")),
           Quarter("due_days: 1 closes_days: 9 release_days: 5 contact: \"x\" time_zone: \"Etc/GMT+5\""),
           Quarter("due_days: 1 closes_days: 9 closes_with: CADENCE_YEAR contact: \"x\" time_zone: \"UTC\""),
       }) {
    EXPECT_EQ(testing::CompileCollection(WithWindows(window)).problems.size(), 0U) << window;
  }
}

TEST(SchemaWindowsTest, NamesWhatIsWrong) {
  const std::string good = "due_days: 28 closes_days: 42 contact: \"x\"";
  struct Row {
    std::string windows;
    std::vector<std::string> problems;
  };
  for (const Row& row : std::vector<Row>{
           {absl::StrCat("window: { ", good, " }"), {"A window needs a cadence"}},
           {absl::StrCat("window: { cadence: CADENCE_YEAR ", good, " }"),
            {"There is a window for CADENCE_YEAR, which the collection does not take."}},
           {absl::StrCat(Quarter(good), Quarter(good)), {"There are two windows for CADENCE_QUARTER."}},
           {Quarter("due_days: 0 closes_days: 42 contact: \"x\""), {"is due before it opens"}},
           {Quarter("opens_days: 30 due_days: 28 closes_days: 42 contact: \"x\""), {"is due before it opens"}},
           {Quarter("due_days: 28 closes_days: 27 contact: \"x\""), {"closes before it is due"}},
           {Quarter("due_days: 28 contact: \"x\""), {"closes before it is due"}},
           {Quarter("due_days: 28 closes_days: 42 release_days: 27 contact: \"x\""), {"is released before it is due"}},
           {Quarter("due_days: 28 closes_days: 3661 contact: \"x\""), {"closes_days is more than 3660 days"}},
           {Quarter("due_days: 4294967295 closes_days: 4294967295 contact: \"x\""),
            {"due_days is more than 3660 days", "closes_days is more than 3660 days"}},
           {Quarter("opens_days: -3661 due_days: 28 closes_days: 42 contact: \"x\""), {"opens_days is more than"}},
           {Quarter("due_days: 28 closes_days: 42 release_days: 3661 contact: \"x\""), {"release_days is more than"}},
           {Quarter(absl::StrCat(good, " closes_with: CADENCE_QUARTER")), {"closes_with must be a longer period"}},
           {Quarter(absl::StrCat(good, " closes_with: CADENCE_MONTH")), {"closes_with must be a longer period"}},
           {Quarter("due_days: 28 closes_days: 42"), {"contact must say whom to ask"}},
           {Quarter("due_days: 28 closes_days: 42 contact: \"  \""), {"contact must say whom to ask"}},
           {Quarter("due_days: 28 closes_days: 42 contact: \"a\\nb\""), {"contact must say whom to ask"}},
           {Quarter(absl::StrCat("due_days: 28 closes_days: 42 contact: \"", std::string(201, 'x'), "\"")),
            {"contact must say whom to ask"}},
           {Quarter(absl::StrCat(good, " time_zone: \"/etc/localtime\"")), {"time_zone must be a name"}},
           {Quarter(absl::StrCat(good, " time_zone: \"../Europe/London\"")), {"time_zone must be a name"}},
           {Quarter(absl::StrCat(good, " time_zone: \"localtime\"")), {"time_zone must be a name"}},
           {Quarter(absl::StrCat(good, " time_zone: \"file:Europe/London\"")), {"time_zone must be a name"}},
           // Everything at once, and no order where a number is none.
           {Quarter("opens_days: 50 due_days: 28 closes_days: 20 release_days: 10 closes_with: CADENCE_MONTH"),
            {"is due before it opens", "closes before it is due", "is released before it is due", "closes_with",
             "contact"}},
       }) {
    const SchemaResult result = testing::CompileCollection(WithWindows(row.windows));
    EXPECT_EQ(result.schema, nullptr) << row.windows;
    ASSERT_THAT(result.problems, SizeIs(row.problems.size())) << row.windows;
    for (size_t i = 0; i < row.problems.size(); ++i) {
      EXPECT_THAT(result.problems[i].message, HasSubstr(row.problems[i])) << row.windows;
      EXPECT_EQ(result.problems[i].line, 4) << row.windows;
    }
  }
}

}  // namespace
}  // namespace quartermaster
