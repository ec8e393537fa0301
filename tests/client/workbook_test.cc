// Workbooks as tables: cells of every kind, sheets, and files that are damaged or made to harm.
#include "client/workbook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "client/merged_cells.h"
#include "client/workbook_parts.h"
#include "tests/client/workbook_parts.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The table of the only sheet.
std::shared_ptr<const CellTable> OnlyTable(const WorkbookResult& workbook) {
  EXPECT_THAT(workbook.problems, IsEmpty());
  EXPECT_THAT(workbook.sheets, SizeIs(1));
  if (workbook.sheets.size() != 1) return std::make_shared<CellTable>();
  EXPECT_THAT(workbook.sheets[0].result.problems, IsEmpty());
  const auto table = workbook.sheets[0].result.table;
  return table == nullptr ? std::make_shared<const CellTable>() : table;
}

std::shared_ptr<const CellTable> TableOf(const std::string& rows) {
  return OnlyTable(ReadWorkbook("f.xlsx", MakeWorkbook({{"Beds", rows}})));
}

constexpr char kHeading[] = "<row r='1'><c r='A1' t='inlineStr'><is><t>h</t></is></c></row>";

std::string InRow2(const std::string& cell) { return absl::StrCat(kHeading, "<row r='2'>", cell, "</row>"); }

v1::Finding OnlyProblem(const std::string& bytes) {
  const WorkbookResult workbook = ReadWorkbook("f.xlsx", bytes);
  EXPECT_THAT(workbook.sheets, IsEmpty());
  EXPECT_THAT(workbook.problems, SizeIs(1));
  if (workbook.problems.size() != 1) return {};
  EXPECT_EQ(workbook.problems[0].file(), "f.xlsx");
  EXPECT_FALSE(workbook.problems[0].hint().empty());
  return workbook.problems[0];
}

TEST(WorkbookTest, ACellIsWhatItLooksLike) {
  const struct {
    std::string cell;
    std::string text;
    bool is_without_value = false;
  } kCases[] = {
      {"<c r='A2'><v>12.5</v></c>", "12.5"},
      {"<c r='A2' t='n'><v>73956.967349999992</v></c>", "73956.967349999992"},
      {"<c r='A2' s='99'><v>1.1E8</v></c>", "1.1E8"},
      {"<c r='A2' t='s'><v>0</v></c>", "alpha"},
      {"<c r='A2' t='s'><v>1</v></c>", "beta gamma"},
      {"<c r='A2' t='s'><v>2</v></c>", "5^1"},
      {"<c r='A2' t='s'><v>3</v></c>", "50^45"},
      {"<c r='A2' t='s'><v>4</v></c>", "1st"},
      {"<c r='A2' t='s'><v>5</v></c>", "51"},
      {"<c r='A2' t='inlineStr'><is><t xml:space='preserve'> a </t><phoneticPr/></is></c>", "a"},
      {"<c r='A2' t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r><rPh sb='0' eb='1'><t>x</t></rPh></is></c>", "ab"},
      {"<c r='A2' t='str'><f>A1&amp;\"!\"</f><v>h!_x000A_&amp;</v></c>", "h!\n&"},
      {"<c r='A2' t='b'><v>1</v></c>", "TRUE"},
      {"<c r='A2' t='b'><v>0</v></c>", "FALSE"},
      {"<c r='A2' t='e'><v>#DIV/0!</v></c>", "#DIV/0!", true},
      {"<c r='A2' t='e'><f>1/0</f><v>#DIV/0!</v></c>", "#DIV/0!", true},
      {"<c r='A2'><f>SUM(B2:B9)</f><v>7</v></c>", "7"},
      {"<c r='A2'><f>SUM(B2:B9)</f><v></v></c>", "=SUM(B2:B9)", true},
      {"<c r='A2'><f>SUM(B2:B9)</f></c>", "=SUM(B2:B9)", true},
      {"<c r='A2'><f t='shared' si='0'/></c>", "=", true},
      {"<c r='A2' t='d'><v>2025-04-01</v></c>", "2025-04-01"},
      {"<c r='A2' s='1'><v>45748</v></c>", "2025-04-01"},
      {"<c r='A2' s='2'><v>45748</v></c>", "2025-04"},
      {"<c r='A2' s='2'><v>45749</v></c>", "2025-04-02"},
      {"<c r='A2' s='4'><v>45748.5</v></c>", "2025-04-01T12:00:00"},
      {"<c r='A2' s='3'><v>0.853</v></c>", "85.3%"},
      {"<c r='A2' t='s' s='2'><v>0</v></c>", "alpha"},
      {"<c r='A2'><v>5</v><extLst><ext><v>6</v></ext></extLst></c>", "5"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.cell);
    const auto table = TableOf(InRow2(c.cell));
    ASSERT_EQ(table->row_count(), 1u);
    EXPECT_EQ(table->cell(0, 0), c.text);
    EXPECT_EQ(table->IsWithoutValue(0, 0), c.is_without_value);
  }
}

