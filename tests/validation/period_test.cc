// Periods: every way of writing one, and the calendar quarters that are refused.
#include "validation/period.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PeriodTest, ReadsWhatPeopleWrite) {
  const struct {
    const char* written;
    const char* canonical;
    const char* display;
  } rows[] = {
      {"2025-04", "2025-04", "Apr 2025"},
      {"2025-4", "2025-04", "Apr 2025"},
      {"Apr 2025", "2025-04", "Apr 2025"},
      {"april 2025", "2025-04", "Apr 2025"},
      {" APRIL 2025 ", "2025-04", "Apr 2025"},
      {"Sept 2025", "2025-09", "Sep 2025"},
      {"Apr-25", "2025-04", "Apr 2025"},  // what Excel makes of 2025-04
      {"2025-12", "2025-12", "Dec 2025"},
      {"2025-26-Q1", "2025-26-Q1", "Q1 2025/26"},
      {"2025-26-q4", "2025-26-Q4", "Q4 2025/26"},
      {"Q1 2025/26", "2025-26-Q1", "Q1 2025/26"},
      {"2025/26 Q1", "2025-26-Q1", "Q1 2025/26"},
      {"Q3 2025-26", "2025-26-Q3", "Q3 2025/26"},
      {"Q3 FY2025/26", "2025-26-Q3", "Q3 2025/26"},
      {"1999-00-Q4", "1999-00-Q4", "Q4 1999/00"},
      {"FY2025-26", "FY2025-26", "2025/26"},
      {"FY 2025/26", "FY2025-26", "2025/26"},
      {"2025/26", "FY2025-26", "2025/26"},
  };
  for (const auto& row : rows) {
    const absl::StatusOr<Period> period = Period::Parse(row.written);
    ASSERT_TRUE(period.ok()) << row.written << ": " << period.status();
    EXPECT_EQ(period->ToString(), row.canonical) << row.written;
    EXPECT_EQ(period->ToDisplayString(), row.display) << row.written;
    EXPECT_EQ(*Period::Parse(period->ToString()), *period);
    EXPECT_EQ(*Period::Parse(period->ToDisplayString()), *period);
  }
}

TEST(PeriodTest, ReadsAllThatItWrites) {
  Period month = Period::Month(1900, 1);
  for (; month != Period::Month(2199, 12); month = month.Plus(1)) {
    EXPECT_EQ(*Period::Parse(month.ToString()), month);
    EXPECT_EQ(*Period::Parse(absl::StrCat(" ", month.ToString())), month);  // Not plain, so by the patterns.
  }
  Period quarter = Period::Quarter(1900, 1);
  for (; quarter != Period::Quarter(2199, 4); quarter = quarter.Plus(1)) {
    EXPECT_EQ(*Period::Parse(quarter.ToString()), quarter);
    EXPECT_EQ(*Period::Parse(absl::StrCat(" ", quarter.ToString())), quarter);
  }
}

TEST(PeriodTest, RefusesWithAdvice) {
  const struct {
    const char* written;
    const char* advice;
  } rows[] = {
      {"", "empty"},
      {"   ", "empty"},
      {"2025Q2",
       "April to June 2025, which is written 2025-26-Q1, or quarter 2 of the financial year, July to September 2025, "
       "written 2025-26-Q2"},
      {"2025-Q2", "2025-26-Q1"},
      {"2025/Q2", "2025-26-Q1"},
      {"Q2/2025", "2025-26-Q1"},
      {"2025 Q1", "January to March 2025, which is written 2024-25-Q4"},
      {"Q4 2025", "January to March 2026, written 2025-26-Q4"},
      {"2025-27-Q1", "Write 2025-26"},
      {"FY2025-25", "Write 2025-26"},
      {"2025-13", "01 to 12"},
      {"2025-26", "FY2025-26"},
      {"2025-00", "01 to 12"},
      {"Foo 2025", "Apr 2025"},
      {"01/04/2025", "2025-04"},
      {"2025-26-Q5", "2025-26-Q1"},
      {"0000-01", "1900 to 2199"},
      {"9999-00-Q1", "1900 to 2199"},
      {"2025-04\nextra", "2025-04"},
      {"45748", "2025-04"},
  };
  for (const auto& row : rows) {
    const absl::StatusOr<Period> period = Period::Parse(row.written);
    ASSERT_FALSE(period.ok()) << row.written;
    EXPECT_THAT(std::string(period.status().message()), HasSubstr(row.advice)) << row.written;
  }
}

TEST(PeriodTest, ContainsAndIsContained) {
  const Period april = Period::Month(2025, 4);
  const Period march = Period::Month(2026, 3);
  EXPECT_EQ(april.Container(), Period::Quarter(2025, 1));
  EXPECT_EQ(march.Container(), Period::Quarter(2025, 4));
  EXPECT_EQ(march.Container().Container(), Period::Year(2025));
  EXPECT_THAT(Period::Quarter(2025, 4).Parts(),
              ElementsAre(Period::Month(2026, 1), Period::Month(2026, 2), Period::Month(2026, 3)));
  EXPECT_THAT(Period::Year(2025).Parts(), ElementsAre(Period::Quarter(2025, 1), Period::Quarter(2025, 2),
                                                      Period::Quarter(2025, 3), Period::Quarter(2025, 4)));
  EXPECT_THAT(april.Parts(), ElementsAre());
  EXPECT_THAT(april.WithParts(), ElementsAre(april));
  EXPECT_THAT(Period::Quarter(2025, 1).WithParts(),
              ElementsAre(Period::Quarter(2025, 1), april, Period::Month(2025, 5), Period::Month(2025, 6)));
  const std::vector<Period> year = Period::Year(2025).WithParts();
  ASSERT_EQ(year.size(), 17u);
  EXPECT_EQ(year.front(), Period::Year(2025));
  EXPECT_EQ(year[4], Period::Quarter(2025, 4));
  EXPECT_EQ(year.back(), march);
}

TEST(PeriodTest, StepsOverYears) {
  EXPECT_EQ(Period::Quarter(2025, 4).Plus(1), Period::Quarter(2026, 1));
  EXPECT_EQ(Period::Month(2025, 1).Plus(-1), Period::Month(2024, 12));
  EXPECT_EQ(Period::Year(2025).Plus(-2), Period::Year(2023));
}

}  // namespace
}  // namespace quartermaster
