// How returns are called on a screen.
#include "client/return_name.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(ReturnNameTest, ShowsPeriodsAsPeopleSayThem) {
  EXPECT_EQ(DisplayPeriod("2025-26-Q1"), "Q1 2025/26");
  EXPECT_EQ(DisplayPeriod("next week"), "next week");
  EXPECT_EQ(DisplayPeriod(""), "");
}

TEST(ReturnNameTest, NamesAReturnByItsKeys) {
  EXPECT_EQ(DisplayReturn("RT1", "adult-inpatient", "2025-26-Q1"), "RT1, adult-inpatient, Q1 2025/26");
}

}  // namespace
}  // namespace quartermaster::client