TEST(WorkbookTest, CellsKeepTheirPlaces) {
  // Blank cells are left out of the file, and so are rows; what does not say where it is comes next.
  const auto table = TableOf(
      "<row r='3'><c r='B3' t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
      "<row r='5' hidden='1'><c r='C5'><v>1</v></c></row>"
      "<row><c r='A6' s='1'/><c r='B6'><v>2</v></c><c r='XFD6' s='1'/></row>"
      "<row r='9'><c r='B9'><v>3</v></c><c r='E9'><v>4</v></c></row>"
      "<row r='1048576'><c r='C1048576'><v>5</v></c></row>");
  EXPECT_THAT(table->headings(), ElementsAre("", "alpha", "beta gamma"));
  EXPECT_EQ(table->heading_row_number(), 3u);
  ASSERT_EQ(table->row_count(), 3u);
  EXPECT_EQ(table->row_number(0), 5u);
  EXPECT_EQ(table->row_number(1), 6u);
  EXPECT_EQ(table->row_number(2), 1048576u);
  EXPECT_EQ(table->hidden().row_count, 1u);
  EXPECT_EQ(table->hidden().first_row, 5u);
  EXPECT_EQ(table->cell(0, 1), "");
  EXPECT_EQ(table->cell(0, 2), "1");
  EXPECT_EQ(table->cell(1, 1), "2");
  ASSERT_THAT(table->ragged_rows(), SizeIs(1));
  EXPECT_EQ(table->ragged_rows()[0].number, 9u);
  EXPECT_THAT(table->RaggedCells(0), ElementsAre("", "3", "", "", "4"));
}

TEST(WorkbookTest, EverySheetWithAHeadingIsGiven) {
  const WorkbookResult workbook = ReadWorkbook(
      "f.xlsx",
      MakeWorkbook({{"Full", InRow2("<c><v>1</v></c>")},
                    {"Blank", "<row><c s='1'/></row>"},
                    {"Heading &amp; no more", kHeading},
                    {"Twins", "<row><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row><row><c><v>1</v></c></row>"}}));
  EXPECT_THAT(workbook.problems, IsEmpty());
  ASSERT_THAT(workbook.sheets, SizeIs(3));
  EXPECT_EQ(workbook.sheets[0].name, "Full");
  EXPECT_NE(workbook.sheets[0].result.table, nullptr);
  EXPECT_EQ(workbook.sheets[1].name, "Heading & no more");
  ASSERT_THAT(workbook.sheets[1].result.problems, SizeIs(1));
  EXPECT_EQ(workbook.sheets[1].result.problems[0].rule_id(), "empty-file");
  EXPECT_EQ(workbook.sheets[1].result.problems[0].sheet(), "Heading & no more");
  ASSERT_THAT(workbook.sheets[2].result.problems, SizeIs(1));
  EXPECT_EQ(workbook.sheets[2].result.problems[0].rule_id(), "duplicate-heading");
  EXPECT_EQ(workbook.sheets[2].result.problems[0].column_letter(), "B");
  EXPECT_THAT(workbook.sheets[2].headings, ElementsAre("alpha", "alpha"));
}

TEST(WorkbookTest, PrefixesAndTheStrictEditionAreUnderstood) {
  std::vector<ZipEntry> entries = WorkbookEntries({{"Beds", ""}});
  for (ZipEntry& entry : entries) {
    if (entry.name == "xl/worksheets/sheet0.xml") {
      entry.bytes =
          "<x:worksheet xmlns:x='http://purl.oclc.org/ooxml/spreadsheetml/main'><x:sheetData><x:row><x:c t='s'>"
          "<x:v>0</x:v></x:c></x:row><x:row><x:c><x:v>4</x:v></x:c></x:row></x:sheetData></x:worksheet>";
    }
  }
  const auto table = OnlyTable(ReadWorkbook("f.xlsx", MakeZip(entries)));
  EXPECT_THAT(table->headings(), ElementsAre("alpha"));
  EXPECT_EQ(table->cell(0, 0), "4");
}

