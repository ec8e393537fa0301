// Texts to a workbook and back.
#include "client/excel_text.h"

#include <gtest/gtest.h>

namespace quartermaster::client {
namespace {

TEST(ExcelTextTest, EscapesAreCharacters) {
  EXPECT_EQ(FromExcelText("a_x000A_b"), "a\nb");
  EXPECT_EQ(FromExcelText("_x00e9__x20AC_"), "\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(FromExcelText("_x005F_x0041_"), "_x0041_");
  for (const char* plain : {"", "_", "a_b", "_x41_", "_x004G_", "_x0041", "_xD83D_", "_x0000_", "x0041_"}) {
    EXPECT_EQ(FromExcelText(plain), plain);
  }
}

TEST(ExcelTextTest, WhatIsWrittenIsRead) {
  for (const char* text : {"", "beds", "_x0041_", "__x0041__", "_x005F_x0041_", "a_x000A_"}) {
    EXPECT_EQ(FromExcelText(ExcelText(text)), text);
  }
  EXPECT_EQ(ExcelText("\xEF\xBF\xBF"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace quartermaster::client
