// One mistake of a file is one finding: misspelt headings, shifted columns, ragged rows, totals.
#include "tests/client/return_file_fixture.h"

namespace quartermaster::client {
namespace {

TEST(FileMistakesTest, NamesAMisspeltHeadingOnceAndWithholdsItsFile) {
  const FileReturns file = Read(
      "participant,period,service,availabel,admissions\n"
      "RT1,2025-04,inpatient,5,1\n\n"
      "RT2,2025-04,inpatient,6,2\n"
      "RT3,2025-04,inpatient,,3\n");
  EXPECT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.row_problems, SizeIs(1));
  const v1::Finding& finding = file.row_problems[0];
  EXPECT_EQ(finding.rule_id(), "unknown-column");
  EXPECT_EQ(finding.class_(), schema::v1::CLASS_STRUCTURE);
  EXPECT_EQ(finding.row(), 1u);
  EXPECT_EQ(finding.column(), "availabel");
  EXPECT_EQ(finding.column_letter(), "D");
  EXPECT_EQ(finding.message(), "The service inpatient has no field \"availabel\"; 2 rows have a value in this column.");
  EXPECT_THAT(finding.hint(), HasSubstr("Did you mean available? The values were checked as such."));
  ASSERT_THAT(file.returns, SizeIs(3));
  for (const FileReturn& file_return : file.returns) {
    EXPECT_FALSE(file_return.CanBeSent());
    EXPECT_THAT(file_return.problems, IsEmpty());
  }
  EXPECT_THAT(Describe(file.returns[0]), ElementsAre("available = 5", "admissions = 1"));
  // Its findings name the cell under the misspelt heading.
  google::protobuf::RepeatedPtrField<v1::Finding> findings;
  findings.Add()->set_field("available");
  file.returns[1].origin.Locate(&findings);
  EXPECT_EQ(findings[0].row(), 4u);
  EXPECT_EQ(findings[0].column(), "availabel");
}

TEST(FileMistakesTest, NamesAHeadingThatMeansNothingAndLeavesItsValuesOut) {
  const FileReturns file = Read(
      "participant,period,service,remarks_of_ward,availabel,available\n"
      "RT1,2025-04,inpatient,full,4,5\n");
  ASSERT_THAT(file.row_problems, SizeIs(2));
  EXPECT_THAT(file.row_problems[0].hint(), HasSubstr("'qm collection show beds --service inpatient' lists the fields"));
  EXPECT_THAT(file.row_problems[1].hint(), HasSubstr("Did you mean available? That is there as well"));
  EXPECT_THAT(Describe(file.returns.at(0)), ElementsAre("available = 5"));
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(FileMistakesTest, TakesHeadingsAsPeopleWriteThem) {
  for (const char* heading : {"Available", "AVAIL-ABLE", " available\xE2\x80\x8B", "avail able"}) {
    const FileReturns file = Read(
        absl::StrCat("Participant,PERIOD,service,", heading, ",Ethnicity: White\n", "RT1,2025-04,inpatient,5.5,7\n"));
    EXPECT_THAT(file.row_problems, IsEmpty()) << heading;
    ASSERT_THAT(file.returns, SizeIs(1)) << heading;
    EXPECT_THAT(Describe(file.returns[0]), ElementsAre("available = 5.5", "ethnicity.white = 7")) << heading;
    EXPECT_TRUE(file.returns[0].CanBeSent());
    google::protobuf::RepeatedPtrField<v1::Finding> findings;
    findings.Add()->set_field("ethnicity.white");
    file.returns[0].origin.Locate(&findings);
    EXPECT_EQ(findings[0].column(), "Ethnicity: White");
  }
  const FileReturns longer = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,inpatient,Ethnicity: White,5\n"
      "RT1,2025-04,inpatient,ethnicity.white,6\n");
  ASSERT_THAT(longer.returns, SizeIs(1));
  ASSERT_THAT(longer.returns[0].problems, SizeIs(1));
  EXPECT_EQ(longer.returns[0].problems[0].rule_id(), "duplicate-field");
}

TEST(FileMistakesTest, RefusesTwoColumnsOfOneField) {
  const FileReturns file = Read(
      "participant,period,service,Ethnicity: White,ethnicity.white\n"
      "RT1,2025-04,inpatient,4,5\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].rule_id(), "duplicate-heading");
  EXPECT_EQ(file.row_problems[0].column_letter(), "D");
  EXPECT_EQ(file.row_problems[0].message(),
            "\"Ethnicity: White\" is the field ethnicity.white of the service inpatient, which has another column as "
            "well; 1 row has a value in this column.");
  EXPECT_THAT(file.row_problems[0].hint(), HasSubstr("Keep one of the two columns."));
  EXPECT_THAT(Describe(file.returns.at(0)), ElementsAre("ethnicity.white = 5"));
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(FileMistakesTest, SaysThatALabelOfTwoFieldsIsAmbiguous) {
  const FileReturns wide = Read("participant,period,service,twin\nRT1,2025-04,twins,4\n");
  const FileReturns longer = Read("participant,period,service,field,value\nRT1,2025-04,twins,Twin,4\n");
  ASSERT_THAT(wide.row_problems, SizeIs(1));
  EXPECT_EQ(wide.row_problems[0].rule_id(), "unknown-column");
  EXPECT_EQ(wide.row_problems[0].message(),
            "The service twins has 2 fields called \"twin\"; 1 row has a value in this column.");
  EXPECT_EQ(
      wide.row_problems[0].hint(),
      "Write the path of the one that is meant: elder, younger. No return of this file is taken until the heading "
      "is right.");
  ASSERT_THAT(longer.row_problems, SizeIs(1));
  EXPECT_EQ(longer.row_problems[0].message(), "The service twins has 2 fields called \"Twin\"; 1 row has this name.");
  for (const FileReturns& file : {wide, longer}) {
    EXPECT_THAT(Describe(file.returns.at(0)), IsEmpty());
    EXPECT_FALSE(file.returns[0].CanBeSent());
  }
}

TEST(FileMistakesTest, SaysWhatToDoWithAColumnOfRemarks) {
  const FileReturns file = Read("participant,period,service,Comments,available\nRT1,2025-04,inpatient,full,5\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].rule_id(), "unknown-column");
  EXPECT_EQ(file.row_problems[0].hint(),
            "A return has no place for remarks: delete the column, or rename it to the field that it holds; 'qm "
            "collection show beds --service inpatient' lists the fields. No return of this file is taken until the "
            "heading is right.");
}

TEST(FileMistakesTest, WithholdsOnlyTheRowsThatUseAHeadingOfAnotherService) {
  const FileReturns file = Read(
      "participant,period,service,available,referrals\n"
      "RT1,2025-04,inpatient,5,\n"
      "RT2,2025-04,inpatient,5,7\n"
      "RT3,2025-04,community,,7\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_THAT(file.row_problems[0].message(), HasSubstr("inpatient has no field \"referrals\"; 1 row has"));
  ASSERT_THAT(file.returns, SizeIs(3));
  EXPECT_TRUE(file.returns[0].CanBeSent());
  EXPECT_FALSE(file.returns[1].CanBeSent());
  EXPECT_TRUE(file.returns[2].CanBeSent());
}

TEST(FileMistakesTest, NamesAMisspeltFieldOfALongFileOnce) {
  std::string text = "participant,period,service,field,value\n";
  for (int i = 1; i <= 8; ++i) {
    absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,", i == 8 ? "occupied" : "ocupied", ",5\n");
  }
  const FileReturns file = Read(text);
  ASSERT_THAT(file.row_problems, SizeIs(1));
  const v1::Finding& finding = file.row_problems[0];
  EXPECT_EQ(finding.rule_id(), "unknown-field");
  EXPECT_EQ(finding.row(), 2u);
  EXPECT_EQ(finding.column(), "field");
  EXPECT_EQ(finding.column_letter(), "D");
  EXPECT_THAT(finding.message(), HasSubstr("no field \"ocupied\"; 7 rows have this name: 2, 3, 4, 5, 6 and 2 more."));
  EXPECT_THAT(finding.hint(), HasSubstr("Did you mean occupied?"));
  EXPECT_FALSE(file.returns.at(0).CanBeSent());
  EXPECT_THAT(Describe(file.returns[0]), ElementsAre("occupied = 5"));
  EXPECT_TRUE(file.returns.at(7).CanBeSent());
}

TEST(FileMistakesTest, PrefersTheFieldThatIsNamedRightInALongFile) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,inpatient,ocupied,5\n"
      "RT1,2025-04,inpatient,occupied,6\n");
  EXPECT_THAT(file.returns.at(0).problems, IsEmpty());
  EXPECT_THAT(Describe(file.returns[0]), ElementsAre("occupied = 6"));
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(FileMistakesTest, EndsTheListOfUnknownHeadings) {
  std::string heading = "participant,period,service";
  std::string row = "RT1,2025-04,inpatient";
  for (size_t i = 0; i < kMaxColumns - 10; ++i) {
    absl::StrAppend(&heading, ",x", i);
    row += ",1";
  }
  const FileReturns file = Read(absl::StrCat(heading, "\n", row, "\n"));
  EXPECT_THAT(file.row_problems, SizeIs(101));
  EXPECT_THAT(file.row_problems.back().message(), HasSubstr("more values stand under other names"));
}

TEST(FileMistakesTest, TellsTheServiceOfAFileWithAMisspeltHeading) {
  const FileReturns file = Read("participant,period,available,ocupied,admissions\nRT1,2025-04,5,4,3\n");
  EXPECT_EQ(file.returns.at(0).content.service(), "inpatient");
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

constexpr char kWideHeading[] = "participant,period,service,available,open,team,admissions,note,occupied,contacts\n";

TEST(FileMistakesTest, NamesAShiftedRowOnce) {
  const FileReturns file = Read(absl::StrCat(kWideHeading, "RT1,2025-04,inpatient,9.5,yes,crisis,3,busy,8.5,\n",
                                             "RT2,2025-04,inpatient,9.5,,yes,crisis,3,busy,8.5\n",
                                             "RT3,2025-04,inpatient,9.5,no,general,3,x,8.5,4\n"));
  EXPECT_THAT(file.row_problems, IsEmpty());
  ASSERT_THAT(file.returns, SizeIs(3));
  EXPECT_TRUE(file.returns[0].CanBeSent());
  EXPECT_TRUE(file.returns[2].CanBeSent());
  const FileReturn& shifted = file.returns[1];
  EXPECT_TRUE(shifted.is_shifted);
  EXPECT_FALSE(shifted.CanBeSent());
  ASSERT_THAT(shifted.problems, SizeIs(1));
  const v1::Finding& finding = shifted.problems[0];
  EXPECT_EQ(finding.rule_id(), "shifted-column");
  EXPECT_EQ(finding.class_(), schema::v1::CLASS_STRUCTURE);
  EXPECT_EQ(finding.severity(), schema::v1::SEVERITY_ERROR);
  EXPECT_EQ(finding.row(), 3u);
  EXPECT_EQ(finding.column(), "open");
  EXPECT_EQ(finding.column_letter(), "E");
  EXPECT_EQ(finding.message(), "From column open (E) on, the values stand one column too far to the right.");
  EXPECT_THAT(finding.hint(), HasSubstr("Delete the cell that is too many"));
  EXPECT_THAT(Describe(shifted), IsEmpty());
}

TEST(FileMistakesTest, ReadsTheKeysOfARowWhoseKeysHaveShiftedWhereTheyAreNow) {
  const FileReturns file = Read(absl::StrCat(kWideHeading, "RT1,2025-04,inpatient,9.5,yes,crisis,3,busy,8.5,\n",
                                             ",RT2,2025-04,inpatient,9.5,yes,crisis,3,busy,8.5\n",
                                             "RT3,2025-04,inpatient,9.5,no,general,3,x,8.5,4\n"));
  EXPECT_THAT(file.row_problems, IsEmpty());
  ASSERT_THAT(file.returns, SizeIs(3));
  const FileReturn& shifted = file.returns[1];
  EXPECT_EQ(shifted.content.participant(), "RT2");
  EXPECT_EQ(shifted.period, "2025-04");
  EXPECT_THAT(Describe(shifted), IsEmpty());
  EXPECT_FALSE(shifted.CanBeSent());
  ASSERT_THAT(shifted.problems, SizeIs(1));
  EXPECT_EQ(shifted.problems[0].rule_id(), "shifted-column");
  EXPECT_EQ(shifted.problems[0].row(), 3u);
  EXPECT_EQ(shifted.problems[0].column(), "participant");
}

TEST(FileMistakesTest, SaysWhereARowWithACellTooManyHasShifted) {
  const FileReturns file =
      Read(absl::StrCat(kWideHeading, "RT1,2025-04,inpatient,9.5,yes,crisis,3,busy,8.5,6\n",
                        "RT2,2025-04,inpatient,9,5,yes,crisis,3,busy,8.5,6\n", "RT3,2025-04,inpatient,9.5,yes,crisis\n",
                        "RT4,2025-04,inpatient,9.5,crisis,3,busy,8.5,6\n"));
  EXPECT_THAT(file.row_problems, IsEmpty());
  ASSERT_THAT(file.returns, SizeIs(4));
  std::vector<v1::Finding> findings;
  for (size_t i = 1; i < 4; ++i) {
    const FileReturn& ragged = file.returns[i];
    EXPECT_EQ(ragged.content.participant(), absl::StrCat("RT", i + 1));
    EXPECT_EQ(ragged.period, "2025-04");
    EXPECT_FALSE(ragged.CanBeSent());
    EXPECT_TRUE(ragged.is_shifted);
    EXPECT_EQ(ragged.origin.row_number(), i + 2);
    ASSERT_THAT(ragged.problems, SizeIs(1));
    findings.push_back(ragged.problems[0]);
  }
  EXPECT_EQ(findings[0].rule_id(), "ragged-row");
  EXPECT_EQ(findings[0].column(), "available");
  EXPECT_THAT(findings[0].hint(), HasSubstr("at or next to column available (D). A comma in a number"));
  EXPECT_THAT(
      findings[0].message(),
      HasSubstr("a value in column K, which has no heading. From column available (D) on, the values stand one column "
                "too far to the right."));
  // A row that only ends early has not shifted.
  EXPECT_EQ(findings[1].message(), "The row has 6 cells and the heading has 10.");
  EXPECT_THAT(
      findings[2].message(),
      HasSubstr("The row has 9 cells and the heading has 10. From column open (E) on, the values stand one column "
                "too far to the left."));
}

TEST(FileMistakesTest, CountsARaggedRowOfWhichTheKeysCannotBeRead) {
  const FileReturns file = Read(
      "participant,period,service,available\n"
      "RT1,2025-04,inpatient,5\n"
      "ward 7,2025-04,inpatient\n"
      "ward 8,2025-04,inpatient\n"
      "RT4,2025-04,inpatient,5\nRT5,2025-04,inpatient,5\n");
  ASSERT_THAT(file.returns, SizeIs(5));
  for (const size_t index : {1u, 2u}) {
    EXPECT_TRUE(file.returns[index].has_unread_keys);
    EXPECT_EQ(file.returns[index].content.participant(), "");
    ASSERT_THAT(file.returns[index].problems, SizeIs(1));  // They are no duplicates of each other.
    EXPECT_EQ(file.returns[index].problems[0].row(), index + 2);
    EXPECT_FALSE(file.returns[index].CanBeSent());
  }
  EXPECT_TRUE(file.returns[3].CanBeSent());
}

TEST(FileMistakesTest, WithholdsTheReturnOfALongFileThatLosesAValueToARaggedRow) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,inpatient,available,5\n"
      "RT1,Apr 2025,inpatient,occupied\n"
      "RT2,2025-04,inpatient,available,9,5\n"
      "RT2,2025-04,inpatient,occupied,5\n"
      "RT3,2025-04,inpatient,occupied,5\n"
      "beds,RT3,2025-04,inpatient,available,9\n");
  ASSERT_THAT(file.returns, SizeIs(3));
  for (const size_t index : {0u, 1u}) {
    EXPECT_FALSE(file.returns[index].CanBeSent());
    ASSERT_THAT(file.returns[index].problems, SizeIs(1));
    EXPECT_EQ(file.returns[index].problems[0].row(), index + 3);
  }
  EXPECT_THAT(Describe(file.returns[1]), ElementsAre("occupied = 5"));
  EXPECT_TRUE(file.returns[2].CanBeSent());
  ASSERT_THAT(file.row_problems, SizeIs(1));  // Nobody knows whose value it is.
  EXPECT_EQ(file.row_problems[0].row(), 7u);
}

TEST(FileMistakesTest, SpeaksOnceForAFileThatHasShiftedAsAWhole) {
  std::string text = kWideHeading;
  for (int i = 100; i < 400; ++i) {
    absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,9.5,", i % 10 == 0 ? ",,,,1,2" : "7,yes,crisis,3,busy,8.5,6",
                    "\n");
  }
  const FileReturns file = Read(text);
  EXPECT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].rule_id(), "shifted-column");
  EXPECT_EQ(file.row_problems[0].row(), 3u);
  EXPECT_EQ(file.row_problems[0].message(),
            "In 270 of 300 rows the values stand one column too far to the right, from column available (D) on.");
  // Nothing shows that the others have shifted, but they have.
  ASSERT_THAT(file.returns, SizeIs(300));
  for (const FileReturn& file_return : file.returns) {
    EXPECT_FALSE(file_return.CanBeSent());
    EXPECT_THAT(file_return.problems, IsEmpty());
    EXPECT_NE(file_return.content.participant(), "");
  }
}

