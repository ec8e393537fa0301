// What numbers in workbooks look like.
#include "client/number_format.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(NumberFormatTest, FormatsAreTakenApart) {
  const struct {
    const char* code;
    NumberLook look;
  } kCases[] = {
      {"General", NumberLook::kNumber},
      {"0.00", NumberLook::kNumber},
      {"#,##0.00_);[Red](#,##0.00)", NumberLook::kNumber},
      {"[$\xC2\xA3-809]#,##0.00", NumberLook::kNumber},
      {"0.00E+00", NumberLook::kNumber},
      {"0 \"beds per day\"", NumberLook::kNumber},
      {"0\\d", NumberLook::kNumber},
      {"@", NumberLook::kNumber},
      {"", NumberLook::kNumber},
      {"\"days", NumberLook::kNumber},
      {"0%", NumberLook::kPercent},
      {"0.0 %", NumberLook::kPercent},
      {"mmm-yy", NumberLook::kMonth},
      {"[$-809]mmmm yyyy;@", NumberLook::kMonth},
      {"yyyy\\-mm", NumberLook::kMonth},
      {"MMM YYYY", NumberLook::kMonth},
      {"dd/mm/yyyy", NumberLook::kDate},
      {"yyyy-mm-dd hh:mm:ss", NumberLook::kDate},
      {"yyyy", NumberLook::kDate},
      {"mmmm", NumberLook::kDate},
      {"h:mm AM/PM", NumberLook::kDate},
      {"[h]:mm", NumberLook::kDate},
      {"[ss]", NumberLook::kDate},
  };
  for (const auto& c : kCases) EXPECT_EQ(LookOfFormatCode(c.code), c.look) << c.code;
  EXPECT_EQ(LookOfBuiltInFormat(0), NumberLook::kNumber);
  EXPECT_EQ(LookOfBuiltInFormat(4), NumberLook::kNumber);
  EXPECT_EQ(LookOfBuiltInFormat(10), NumberLook::kPercent);
  EXPECT_EQ(LookOfBuiltInFormat(14), NumberLook::kDate);
  EXPECT_EQ(LookOfBuiltInFormat(17), NumberLook::kMonth);
  EXPECT_EQ(LookOfBuiltInFormat(22), NumberLook::kDate);
  EXPECT_EQ(LookOfBuiltInFormat(49), NumberLook::kNumber);
}

TEST(NumberFormatTest, NumbersAreShown) {
  const struct {
    const char* stored;
    NumberLook look;
    const char* shown;
    bool from_1904 = false;
  } kCases[] = {
      {"45748", NumberLook::kNumber, "45748"},
      {"73956.967349999992", NumberLook::kNumber, "73956.967349999992"},
      {"x", NumberLook::kDate, "x"},
      {"0.853", NumberLook::kPercent, "85.3%"},
      {"1", NumberLook::kPercent, "100%"},
      {"45748", NumberLook::kDate, "2025-04-01"},
      {"45748", NumberLook::kMonth, "2025-04"},
      {"45748.25", NumberLook::kMonth, "2025-04-01T06:00:00"},
      {"45777", NumberLook::kMonth, "2025-04-30"},
      {"44286", NumberLook::kMonth, "2025-04", true},
      {"1", NumberLook::kDate, "1900-01-01"},
      {"59", NumberLook::kDate, "1900-02-28"},
      {"61", NumberLook::kDate, "1900-03-01"},
      {"0", NumberLook::kDate, "1899-12-31"},
      {"0.5", NumberLook::kDate, "12:00:00"},
      {"45747.999999", NumberLook::kDate, "2025-04-01"},
      {"2958465", NumberLook::kDate, "9999-12-31"},
      {"2958466", NumberLook::kDate, "2958466"},
      {"-1", NumberLook::kDate, "-1"},
      {"1e300", NumberLook::kDate, "1e300"},
  };
  for (const auto& c : kCases) EXPECT_EQ(ShownNumber(c.stored, c.look, c.from_1904), c.shown) << c.stored;
}

}  // namespace
}  // namespace quartermaster::client