TEST(WorkbookTest, DaysCountFrom1904WhereItSaysSo) {
  std::vector<ZipEntry> entries = WorkbookEntries({{"Beds", InRow2("<c s='1'><v>44286</v></c>")}});
  std::string& workbook = entries.back().bytes;
  workbook.insert(workbook.find("<sheets>"), "<workbookPr date1904='1'/>");
  EXPECT_EQ(OnlyTable(ReadWorkbook("f.xlsx", MakeZip(entries)))->cell(0, 0), "2025-04-01");
}

TEST(WorkbookTest, ReadsWhatLibxlsxwriterMakes) {
  std::string pattern = (std::filesystem::temp_directory_path() / "qm_workbook_XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const std::string path = (folder / "f.xlsx").string();
  lxw_workbook* const workbook = workbook_new(path.c_str());
  lxw_worksheet* const sheet = workbook_add_worksheet(workbook, "Beds");
  lxw_format* const month = workbook_add_format(workbook);
  format_set_num_format(month, "mmm yyyy");
  worksheet_write_string(sheet, 0, 0, "name", nullptr);
  worksheet_write_string(sheet, 0, 1, "number", nullptr);
  worksheet_write_string(sheet, 0, 2, "month", nullptr);
  worksheet_merge_range(sheet, 1, 0, 2, 0, "St Mary's <&>", nullptr);
  worksheet_write_number(sheet, 1, 1, 0.1 + 0.2, nullptr);
  worksheet_write_number(sheet, 1, 2, 45748, month);
  worksheet_write_formula_num(sheet, 2, 1, "=1+1", nullptr, 2);
  worksheet_hide(workbook_add_worksheet(workbook, "Hidden"));
  ASSERT_EQ(workbook_close(workbook), LXW_NO_ERROR);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::filesystem::remove_all(folder);

  const auto table = OnlyTable(ReadWorkbook("f.xlsx", bytes));
  ASSERT_EQ(table->row_count(), 2u);
  EXPECT_EQ(table->cell(0, 0), "St Mary's <&>");
  EXPECT_EQ(table->cell(0, 1), "0.3");  // It writes 16 digits.
  EXPECT_EQ(table->cell(0, 2), "2025-04");
  EXPECT_EQ(table->cell(1, 0), "");
  EXPECT_EQ(table->cell(1, 1), "2");
}

TEST(WorkbookTest, WhatMergedCellsHideIsNamed) {
  const auto read = [](const std::string& ranges, const std::string& more_rows = "") {
    const std::string rows = absl::StrCat(
        "<row r='1'><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row><row r='3'><c r='A3'><v>1</v></c></row>"
        "<row r='4'><c r='A4'><v>2</v></c><c r='B4'><v>3</v></c></row><row r='5'><c r='D5'><v>4</v></c></row>",
        more_rows);
    // The ranges stand after the rows, in the same part.
    return ReadWorkbook(
        "f.xlsx",
        MakeWorkbook({{"Beds", absl::StrCat(rows, "</sheetData><mergeCells>", ranges, "</mergeCells><sheetData>")}}));
  };
  const std::string harmless =
      "<mergeCell ref='A1:B1'/><mergeCell ref='A3:B3'/><mergeCell ref='B4:C4'/><mergeCell ref='D5:XFD9'/>";
  EXPECT_NE(read(harmless).sheets.at(0).result.table, nullptr);
  const struct {
    std::string ranges;
    uint32_t row;
    std::string column;
  } kCases[] = {
      {"<mergeCell ref='A4:B4'/>", 4, "B"},
      {"<mergeCell ref='A2:A9'/>", 3, "A"},
      {"<mergeCell ref='A3:A9'/>", 4, "A"},
      {"<mergeCell ref='C1:XFD1048576'/>", 5, "D"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.ranges);
    const WorkbookResult workbook = read(c.ranges);
    ASSERT_THAT(workbook.sheets, SizeIs(1));
    ASSERT_THAT(workbook.sheets[0].result.problems, SizeIs(1));
    const v1::Finding& problem = workbook.sheets[0].result.problems[0];
    EXPECT_EQ(problem.rule_id(), "hidden-value");
    EXPECT_EQ(problem.row(), c.row);
    EXPECT_EQ(problem.column_letter(), c.column);
  }
  std::string overlapping;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&overlapping, "<mergeCell ref='E1:XFC9'/>");
  const WorkbookResult wide = read(overlapping, "<row r='6'><c r='XFD6'><v>1</v></c></row>");
  EXPECT_THAT(wide.sheets.at(0).result.problems.at(0).message(), HasSubstr("overlap"));
  EXPECT_THAT(read("<mergeCell ref='A1'/>").problems.at(0).message(), HasSubstr("merges the cells \"A1\""));
  std::string many;
  for (size_t i = 0; i <= kMaxMergedRanges; ++i) absl::StrAppend(&many, "<mergeCell ref='A1:B1'/>");
  EXPECT_EQ(read(many).problems.at(0).rule_id(), "workbook-too-large");
}

