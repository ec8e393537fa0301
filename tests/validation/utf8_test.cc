// UTF-8: what is none, how many characters a text has, and where it is cut.
#include "validation/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace quartermaster {
namespace {

TEST(Utf8Test, IsToldFromOtherBytes) {
  const struct {
    std::string text;
    bool is_utf8;
  } kCases[] = {
      {"", true},
      {"Ysbyty Gwynedd", true},
      {"caf\xC3\xA9", true},
      {"\xE2\x82\xAC", true},       // euro
      {"\xF0\x9F\x98\x80", true},   // past the basic plane
      {"caf\xE9", false},           // Windows-1252
      {"\xE9t", false},             // its continuation is no continuation
      {"\xC0\xAF", false},          // overlong
      {"\xE0\x80\xAF", false},      // overlong
      {"\xED\xA0\x80", false},      // surrogate
      {"\xF4\x90\x80\x80", false},  // past U+10FFFF
      {"\xE2\x82", false},          // cut
      {"\x80", false},              // continuation alone
  };
  for (const auto& c : kCases) EXPECT_EQ(IsUtf8(c.text), c.is_utf8) << c.text;
}

TEST(Utf8Test, CharactersAreCountedNotBytes) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("beds"), 4u);
  EXPECT_EQ(CountCharacters("caf\xC3\xA9"), 4u);
  EXPECT_EQ(CountCharacters("\xE2\x82\xAC\xF0\x9F\x98\x80"), 2u);
}

TEST(Utf8Test, ATextIsCutBetweenCharacters) {
  EXPECT_EQ(ShortText("caf\xC3\xA9", 5), "caf\xC3\xA9");
  EXPECT_EQ(ShortText("caf\xC3\xA9", 4), "caf...");
  EXPECT_EQ(ShortText("caf\xE9", 200), "caf\xEF\xBF\xBD");
}

}  // namespace
}  // namespace quartermaster
