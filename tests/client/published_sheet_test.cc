// Sheets as they are published, and files that are none.
#include "client/published_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTwoRowHeading[] =
    "\r\n"
    ",Title:,Community contacts by age\r\n"
    ",Period:,July to September 2021\r\n"
    ",\r\n"
    ",,,,,,Contacts,,,Waiting,\r\n"
    ",Year,Period End,Region Code,Trust Code,Trust,Adults,Children,,Adults,Children\r\n"
    ",2021-22,September,,,All trusts,\"1,300\",70,,12,9\r\n"
    "\r\n"
    ",2021-22,September,Y01,RA1,\"ONE, OF NORTH\",500,30,,5,-\r\n"
    ",2021-22,September,Y01,RA2,TWO,400,20,,7,9\r\n"
    ",2021-22,September,Y02,RA3,THREE,400,20,,-,-\r\n"
    ",,,,,,,,,,\r\n"
    ",Note: provisional\r\n"
    ",,,,\r\n"
    "\r\n";

TEST(PublishedSheetTest, FindsThePartsOfASheet) {
  const absl::optional<PublishedSheet> sheet = RecognisePublishedSheet(kTwoRowHeading);
  ASSERT_TRUE(sheet);
  EXPECT_THAT(sheet->title_rows, ElementsAre(2, 3));
  EXPECT_EQ(sheet->group_row, 5u);
  EXPECT_EQ(sheet->heading_row, 6u);
  ASSERT_THAT(sheet->groups, SizeIs(2));
  EXPECT_EQ(sheet->groups[0].name, "Contacts");
  EXPECT_THAT(sheet->groups[1].headings, ElementsAre("Adults", "Children"));
  EXPECT_EQ(sheet->groups[1].first_column, 9u);
  EXPECT_EQ(sheet->groups[1].last_column, 10u);
  ASSERT_THAT(sheet->totals, SizeIs(1));
  EXPECT_EQ(sheet->totals[0].row, 7u);
  EXPECT_EQ(sheet->totals[0].name, "All trusts");
  EXPECT_EQ(sheet->first_data_row, 9u);
  EXPECT_EQ(sheet->last_data_row, 11u);
  EXPECT_THAT(sheet->blank_rows, ElementsAre(8, 12));
  EXPECT_THAT(sheet->note_rows, ElementsAre(13));
  EXPECT_EQ(sheet->blank_tail_row, 14u);
  EXPECT_THAT(sheet->blank_columns, ElementsAre(0, 8));
  EXPECT_EQ(sheet->no_value_mark, "-");
  EXPECT_EQ(sheet->no_value_cells, 3u);
  // Regions have codes too, but share them.
  EXPECT_EQ(sheet->participant_column, 4u);
  EXPECT_THAT(sheet->period_columns, ElementsAre(1, 2));
  EXPECT_THAT(sheet->period_periods, ElementsAre("2021-22-Q2", "2021-09"));
}

TEST(PublishedSheetTest, SaysWhatWasFoundAndHowToProceed) {
  const v1::Finding finding =
      DescribePublishedSheet(*RecognisePublishedSheet(kTwoRowHeading), "sheet.csv", "contacts", "community");
  EXPECT_EQ(finding.rule_id(), "published-sheet");
  EXPECT_EQ(finding.class_(), schema::v1::CLASS_STRUCTURE);
  EXPECT_EQ(finding.severity(), schema::v1::SEVERITY_ERROR);
  EXPECT_EQ(finding.file(), "sheet.csv");
  EXPECT_EQ(finding.row(), 6u);
  EXPECT_EQ(
      finding.message(),
      "This is a sheet as it is published, not a file of returns; nothing in it was taken.\n"
      "Rows 2 and 3 are titles.\n"
      "Rows 5 and 6 are the heading: \"Contacts\" stands over G to H (Adults and Children) and \"Waiting\" over J "
      "to K (the same).\n"
      "Row 7 (All trusts) has no code and looks like a total.\n"
      "Rows 9 to 11 are the data. Notes stand in row 13. Blank: rows 8 and 12. From row 14 on there is nothing.\n"
      "Columns A and I are blank. 3 cells hold \"-\" for no value.\n"
      "Column Trust Code (E) looks like the participant: its values look like codes. Year (B) and Period End (C) "
      "together look like the period.");
  EXPECT_THAT(finding.hint(), HasSubstr("participant,period,<field>"));
  EXPECT_THAT(finding.hint(), HasSubstr("The period is written 2021-22-Q2, or 2021-09 if it is a month."));
  EXPECT_THAT(finding.hint(), HasSubstr("'qm collection show contacts --service community' lists the fields"));
}

TEST(PublishedSheetTest, TakesNoSheetWithoutData) {
  EXPECT_TRUE(RecognisePublishedSheet("A title\na,b,c,d,e,f\n1,2,3\n4,5,6\n"));
  EXPECT_FALSE(RecognisePublishedSheet("A title\na,b,c,d,e,f,g\n1,2,3\n4,5,6\n"));
}

