// What the text of one cell means.
#include "client/cell_value.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cstdint>
#include <limits>

namespace quartermaster::client {
namespace {

TEST(CellValueTest, ReadsPlainDecimalNumbersOnly) {
  const struct {
    const char* text;
    absl::optional<double> value;
  } kCases[] = {
      {"0", 0.0},
      {"12", 12.0},
      {"-12.5", -12.5},
      {"+3", 3.0},
      {".5", 0.5},
      {"5.", 5.0},
      {"1.5e-3", 0.0015},
      {"1E+3", 1000.0},
      {"00012", 12.0},
      {"-0", 0.0},
      {"73956.96734999999", 73956.96734999999},
      {"0e99", 0.0},
      {"", {}},
      {"-", {}},
      {".", {}},
      {"e5", {}},
      {"1,234", {}},
      {"1 234", {}},
      {"1.2.3", {}},
      {"12%", {}},
      {"\xC2\xA3"
       "5",
       {}},
      {"0x1F", {}},
      {"inf", {}},
      {"nan", {}},
      {"1e", {}},
      {"1e999", {}},
      {"1e-999", {}},
      {"1e99999", {}},
      {"--1", {}},
      {"1-", {}},
      {"(5)", {}},
      {"1.5\n", {}},
      {" 1", {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(ParseNumber(c.text), c.value) << c.text;
  EXPECT_EQ(ParseNumber(std::string(200, '1')), absl::nullopt);
}

TEST(CellValueTest, ReadsWholeNumbersExactly) {
  const struct {
    const char* text;
    absl::optional<int64_t> value;
  } kCases[] = {
      {"0", 0},
      {"-7", -7},
      {"12.0", 12},
      {"1.2e1", 12},
      {"1200e-2", 12},
      {"1e3", 1000},
      {"0.000", 0},
      {"9007199254740993", 9007199254740993},  // no double has it
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"9223372036854775808", {}},
      {"1e19", {}},
      {"12.5", {}},
      {"1e-1", {}},
      {"", {}},
      {"twelve", {}},
      {"1,234", {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(ParseWholeNumber(c.text), c.value) << c.text;
}

TEST(CellValueTest, ReadsNumbersAlikeInEveryLocale) {
  // Where the locale is not installed the test still checks the default one.
  std::setlocale(LC_ALL, "de_DE.UTF-8");
  EXPECT_EQ(ParseNumber("1.5"), 1.5);
  EXPECT_EQ(ParseNumber("1,5"), absl::nullopt);
  std::setlocale(LC_ALL, "C");
}

TEST(CellValueTest, ReadsYesAndNo) {
  for (const char* text : {"yes", "YES", "y", "true", "True", "1"}) EXPECT_EQ(ParseYesNo(text), true) << text;
  for (const char* text : {"no", "N", "FALSE", "0"}) EXPECT_EQ(ParseYesNo(text), false) << text;
  for (const char* text : {"", "maybe", "2", "NA"}) EXPECT_EQ(ParseYesNo(text), absl::nullopt) << text;
}

TEST(CellValueTest, ReadsNotAvailableAndSuppressed) {
  for (const char* text : {"NA", "na", "NA ()", "NA "}) EXPECT_EQ(NotAvailableReason(text), "") << text;
  for (const char* text : {"NA (ward (B) closed)", "na(ward (B) closed)", "NA  ( ward (B) closed )"}) {
    EXPECT_EQ(NotAvailableReason(text), "ward (B) closed") << text;
  }
  for (const char* text : {"", "N", "N/A", "NA: closed", "NA (closed", "NA closed)", "NA (", "NA (closed) 3", "NANA"}) {
    EXPECT_EQ(NotAvailableReason(text), absl::nullopt) << text;
  }
  EXPECT_EQ(NotAvailableText(""), "NA");
  EXPECT_EQ(NotAvailableReason(NotAvailableText("ward closed")), "ward closed");
  EXPECT_TRUE(IsSuppressed("*"));
  EXPECT_FALSE(IsSuppressed("**"));
}

TEST(CellValueTest, RecognisesWhatSpreadsheetsDoToText) {
  for (const char* text : {"1.1E+08", "1E5", "2.5e+12"}) {
    EXPECT_NE(SpreadsheetDamageHint(text, false).find("number"), std::string::npos) << text;
  }
  for (const char* text : {"01/04/2025", "1-Apr-25", "Apr-25", "2025-04-01", "2025-04-01 00:00:00"}) {
    EXPECT_NE(SpreadsheetDamageHint(text, false).find("date"), std::string::npos) << text;
    EXPECT_NE(SpreadsheetDamageHint(text, true).find("2025-26-Q1"), std::string::npos) << text;
  }
  EXPECT_NE(SpreadsheetDamageHint("45748", true), "");
  for (const char* text : {"", "RT1", "45748", "12.5", "Q1 2025/26", "crisis"}) {
    EXPECT_EQ(SpreadsheetDamageHint(text, false), "") << text;
  }
}

}  // namespace
}  // namespace quartermaster::client
