// Tables as people and programs get them.
#include "client/table.h"

#include <gtest/gtest.h>

#include "tests/client/table_texts.h"

namespace quartermaster::client {
namespace {

TEST(TableTest, AlignsWhatTheTerminalShows) {
  const Table table{{{"NAME"}, {"N", true}, {"UNIT"}}, {{"Ynys M\xC3\xB4n", "7", "%"}, {"Leeds", "1250", ""}}};
  EXPECT_EQ(Aligned(table),
            "NAME         N  UNIT\n"
            "Ynys M\xC3\xB4n     7  %\n"
            "Leeds     1250  -\n");
}

TEST(TableTest, PrintsTheHeadingOfAnEmptyTable) { EXPECT_EQ(Aligned({{{"A"}, {"B"}}, {}}), "A  B\n"); }

TEST(TableTest, KeepsHostileTextFromTheTerminal) { EXPECT_EQ(Aligned({{{"A"}}, {{"\x1B[2Jgone"}}}), "A\n?[2Jgone\n"); }

TEST(TableTest, QuotesCsvOnlyWhereItMust) {
  EXPECT_EQ(Csv({{{"a"}, {"b"}}, {{"plain", "with, comma"}, {"\"quoted\"", "two\nlines"}, {"", "-1.5"}}}),
            "a,b\nplain,\"with, comma\"\n\"\"\"quoted\"\"\",\"two\nlines\"\n,-1.5\n");
}

TEST(TableTest, KeepsFormulasInCsvFromRunning) {
  EXPECT_EQ(Csv({{{"a"}, {"b"}}, {{"=1+1", "-1.5"}, {"@x,y", "-"}}}), "a,b\n'=1+1,-1.5\n\"'@x,y\",'-\n");
}

TEST(TableTest, FormatsNumbers) {
  EXPECT_EQ(FormatNumber(86.51526266, 1), "86.5");
  EXPECT_EQ(FormatNumber(12.0, 0), "12");
  EXPECT_EQ(FormatNumber(-0.04, 1), "0.0");
  EXPECT_EQ(FormatNumber(-1.25, 2), "-1.25");
  EXPECT_EQ(FormatNumber(absl::nullopt, 1), "");
  EXPECT_EQ(FormatNumber(1.0, 4'000'000'000u),
            "1.000000000");  // A server's word is not taken for the width of a screen.
  EXPECT_EQ(FormatExact(86.51526266), "86.51526266");
  EXPECT_EQ(FormatExact(0.1), "0.1");
  EXPECT_EQ(FormatExact(100000), "100000");
  EXPECT_EQ(FormatExact(-0.000001), "-0.000001");
  EXPECT_EQ(FormatExact(999999999999999), "999999999999999");
  EXPECT_EQ(FormatExact(1e-9), "0.000000001");
  EXPECT_EQ(FormatExact(-7.1e100), "-7.1e+100");
  EXPECT_EQ(FormatExact(0), "0");
  EXPECT_EQ(FormatExact(absl::nullopt), "");
}

}  // namespace
}  // namespace quartermaster::client