TEST(WorkbookTest, WhatIsNoWorkbookIsNamed) {
  const struct {
    std::string bytes;
    std::string rule;
    std::string said;
  } kCases[] = {
      {"PK\x03\x04", "damaged-workbook", "zip archive"},
      {MakeZip({{"readme.txt", "x"}}), "not-workbook", "a zip archive"},
      {MakeZip({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}}), "not-workbook", ".ods"},
      {MakeZip({{"xl/workbook.xml", "<workbook/>"}}), "damaged-workbook", "_rels/.rels is not there"},
      {MakeWorkbookWith("_rels/.rels", "<Relationships/>"), "not-workbook", "a zip archive"},
      {MakeWorkbookWith("_rels/.rels",
                        "<Relationships><Relationship Id='w' Type='x/officeDocument' Target='xl/workbook.bin'/>"
                        "</Relationships>"),
       "not-workbook", ".xlsb"},
      {MakeWorkbookWith("xl/workbook.xml", "<document/>"), "not-workbook", "a document"},
      {MakeWorkbook({}), "empty-file", "No sheet"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.said);
    const v1::Finding problem = OnlyProblem(c.bytes);
    EXPECT_EQ(problem.rule_id(), c.rule);
    EXPECT_THAT(problem.message(), HasSubstr(c.said));
  }
}

TEST(WorkbookTest, DamagedPartsAreNamed) {
  const std::string sheet = "xl/worksheets/sheet0.xml";
  const auto sheet_of = [](const std::string& rows) { return MakeWorkbook({{"Beds", rows}}); };
  const auto texts_of = [](const std::string& xml) { return MakeWorkbookWith("xl/sharedStrings.xml", xml); };
  const struct {
    std::string bytes;
    std::string said;
  } kCases[] = {
      {MakeWorkbookWith(sheet, "<worksheet><sheetData>"), "sheet0.xml: it is no XML"},
      {MakeWorkbookWith(sheet, ""), "sheet0.xml: it is no XML"},
      {MakeWorkbookWith(sheet, "<!DOCTYPE worksheet [<!ENTITY a 'aaaa'>]><worksheet>&a;</worksheet>"), "document type"},
      {MakeWorkbookWith(sheet, "<!DOCTYPE worksheet SYSTEM 'file:///etc/passwd'><worksheet/>"), "document type"},
      {MakeWorkbookWith(sheet, "<worksheet>&b;</worksheet>"), "undefined entity"},
      {texts_of(absl::StrCat("<sst ", std::string(2 * kMaxXmlTokenBytes, ' '), "><si/></sst>")), "a tag has more than"},
      {texts_of([] {
         std::string deep;
         for (int i = 0; i <= kMaxXmlDepth; ++i) absl::StrAppend(&deep, "<a>");
         return deep;
       }()),
       "nest more than"},
      {MakeWorkbookWith("xl/_rels/workbook.xml.rels", "<Relationships/>"), "where the sheet Beds lies"},
      {sheet_of(InRow2("<c r='A2' t='s'><v>6</v></c>")), "refers to the text 6; there are 6"},
      {sheet_of(InRow2("<c r='A2' t='s'><v>-1</v></c>")), "refers to the text -1"},
      {sheet_of(InRow2("<c r='B2'><v>1</v></c><c r='A2'><v>1</v></c>")), "row 2 has the cell A2 where"},
      {sheet_of(InRow2("<c r='A3'><v>1</v></c>")), "row 2 has the cell A3 where"},
      {sheet_of(InRow2("<c r='XFE2'><v>1</v></c>")), "a cell \"XFE2\", which no sheet has"},
      {sheet_of(InRow2("<c r='AAAAAAAAAAAAAA2'><v>1</v></c>")), "which no sheet has"},
      {sheet_of(InRow2("<c r='A0'><v>1</v></c>")), "which no sheet has"},
      {sheet_of(InRow2("<c r='A99999999999'><v>1</v></c>")), "which no sheet has"},
      {sheet_of(InRow2("<c r='XFD2'><v>1</v></c><c><v>1</v></c>")), "where it does not belong"},
      {sheet_of(InRow2("<c r='A2' s='-1'><v>1</v></c>")), "of the style \"-1\""},
      {sheet_of("<row r='2'/><row r='2'/>"), "after row 2 comes row 2"},
      {sheet_of("<row r='1048577'/>"), "comes row 1048577"},
      {sheet_of("<row r='x'/>"), "has the number \"x\""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.said);
    const v1::Finding problem = OnlyProblem(c.bytes);
    EXPECT_EQ(problem.rule_id(), "damaged-workbook");
    EXPECT_THAT(problem.message(), HasSubstr(c.said));
  }
  EXPECT_EQ(OnlyProblem(sheet_of("<row r='x'/>")).sheet(), "Beds");
}

