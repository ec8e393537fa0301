// CSV as people really send it, and what they send instead.
#include "client/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

using std::string_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Row(const CellTable& table, size_t row) {
  std::vector<std::string> cells;
  for (size_t column = 0; column < table.headings().size(); ++column) cells.emplace_back(table.cell(row, column));
  return cells;
}

TEST(CsvTest, ReadsEveryWayOfWritingTheSameTable) {
  const std::string kFiles[] = {
      "a,b\n1,2\n3,4\n",
      "a,b\n1,2\n3,4",          // no line end at the end
      "a,b\r\n1,2\r\n3,4\r\n",  // CRLF
      "a,b\r1,2\r3,4\r",        // CR
      "\xEF\xBB\xBF"
      "a,b\n1,2\n3,4\n",                  // byte order mark
      "\"a\",\"b\"\n\"1\",\"2\"\n3,4\n",  // quotes
      " a , b \n 1 , 2 \n3,4\n",          // spaces
      "a,b,,\n1,2,,\n3,4,,\n",            // the blank tail that spreadsheets write
  };
  for (const std::string& file : kFiles) {
    const TableResult result = ReadCsv("f.csv", file);
    ASSERT_NE(result.table, nullptr) << file;
    EXPECT_TRUE(result.problems.empty()) << file;
    EXPECT_THAT(result.table->headings(), ElementsAre("a", "b")) << file;
    ASSERT_EQ(result.table->row_count(), 2u) << file;
    EXPECT_THAT(Row(*result.table, 0), ElementsAre("1", "2")) << file;
    EXPECT_THAT(Row(*result.table, 1), ElementsAre("3", "4")) << file;
    EXPECT_EQ(result.table->row_number(0), 2u) << file;
    EXPECT_EQ(result.table->row_number(1), 3u) << file;
  }
}

TEST(CsvTest, KeepsWhatQuotesProtect) {
  const TableResult result = ReadCsv("f.csv", "code,name\nRT1,\"St. \"\"Old\"\", Leeds\"\nRT2,\"two\nlines\"\n");
  ASSERT_NE(result.table, nullptr);
  EXPECT_THAT(Row(*result.table, 0), ElementsAre("RT1", "St. \"Old\", Leeds"));
  EXPECT_THAT(Row(*result.table, 1), ElementsAre("RT2", "two\nlines"));
}

TEST(CsvTest, TakesOffTheApostropheThatKeepsOurCsvFromRunning) {
  const TableResult result = ReadCsv("f.csv", "code,name\nRT1,'=1+1\nRT2,'tis\nRT3,'-5\n");
  ASSERT_NE(result.table, nullptr);
  EXPECT_EQ(result.table->cell(0, 1), "=1+1");
  EXPECT_EQ(result.table->cell(1, 1), "'tis");
  EXPECT_EQ(result.table->cell(2, 1), "'-5");
}

TEST(CsvTest, CountsRowsAsASpreadsheetDoes) {
  struct Case {
    std::string file;
    std::vector<uint32_t> rows;
  };
  const Case kCases[] = {
      {"a,b\n\n1,2\n\n\n3,4\n", {3, 6}},              // blank rows count
      {"a,b\r\n\r\n1,2\r\n\r\n\r\n3,4\r\n", {3, 6}},  // and so they do with CRLF
      {"\n\na,b\n1,2\n", {4}},                        // before the heading too
      {"a,b\n,\n1,2\n", {3}},                         // a row of blank cells is blank
      {"a,b\n\"x\ny\",2\n3,4\n", {2, 3}},             // a line break in a cell starts no row
  };
  for (const Case& c : kCases) {
    const TableResult result = ReadCsv("f.csv", c.file);
    ASSERT_NE(result.table, nullptr) << c.file;
    std::vector<uint32_t> rows;
    for (size_t row = 0; row < result.table->row_count(); ++row) rows.push_back(result.table->row_number(row));
    EXPECT_EQ(rows, c.rows) << c.file;
  }
}

struct BadFile {
  std::string what;
  std::string bytes;
  std::string rule;
  uint32_t row;  // 0: none
  std::string column;
  std::string text;  // in the message or the hint
};

class CsvBadFileTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(CsvBadFileTest, IsRefusedWithItsPlaceAndWhatToDo) {
  const BadFile& bad = GetParam();
  const TableResult result = ReadCsv("folder/f.csv", bad.bytes);
  EXPECT_EQ(result.table, nullptr);
  ASSERT_EQ(result.problems.size(), 1u);
  const v1::Finding& finding = result.problems[0];
  EXPECT_EQ(finding.rule_id(), bad.rule);
  EXPECT_EQ(finding.class_(), schema::v1::CLASS_STRUCTURE);
  EXPECT_EQ(finding.severity(), schema::v1::SEVERITY_ERROR);
  EXPECT_EQ(finding.file(), "folder/f.csv");
  EXPECT_EQ(finding.row(), bad.row);
  EXPECT_EQ(finding.column(), bad.column);
  EXPECT_EQ(finding.column_letter().empty(), bad.column.empty());
  EXPECT_THAT(absl::StrCat(finding.message(), " ", finding.hint()), HasSubstr(bad.text));
  EXPECT_FALSE(finding.hint().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, CsvBadFileTest,
    ::testing::Values(BadFile{"Xlsx", "PK\x03\x04\x14\0\x06\0"s, "not-csv", 0, "", "Excel workbook"},
                      BadFile{"Xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s, "not-csv", 0, "", "old Excel workbook"},
                      BadFile{"Pdf", "%PDF-1.7", "not-csv", 0, "", "PDF"},
                      BadFile{"WebPage", "\n<!DOCTYPE html><html>", "not-csv", 0, "", "web page"},
                      BadFile{"Json", "{\"participant\":\"RT1\"}", "not-csv", 0, "", "JSON"},
                      BadFile{"Binary", "a,b\n1,\0\n"s, "not-csv", 0, "", "byte 7"},
                      BadFile{"Utf16WithMark",
                              "\xFF\xFE"
                              "a\0,\0b\0"s,
                              "encoding", 0, "", "UTF-16"},
                      BadFile{"Utf16BigEndianWithMark", "\xFE\xFF\0a\0,"s, "encoding", 0, "", "UTF-16"},
                      BadFile{"Utf16WithoutMark", "a\0,\0b\0\n\0"s, "encoding", 0, "", "UTF-16"},
                      BadFile{"Windows1252", "code,name\nRT1,Leeds\nRT2,Caf\xE9\n", "encoding", 3, "name", "UTF-8"},
                      BadFile{"Windows1252Heading", "code,na\xEFve\nRT1,x\n", "encoding", 1, "B", "UTF-8"},
                      BadFile{"Semicolons", "a;b\n1;2\n", "separator", 1, "", "semicolons"},
                      BadFile{"Tabs", "a\tb\n1\t2\n", "separator", 1, "", "tabs"},
                      BadFile{"QuoteInsideCell", "a,b\n1,2\n3,4\"5\n", "quotes", 3, "b", "middle of a cell"},
                      BadFile{"TextAfterQuote", "a,b\n\"1\"x,2\n", "quotes", 2, "a", "middle of a cell"},
                      BadFile{"QuoteNeverClosed", "a,b\n1,2\n3,\"4\n5,6\n", "quotes", 3, "b", "none closes it"},
                      BadFile{"Empty", "", "empty-file", 0, "", "empty"},
                      BadFile{"OnlyMark", "\xEF\xBB\xBF", "empty-file", 0, "", "empty"},
                      BadFile{"OnlyBlankLines", "\n\r\n ,\n", "empty-file", 0, "", "empty"},
                      BadFile{"HeadingOnly", "a,b\n", "empty-file", 0, "", "no rows"},
                      BadFile{"DuplicateHeading", "a,b,A\n1,2,3\n", "duplicate-heading", 1, "A", "Columns A and C"}),
    [](const ::testing::TestParamInfo<BadFile>& test) { return test.param.what; });

TEST(CsvTest, LeavesOutRowsThatHaveShiftedAndKeepsTheOthers) {
  const TableResult result = ReadCsv("f.csv", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,\n");
  ASSERT_NE(result.table, nullptr);
  EXPECT_TRUE(result.problems.empty());
  EXPECT_EQ(result.table->row_count(), 2u);
  EXPECT_THAT(Row(*result.table, 0), ElementsAre("1", "2", "3"));
  EXPECT_THAT(Row(*result.table, 1), ElementsAre("1", "2", "3"));
  EXPECT_EQ(result.table->row_number(1), 5u);
  const std::vector<RaggedRow>& ragged = result.table->ragged_rows();
  ASSERT_EQ(ragged.size(), 2u);
  EXPECT_EQ(ragged[0].number, 2u);
  EXPECT_EQ(ragged[0].shape, (RaggedShape{-1, 2}));
  EXPECT_THAT(result.table->RaggedCells(0), ElementsAre("1", "2"));
  EXPECT_EQ(ragged[1].number, 4u);
  EXPECT_EQ(ragged[1].shape, (RaggedShape{1, 3}));
  EXPECT_THAT(result.table->RaggedCells(1), ElementsAre("1", "2", "3", "4"));
}

TEST(CsvTest, TellsAValueUnderABlankHeading) {
  const TableResult result = ReadCsv("f.csv", "a,,c\n1,,3\n1,2,3\n1,2,3,,5\n");
  ASSERT_NE(result.table, nullptr);
  EXPECT_EQ(result.table->row_count(), 1u);
  ASSERT_EQ(result.table->ragged_rows().size(), 2u);
  EXPECT_EQ(result.table->ragged_rows()[0].shape, (RaggedShape{0, 1}));
  EXPECT_EQ(result.table->ragged_rows()[1].shape, (RaggedShape{2, 1}));
}

TEST(CsvTest, KeepsAndCountsTheRowsThatHaveShifted) {
  std::string file = "a,b\n";
  for (int i = 0; i < 300; ++i) file += i % 3 == 0 ? "1,2,3\n" : "1\n";
  const TableResult result = ReadCsv("f.csv", file);
  ASSERT_NE(result.table, nullptr);
  EXPECT_EQ(result.table->ragged_rows().size(), 300u);
  EXPECT_THAT(result.table->ragged_shapes(),
              ElementsAre(std::pair(RaggedShape{-1, 1}, 200u), std::pair(RaggedShape{1, 2}, 100u)));
  EXPECT_THAT(result.table->RaggedCells(297), ElementsAre("1", "2", "3"));
}

TEST(CsvTest, SkipsTheLineThatTellsExcelTheSeparator) {
  for (const char* start :
       {"sep=,\n", "sep=,\r\n", "SEP=,\n", "\"sep=,\"\n", "\xEF\xBB\xBFsep=,\n", "sep=,,,\n", "sep=;\r"}) {
    const TableResult result = ReadCsv("f.csv", absl::StrCat(start, "a,b\n1,2\n"));
    ASSERT_NE(result.table, nullptr) << start;
    EXPECT_THAT(result.table->headings(), ElementsAre("a", "b")) << start;
    EXPECT_EQ(result.table->row_number(0), 2u) << start;  // As Excel counts.
  }
  EXPECT_THAT(ReadCsv("f.csv", "sep=x.y,b\n1,2\n").table->headings(), ElementsAre("sep=x.y", "b"));
  const TableResult semicolons = ReadCsv("f.csv", "sep=;\na;b\n1;2\n");
  ASSERT_EQ(semicolons.problems.size(), 1u);
  EXPECT_EQ(semicolons.problems[0].rule_id(), "separator");
}

TEST(CsvTest, ReadsHeadingsAsTheyLook) {
  const TableResult result = ReadCsv("f.csv",
                                     "adm\xE2\x80\x8Bissions,\"Bed\xC2\xA0"
                                     "days\nopen\",\xE2\x80\x8B,c\n1,2,,3\n");
  ASSERT_NE(result.table, nullptr);
  EXPECT_THAT(result.table->headings(), ElementsAre("admissions", "Bed days open", "", "c"));
  const TableResult same = ReadCsv("f.csv", "admissions,admissions\xE2\x80\x8B\n1,2\n");
  ASSERT_EQ(same.problems.size(), 1u);
  EXPECT_EQ(same.problems[0].rule_id(), "duplicate-heading");
  EXPECT_EQ(ReadCsv("f.csv", "\xE2\x80\x8B\na,b\n1,2\n").table->headings().size(), 2u);
}

TEST(CsvTest, NamesAColumnByItsHeadingAndItsLetters) {
  const TableResult result = ReadCsv("f.csv", absl::StrCat("a,,", std::string(24, ','), "last\n1\n"));
  ASSERT_NE(result.table, nullptr);
  EXPECT_EQ(result.table->heading_row_number(), 1u);
  v1::Finding finding;
  SetColumn(*result.table, 26, &finding);
  EXPECT_EQ(finding.column(), "last");
  EXPECT_EQ(finding.column_letter(), "AA");
  EXPECT_EQ(DescribeColumn(*result.table, 26), "last (AA)");
  EXPECT_EQ(DescribeColumn(*result.table, 1), "B");
  EXPECT_EQ(DescribeColumn("last", ""), "last");
}

TEST(CsvTest, RefusesMoreColumnsThanASpreadsheetHas) {
  const TableResult result = ReadCsv("f.csv", absl::StrCat("a", std::string(kMaxColumns, ','), "\n"));
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].rule_id(), "too-many-columns");
}

}  // namespace
}  // namespace quartermaster::client