TEST(PublishedSheetTest, TakesTitlesAboveAHeadingOfOneRow) {
  const absl::optional<PublishedSheet> sheet = RecognisePublishedSheet(
      "Table 1: beds by trust\n\nCode,Quarter,Beds,Days\nRA1,2021-22-Q2,5,6\nRA2,2021-22-Q2,7,8\nRA3,2021-22-Q2,7,8\n");
  ASSERT_TRUE(sheet);
  EXPECT_THAT(sheet->title_rows, ElementsAre(1));
  EXPECT_EQ(sheet->group_row, 0u);
  EXPECT_EQ(sheet->heading_row, 3u);
  EXPECT_EQ(sheet->participant_column, 0u);
  EXPECT_THAT(sheet->period_columns, ElementsAre(1));
  EXPECT_THAT(sheet->totals, IsEmpty());
  const v1::Finding finding = DescribePublishedSheet(*sheet, "f.csv", "", "");
  EXPECT_THAT(finding.message(), HasSubstr("\nRow 1 is a title.\nRow 3 is the heading.\nRows 4 to 6 are the data."));
  EXPECT_THAT(finding.message(), Not(HasSubstr("blank")));
  EXPECT_THAT(finding.hint(), HasSubstr("'qm collection show C --service S'"));
}

TEST(PublishedSheetTest, TakesATitleAboveAHeadingOfOurs) {
  const absl::optional<PublishedSheet> sheet =
      RecognisePublishedSheet("Returns of June\nparticipant,period,beds\nRT1,2021-04,5\nRT2,2021-04,6\n");
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->heading_row, 2u);
}

TEST(PublishedSheetTest, LeavesOtherFilesAlone) {
  const struct {
    const char* what;
    std::string text;
  } kCases[] = {
      {"a wide file", "participant,period,beds\nRT1,2021-04,5\nRT2,2021-04,6\n"},
      {"a wide file with every kind of mistake", "period,beds,participant\n,,\nRT1\n\n2021-04,5,RT2\n,England,5,6,7\n"},
      {"a long file", "field,value,period,service\nbeds,5,2021-04,s\nbeds,6,2021-04,s\n"},
      {"wrong headings", "organisation,month,beds,days\nRT1,2021-04,5,6\nRT2,2021-04,5,6\n"},
      {"headings of fields alone", "beds\n5\n6\n"},
      {"headings of fields alone, several", "beds,days,staff\n5,6,7\n6,7,8\n"},
      {"no heading", "RT1,2021-04,5,6\nRT2,2021-04,5,6\n"},
      {"texts alone", "a,b,c\nd,e,f\ng,h,i\n"},
      {"a heading twice",
       "organisation,month,beds,days\norganisation,month,beds,days\nRT1,2021-04,5,6\nRT2,2021-04,5,6\n"},
      {"units below the heading", "organisation,beds,days\n,number,number\nRT1,5,6\nRT2,5,6\n"},
      {"one row of figures", "Title\na,b,c\n1,2,3\n"},
      {"a letter", "Dear colleague,\nplease find, enclosed, the figures, as agreed\nYours\n"},
      {"nothing", ""},
      {"blank rows", ",,\n\n,\n"},
      {"no CSV", "a,\"b\nc"},
      {"not UTF-8",
       "Title\nCode,Beds,Days\nRA1,5,\xA3"
       "6\nRA2,5,6\n"},
      {"far down", absl::StrCat(std::string(200, '\n'), "Title\nCode,Beds,Days\nRA1,5,6\nRA2,5,6\n")},
  };
  for (const auto& c : kCases) EXPECT_FALSE(RecognisePublishedSheet(c.text)) << c.what;
}

TEST(PublishedSheetTest, ALongBlankTailCostsNoMoreThanItsRows) {
  std::string text = "Title\nCode,Beds,Days,Staff\n";
  for (int i = 0; i < 40'000; ++i) absl::StrAppend(&text, "RA", i, ",5,6,7\n");
  text += std::string(1'000'000, '\n');
  const absl::Time start = absl::Now();
  const absl::optional<PublishedSheet> sheet = RecognisePublishedSheet(text);
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->last_data_row, 40'002u);
  EXPECT_EQ(sheet->blank_tail_row, 40'003u);
  // A walk over the tail for each row would take 40 billion steps.
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST(PublishedSheetTest, EndsWhereASheetIsTooLarge) {
  std::string text = "Title\nCode,Beds,Days,Staff\n";
  for (int i = 0; i < 300'000; ++i) text += "RA1,5,6,7\n";
  EXPECT_FALSE(RecognisePublishedSheet(text));
}

}  // namespace
}  // namespace quartermaster::client