TEST(FileMistakesTest, SpeaksOnceForAColumnThatHasNoHeading) {
  std::string text = "participant,period,service,,available\n";
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,Trust ", i, ",9.5\n");
  const FileReturns file = Read(text);
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].message(), "300 of 300 rows have a value in D, a column without heading.");
  EXPECT_EQ(file.row_problems[0].column_letter(), "D");
}

TEST(FileMistakesTest, GivesUpOnAFileWithManyRaggedRowsOfEveryKind) {
  std::string text = "participant,period,service,available\n";
  for (int i = 0; i < 300; ++i)
    absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,9.5", std::string(i % 5, ','), "5\n");
  const FileReturns file = Read(text);
  EXPECT_THAT(file.problems, SizeIs(kMaxRowProblems + 1));
  EXPECT_THAT(file.problems.back().message(), HasSubstr("140 more rows do not fit the heading"));
}

TEST(FileMistakesTest, TakesRowsOfTotalsForNoReturns) {
  const FileReturns file = Read(
      "participant,period,service,available\n"
      "England,2025-04,inpatient,12\n"
      "RT1,2025-04,inpatient,5\n"
      "RT2,2025-04,inpatient,7\n"
      "TOTAL,,,12\n"
      "Grand total,12\n"
      "Somerset,2025-04,inpatient,7\n"
      "SUM,2025-04,inpatient,7\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  const v1::Finding& finding = file.row_problems[0];
  EXPECT_EQ(finding.rule_id(), "total-row");
  EXPECT_EQ(finding.row(), 2u);
  EXPECT_EQ(finding.column(), "participant");
  EXPECT_EQ(finding.message(), "Rows 2, 5, 6 look like totals: no participant has such a code.");
  EXPECT_EQ(finding.hint(), "Delete them: totals are made from the returns.");
  ASSERT_THAT(file.returns, SizeIs(4));
  EXPECT_TRUE(file.returns[0].CanBeSent());
  EXPECT_EQ(file.returns[2].content.participant(), "Somerset");
  EXPECT_EQ(file.returns[3].content.participant(), "SUM");  // It could be a code.
  const FileReturns one = Read("participant,period,service,available\nRT1,2025-04,inpatient,5\nTotal,,,5\n");
  EXPECT_EQ(one.row_problems.at(0).message(), "Row 3 looks like a total: no participant has such a code.");
}

TEST(FileMistakesTest, TakesNotesForNoReturns) {
  const FileReturns file = Read(
      "participant,period,service,available\n"
      "RT1,2025-04,inpatient,5\n"
      "Source: extract of 3 May\n"
      "Q1 2025/26\n"
      "Somerset Partnership,2025-04,,\n"
      "Checked by Ann,,,\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  const v1::Finding& finding = file.row_problems[0];
  EXPECT_EQ(finding.rule_id(), "note-row");
  EXPECT_EQ(finding.message(), "Rows 3, 6 hold a note and nothing else.");
  EXPECT_EQ(finding.row(), 3u);
  EXPECT_EQ(finding.given(), "Source: extract of 3 May");
  ASSERT_THAT(file.returns, SizeIs(3));
  EXPECT_TRUE(file.returns[0].CanBeSent());
}

}  // namespace
}  // namespace quartermaster::client
