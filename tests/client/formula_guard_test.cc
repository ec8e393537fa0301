// What a spreadsheet would run, and what it must not be kept from reading.
#include "client/formula_guard.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(FormulaGuardTest, MakesTextOfFormulas) {
  EXPECT_EQ(GuardFormula("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
  EXPECT_EQ(GuardFormula("+1+cmd|'/c calc'!A0"), "'+1+cmd|'/c calc'!A0");
  EXPECT_EQ(GuardFormula("-2+3"), "'-2+3");
  EXPECT_EQ(GuardFormula("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(GuardFormula(" \t=1"), "' \t=1");
}

TEST(FormulaGuardTest, LeavesNumbersAndOtherTextAlone) {
  for (const char* cell : {"", "-1.5", "+12", "-3e-7", "12", "RT1", "2025-26-Q1", "a=b", "'tis", "'", "St. John's"}) {
    EXPECT_EQ(GuardFormula(cell), cell);
    EXPECT_EQ(UnguardFormula(cell), cell);
  }
}

TEST(FormulaGuardTest, IsTakenOffAgain) {
  for (const char* cell : {"=1+1", "-", "'=1", "''@x", "'-5", " =1", "+44 20 7946 0000"}) {
    EXPECT_EQ(UnguardFormula(GuardFormula(cell)), cell);
  }
}

}  // namespace
}  // namespace quartermaster::client