TEST(WorkbookTest, WhatPassesALimitIsRefused) {
  const auto first = [](ZipEntry changed) {
    std::vector<ZipEntry> entries = WorkbookEntries({{"Beds", InRow2("<c><v>1</v></c>")}});
    for (ZipEntry& entry : entries) {
      if (entry.name != changed.name) continue;
      if (changed.bytes.empty()) changed.bytes = entry.bytes;
      entry = changed;
    }
    return MakeZip(entries);
  };
  std::vector<std::pair<std::string, std::string>> sheets(kMaxSheets + 1, {"S", ""});
  std::string wide = kHeading;
  for (int row = 2; row < 800; ++row)
    absl::StrAppend(&wide, "<row r='", row, "'><c r='XFD", row, "'><v>1</v></c></row>");
  std::string copies = kHeading;  // Of one long text.
  for (int row = 2; row < 3000; ++row) absl::StrAppend(&copies, "<row><c t='s'><v>2</v></c></row>");
  std::vector<ZipEntry> with_copies = WorkbookEntries({{"Beds", copies}});
  with_copies[1].bytes = absl::StrCat("<sst><si/><si/><si><t>", std::string(kMaxCellTextBytes, 'x'), "</t></si></sst>");
  const std::string sheet = "xl/worksheets/sheet0.xml";
  const struct {
    std::string bytes;
    std::string rule;
    std::string said;
  } kCases[] = {
      {first({sheet, "", /*declared_bytes=*/300u << 20}), "workbook-too-large", "256 MB"},
      {first({sheet, std::string(1 << 20, ' '), /*declared_bytes=*/200, {}, false, /*is_packed=*/true}),
       "damaged-workbook", "sheet0.xml"},
      {first({sheet, "", {}, /*checksum=*/1}), "damaged-workbook", "CRC"},
      {first({sheet, "", {}, {}, /*is_encrypted=*/true}), "locked-workbook", "password"},
      {MakeZip(std::vector<ZipEntry>(kMaxZipEntries + 1, {"x", ""})), "workbook-too-large", "entries"},
      {MakeWorkbook(sheets), "workbook-too-large", "more than 256 sheets"},
      {MakeWorkbook({{"Beds", wide}}), "workbook-too-large", "cells that are taken"},
      {MakeZip(with_copies), "workbook-too-large", "MB of text"},
      {MakeWorkbook(
           {{"Beds", InRow2(absl::StrCat("<c t='str'><v>", std::string(kMaxCellTextBytes + 1, 'x'), "</v></c>"))}}),
       "workbook-too-large", "longer than a cell"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.said);
    const v1::Finding problem = OnlyProblem(c.bytes);
    EXPECT_EQ(problem.rule_id(), c.rule) << problem.message();
    EXPECT_THAT(problem.message(), HasSubstr(c.said));
  }
}

// Whatever is cut off or overwritten: an answer, and no more.
TEST(WorkbookTest, EveryPrefixAndEveryFlippedByteIsAnswered) {
  const std::string whole = MakeWorkbook({{"Beds", InRow2("<c t='s'><v>1</v></c>")}});
  for (size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_THAT(ReadWorkbook("f.xlsx", whole.substr(0, size)).problems, SizeIs(1)) << size;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const WorkbookResult workbook = ReadWorkbook("f.xlsx", flipped);
    EXPECT_EQ(workbook.problems.empty(), !workbook.sheets.empty()) << at;
  }
}

}  // namespace
}  // namespace quartermaster::client
