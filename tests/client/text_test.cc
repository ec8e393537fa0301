// Text from files and servers: widths, and what may reach a terminal.
#include "client/text.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(TextTest, TrimsSpacesOfEveryKindThatCellsHave) {
  EXPECT_EQ(Trim("  RT1\t\r\n"), "RT1");
  EXPECT_EQ(Trim("\xC2\xA0 12 \xC2\xA0"), "12");
  EXPECT_EQ(Trim("1\xC2\xA0"
                 "234"),
            "1\xC2\xA0"
            "234");
  EXPECT_EQ(Trim("\xC2\xA0"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(TextTest, CutsAtCharacters) {
  EXPECT_EQ(FirstCharacters("caf\xC3\xA9s", 4), "caf\xC3\xA9");
  EXPECT_EQ(FirstCharacters("abc", 200), "abc");
}

TEST(TextTest, KeepsControlCharactersFromTheTerminal) {
  EXPECT_EQ(Printable("a\x1B[31mb"), "a?[31mb");
  EXPECT_EQ(Printable("two\nlines\tand a tab"), "two lines and a tab");
  EXPECT_EQ(Printable("caf\xC3\xA9 \xE9"), "caf\xC3\xA9 ?");
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "evil"),
            "?evil");  // right-to-left override
}

TEST(TextTest, CountsColumnsOfTheTerminal) {
  EXPECT_EQ(DisplayWidth("beds"), 4u);
  EXPECT_EQ(DisplayWidth("Ynys M\xC3\xB4n"), 8u);
  EXPECT_EQ(DisplayWidth("Mo\xCC\x82n"), 3u);               // a combining accent
  EXPECT_EQ(DisplayWidth("\xE7\x97\x85\xE9\x99\xA2"), 4u);  // two wide characters
}

TEST(TextTest, NamesColumnsAsSpreadsheetsDo) {
  EXPECT_EQ(ColumnLetters(0), "A");
  EXPECT_EQ(ColumnLetters(25), "Z");
  EXPECT_EQ(ColumnLetters(26), "AA");
  EXPECT_EQ(ColumnLetters(701), "ZZ");
  EXPECT_EQ(ColumnLetters(702), "AAA");
  EXPECT_EQ(ColumnLetters(16383), "XFD");
}

}  // namespace
}  // namespace quartermaster::client
