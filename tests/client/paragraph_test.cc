// Long text on a terminal.
#include "client/paragraph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;

std::string Filled(absl::string_view start, size_t indent, const std::vector<std::string>& parts) {
  std::ostringstream out;
  PrintFilled(start, indent, parts, out);
  return out.str();
}

TEST(ParagraphTest, SplitsAtSpaces) { EXPECT_THAT(Words(" one two\n three "), ElementsAre("one", "two", "three")); }

TEST(ParagraphTest, KeepsShortTextOnOneLine) { EXPECT_EQ(Filled("-> ", 3, {"one", "two"}), "-> one two\n"); }

TEST(ParagraphTest, BreaksBetweenPartsAtTheLastColumn) {
  const std::string half(kLineColumns / 2, 'x');
  const std::string rest(kLineColumns - half.size() - 1, 'y');
  EXPECT_EQ(Filled("", 2, {half, rest}), half + " " + rest + "\n");
  EXPECT_EQ(Filled("", 2, {half, rest + "y"}), half + "\n  " + rest + "y\n");
}

TEST(ParagraphTest, DoesNotBreakAPart) {
  const std::string path(kLineColumns + 5, 'x');
  EXPECT_EQ(Filled("  ", 4, {path, "row 2, column beds"}), "  " + path + "\n    row 2, column beds\n");
}

TEST(ParagraphTest, CountsWhatTheTerminalShows) {
  std::string accents;
  for (size_t i = 0; i < kLineColumns - 2; ++i) accents += "\xC3\xB4";
  EXPECT_EQ(Filled("", 2, {accents, "x"}), accents + " x\n");
}

TEST(ParagraphTest, KeepsHostileTextFromTheTerminal) { EXPECT_EQ(Filled("", 2, {"\x1B[2J"}), "?[2J\n"); }

}  // namespace
}  // namespace quartermaster::client
