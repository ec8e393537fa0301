// From cells to returns: wide and long files, keys, what cannot be read, and where each value stands.
#include "tests/client/return_file_fixture.h"

namespace quartermaster::client {
namespace {

TEST(ReturnFileTest, ReadsAWideFile) {
  const FileReturns file = Read(
      "participant,period,service,available,ethnicity.white,open,team,note\n"
      "RT1,Q1 2025/26,inpatient,910.25,12,yes,crisis,\"a, b\"\n"
      "RT2,2025-04,inpatient,0,,N,School Support,\n");
  EXPECT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.returns, SizeIs(2));
  const FileReturn& first = file.returns[0];
  EXPECT_EQ(first.content.collection(), "beds");
  EXPECT_EQ(first.content.service(), "inpatient");
  EXPECT_EQ(first.content.participant(), "RT1");
  EXPECT_EQ(first.content.period(), "Q1 2025/26");
  EXPECT_EQ(first.period, "2025-26-Q1");
  EXPECT_THAT(first.problems, IsEmpty());
  EXPECT_THAT(Describe(first),
              ElementsAre("available = 910.25", "open = 1", "team = 1", "note = a, b", "ethnicity.white = 12"));
  EXPECT_THAT(Describe(file.returns[1]), ElementsAre("available = 0", "open = 0", "team = 2"));
}

TEST(ReturnFileTest, ReadsALongFile) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-26-Q1,inpatient,available,910.25\n"
      "RT2,2025-26-Q1,inpatient,available,5\n"
      "RT1,Q1 2025/26,inpatient,occupied,900\n"
      "RT1,2025-26-Q1,inpatient,note,\n"
      "RT1,2025-26-Q1,community,referrals,3\n");
  ASSERT_THAT(file.returns, SizeIs(3));
  EXPECT_THAT(Describe(file.returns[0]), ElementsAre("available = 910.25", "occupied = 900"));
  EXPECT_THAT(Describe(file.returns[1]), ElementsAre("available = 5"));
  EXPECT_THAT(Describe(file.returns[2]), ElementsAre("referrals = 3"));
  for (const FileReturn& file_return : file.returns) EXPECT_THAT(file_return.problems, IsEmpty());
}

TEST(ReturnFileTest, KeepsWhatDoesNotFitItsFieldForTheRulesToName) {
  const struct {
    const char* heading;
    const char* cell;
    const char* expected;
  } kCases[] = {
      {"available", "NA", "available: NA"},
      {"available", "na", "available: NA"},
      {"available", "*", "available: NA, suppressed at source"},
      {"available", "NA (ward closed)", "available: NA, ward closed"},
      {"available", "\"1,234\"", "available ? 1,234"},
      {"available",
       "\xC2\xA3"
       "5",
       "available ? \xC2\xA3"
       "5"},
      {"available", "12%", "available ? 12%"},
      {"available", "1e999", "available ? 1e999"},
      {"admissions", "12.5", "admissions ? 12.5"},
      {"admissions", "12.0", "admissions = 12"},
      {"admissions", "2147483648", "admissions ? 2147483648"},
      {"admissions", "9223372036854775808", "admissions ? 9223372036854775808"},
      {"contacts", "-1", "contacts ? -1"},
      {"contacts", "999999999999", "contacts = 999999999999"},
      {"open", "maybe", "open ? maybe"},
      {"team", "ward", "team ? ward"},
      {"team", "TEAM_CRISIS", "team = 1"},
      {"ethnicity.white", "twelve", "ethnicity.white ? twelve"},
      {"ETHNICITY.White", "12", "ethnicity.white = 12"},
      // As the field that was probably meant; the heading is a problem of the file.
      {"availabel", "12", "available = 12"},
      {"availabel", "NA", "available: NA"},
      {"Black", "12", "ethnicity.black = 12"},
  };
  for (const auto& c : kCases) {
    const FileReturns wide =
        Read(absl::StrCat("participant,period,service,", c.heading, "\nRT1,2025-04,inpatient,", c.cell, "\n"));
    ASSERT_THAT(wide.returns, SizeIs(1));
    EXPECT_THAT(Describe(wide.returns[0]), ElementsAre(c.expected)) << c.heading << " " << c.cell;
    const FileReturns longer = Read(
        absl::StrCat("participant,period,service,field,value\nRT1,2025-04,inpatient,", c.heading, ",", c.cell, "\n"));
    ASSERT_THAT(longer.returns, SizeIs(1));
    EXPECT_THAT(Describe(longer.returns[0]), ElementsAre(c.expected)) << c.heading << " " << c.cell;
  }
}

TEST(ReturnFileTest, CutsTextsThatTravelAsUnreadable) {
  const FileReturns file =
      Read(absl::StrCat("participant,period,service,available\nRT1,2025-04,inpatient,", std::string(300, 'x'), "\n"));
  EXPECT_EQ(file.returns.at(0).content.unreadable(0).given(), std::string(200, 'x'));
}

TEST(ReturnFileTest, IgnoresAnUnknownColumnThatIsBlank) {
  const FileReturns file = Read("participant,period,service,comments,available\nRT1,2025-04,inpatient,,5\n");
  EXPECT_THAT(Describe(file.returns.at(0)), ElementsAre("available = 5"));
}

TEST(ReturnFileTest, FillsInMissingColumnsFromOptions) {
  KeyOptions keys;
  keys.service = "community";
  keys.period = "2025-04";
  keys.participant = "RT9";
  keys.collection = "beds";
  const FileReturns file = Read("referrals\n5\n", keys);
  ASSERT_THAT(file.returns, SizeIs(1));
  EXPECT_EQ(file.returns[0].content.participant(), "RT9");
  EXPECT_EQ(file.returns[0].content.service(), "community");
  EXPECT_EQ(file.returns[0].content.period(), "2025-04");
  // Blank cells are filled in, cells that agree are welcome, whatever form a period has.
  keys.period = "Q1 2025/26";
  const FileReturns blank = Read("participant,period,referrals\n,2025-26-Q1,5\nrt9,,6\n", keys);
  EXPECT_EQ(blank.returns.at(0).content.participant(), "RT9");
  EXPECT_THAT(blank.returns.at(0).problems, SizeIs(1));  // The two are the same return now.
  EXPECT_EQ(blank.returns.at(0).problems[0].rule_id(), "duplicate-row");
}

TEST(ReturnFileTest, RefusesACellThatContradictsAnOption) {
  KeyOptions keys;
  keys.period = "2025-26-Q2";
  const FileReturns file = Read("participant,period,service,referrals\nRT1,2025-26-Q1,community,5\n", keys);
  ASSERT_THAT(file.returns.at(0).problems, SizeIs(1));
  const v1::Finding& finding = file.returns[0].problems[0];
  EXPECT_EQ(finding.rule_id(), "option-conflict");
  EXPECT_EQ(finding.row(), 2u);
  EXPECT_EQ(finding.column(), "period");
  EXPECT_EQ(finding.column_letter(), "B");
  EXPECT_EQ(finding.given(), "2025-26-Q1");
  EXPECT_EQ(finding.expected(), "2025-26-Q2");
}

TEST(ReturnFileTest, SaysWhichKeyColumnsAreMissing) {
  const FileReturns file = Read("particpant,quarter,service,referrals\nRT1,2025-26-Q1,community,5\n");
  EXPECT_THAT(file.returns, IsEmpty());
  ASSERT_THAT(file.problems, SizeIs(2));
  EXPECT_EQ(file.problems[0].rule_id(), "missing-column");
  EXPECT_EQ(file.problems[0].file(), "f.csv");
  EXPECT_EQ(file.problems[0].expected(), "participant");
  EXPECT_THAT(file.problems[0].message(), HasSubstr("particpant, quarter, service, referrals"));
  EXPECT_THAT(file.problems[0].hint(), HasSubstr("Did you mean the column particpant?"));
  EXPECT_EQ(file.problems[1].expected(), "period");
}

TEST(ReturnFileTest, TellsTheServiceByTheFieldsWhereOnlyOneHasThem) {
  EXPECT_EQ(Read("participant,period,referrals\nRT1,2025-04,5\n").returns.at(0).content.service(), "community");
  EXPECT_EQ(Read("participant,period,field,value\nRT1,2025-04,available,5\n").returns.at(0).content.service(),
            "inpatient");
  const auto unclear = ReadReturns({Source("participant,period,beds\nRT1,2025-04,5\n")}, {}, TestSchemas());
  EXPECT_EQ(unclear.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unclear.status().message()), HasSubstr("inpatient, community"));
}

TEST(ReturnFileTest, GuessesUnderWhichHeadingAKeyStands) {
  const struct {
    const char* headings;
    const char* participant;
    const char* period;
  } kCases[] = {
      {"Organisation Code,month", "Organisation Code", "month"},
      {"org_code,Period End", "org_code", "Period End"},
      {"Trust code,quarter", "Trust code", "quarter"},
      {"name,provider,date", "provider", "date"},
  };
  for (const auto& c : kCases) {
    const FileReturns file = Read(absl::StrCat(c.headings, ",referrals\nRT1,2025-04,1\n"));
    ASSERT_THAT(file.problems, SizeIs(2)) << c.headings;
    EXPECT_EQ(file.problems[0].hint(),
              absl::StrCat("Did you mean the column ", c.participant,
                           "? Rename it to participant, or give --participant if it is the same for the whole file."));
    EXPECT_THAT(file.problems[1].hint(),
                HasSubstr(absl::StrCat("Did you mean the column ", c.period, "? Rename it to period")));
  }
  EXPECT_THAT(Read("name,referrals\nRT1,1\n").problems.at(0).hint(),
              HasSubstr("Add the column, or give --participant"));
}

TEST(ReturnFileTest, LeavesAnUnknownServiceToTheRules) {
  const FileReturns file = Read("participant,period,service,referrals\nRT1,2025-04,comunity,5\n");
  ASSERT_THAT(file.returns, SizeIs(1));
  EXPECT_EQ(file.returns[0].content.service(), "comunity");
  EXPECT_FALSE(file.returns[0].content.has_data());
  EXPECT_THAT(file.returns[0].problems, IsEmpty());
}

TEST(ReturnFileTest, NamesAnUnknownCollectionAtItsCell) {
  const FileReturns file = Read(
      "collection,participant,period,service,referrals\nbeds,RT1,2025-04,community,5\nbedz,RT2,2025-04,community,5\n");
  ASSERT_THAT(file.returns, SizeIs(2));
  EXPECT_THAT(file.returns[0].problems, IsEmpty());
  ASSERT_THAT(file.returns[1].problems, SizeIs(1));
  EXPECT_EQ(file.returns[1].problems[0].rule_id(), "unknown-collection");
  EXPECT_EQ(file.returns[1].problems[0].row(), 3u);
  EXPECT_EQ(file.returns[1].problems[0].column(), "collection");
}

TEST(ReturnFileTest, RefusesBothOfTwoRowsForOneReturn) {
  const auto first =
      Source("participant,period,service,referrals\nRT1,2025-26-Q1,community,5\nRT2,2025-26-Q1,community,5\n");
  const auto second = Source("participant,period,service,referrals\nRT1,Q1 2025/26,community,6\n", "g.csv");
  const auto file = ReadReturns({first, second}, {}, TestSchemas());
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_THAT(file->returns, SizeIs(3));
  for (const size_t index : {0u, 2u}) {
    ASSERT_THAT(file->returns[index].problems, SizeIs(1));
    EXPECT_EQ(file->returns[index].problems[0].rule_id(), "duplicate-row");
    EXPECT_THAT(file->returns[index].problems[0].message(), HasSubstr("f.csv row 2, g.csv row 2"));
  }
  EXPECT_EQ(file->returns[0].problems[0].file(), "f.csv");
  EXPECT_EQ(file->returns[2].problems[0].file(), "g.csv");
  EXPECT_THAT(file->returns[1].problems, IsEmpty());
}

TEST(ReturnFileTest, RefusesAFieldThatIsThereTwiceInALongFile) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,community,referrals,5\n"
      "RT1,2025-04,community,Referrals,6\n"
      "RT1,2025-04,community,,7\n");
  ASSERT_THAT(file.returns, SizeIs(1));
  ASSERT_THAT(file.returns[0].problems, SizeIs(2));
  EXPECT_EQ(file.returns[0].problems[0].rule_id(), "duplicate-field");
  EXPECT_EQ(file.returns[0].problems[0].row(), 3u);
  EXPECT_EQ(file.returns[0].problems[0].given(), "6");
  EXPECT_EQ(file.returns[0].problems[1].rule_id(), "missing-field-name");
  EXPECT_EQ(file.returns[0].problems[1].row(), 4u);
}

TEST(ReturnFileTest, AsksForTheCollectionOnlyWhereThereAreSeveral) {
  const std::vector<std::shared_ptr<const SourceTable>> plain = {
      Source("participant,period,referrals\nRT1,2025-04,5\n")};
  const std::vector<std::shared_ptr<const SourceTable>> named = {
      Source("collection,participant,period,referrals\nbeds,RT1,2025-04,5\nkh03,RT1,2025-04,5\n")};
  EXPECT_THAT(*CollectionsAskedFor(plain, {}, {"beds"}), ElementsAre("beds"));
  EXPECT_THAT(*CollectionsAskedFor(named, {}, {"beds", "kh03", "mhlda"}), ElementsAre("beds", "kh03"));
  KeyOptions keys;
  keys.collection = "kh03";
  EXPECT_THAT(*CollectionsAskedFor(plain, keys, {"beds", "kh03"}), ElementsAre("kh03"));
  const auto unclear = CollectionsAskedFor(plain, {}, {"beds", "kh03"});
  EXPECT_EQ(unclear.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unclear.status().message()), HasSubstr("beds, kh03"));
  EXPECT_EQ(CollectionsAskedFor(plain, {}, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

v1::Finding FindingAbout(const std::string& field, schema::v1::Class finding_class, const std::string& given) {
  v1::Finding finding;
  finding.set_field(field);
  finding.set_class_(finding_class);
  finding.set_given(given);
  return finding;
}

v1::Finding Located(const FileReturn& file_return, const v1::Finding& finding) {
  google::protobuf::RepeatedPtrField<v1::Finding> findings;
  *findings.Add() = finding;
  file_return.origin.Locate(&findings);
  return findings[0];
}

TEST(ReturnFileTest, LocatesFindingsInAWideFile) {
  const FileReturns file = Read(
      "participant,period,service,available,Occupied,availabel\n"
      "RT1,2025-04,inpatient,12.50,,\n\n"
      "RT2,2025-04,inpatient,1,2,3\n");
  const FileReturn& second = file.returns.at(1);
  EXPECT_EQ(Located(second, FindingAbout("available", schema::v1::CLASS_MISSING, "")).row(), 4u);
  EXPECT_EQ(Located(second, FindingAbout("occupied", schema::v1::CLASS_MISSING, "")).column(), "Occupied");
  EXPECT_EQ(Located(second, FindingAbout("occupied", schema::v1::CLASS_MISSING, "")).column_letter(), "E");
  EXPECT_EQ(Located(second, FindingAbout("period", schema::v1::CLASS_STRUCTURE, "")).column(), "period");
  EXPECT_EQ(Located(second, FindingAbout("availabel", schema::v1::CLASS_STRUCTURE, "3")).column(), "availabel");
  const v1::Finding no_column = Located(second, FindingAbout("note", schema::v1::CLASS_MISSING, ""));
  EXPECT_EQ(no_column.file(), "f.csv");
  EXPECT_EQ(no_column.row(), 4u);
  EXPECT_EQ(no_column.column(), "");
  // The value as it was written.
  EXPECT_EQ(Located(file.returns[0], FindingAbout("available", schema::v1::CLASS_INVALID, "12.5")).given(), "12.50");
  // What several fields contradict each other about stays as the rule says it.
  EXPECT_EQ(
      Located(second, FindingAbout("available", schema::v1::CLASS_INCONSISTENT, "available = 1, occupied = 2")).given(),
      "available = 1, occupied = 2");
}

TEST(ReturnFileTest, LocatesFindingsInALongFile) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,inpatient,note,x\n"
      "RT1,2025-04,inpatient,available,5\n"
      "RT1,2025-04,inpatient,availabel,6\n");
  const FileReturn& only = file.returns.at(0);
  const v1::Finding value = Located(only, FindingAbout("available", schema::v1::CLASS_INVALID, "5"));
  EXPECT_EQ(value.row(), 3u);
  EXPECT_EQ(value.column(), "value");
  EXPECT_EQ(value.column_letter(), "E");
  const v1::Finding unknown = Located(only, FindingAbout("availabel", schema::v1::CLASS_STRUCTURE, "6"));
  EXPECT_EQ(unknown.row(), 4u);
  EXPECT_EQ(unknown.column(), "field");
  const v1::Finding absent = Located(only, FindingAbout("occupied", schema::v1::CLASS_MISSING, ""));
  EXPECT_EQ(absent.row(), 2u);
  EXPECT_EQ(absent.column(), "");
}

TEST(ReturnFileTest, SaysWhereASpreadsheetHasSpoiltACell) {
  const FileReturns file = Read("participant,period,service,team\n1.1E+08,01/04/2025,inpatient,Apr-25\n");
  const FileReturn& only = file.returns.at(0);
  EXPECT_THAT(Located(only, FindingAbout("period", schema::v1::CLASS_STRUCTURE, "01/04/2025")).hint(),
              HasSubstr("2025-26-Q1"));
  EXPECT_THAT(Located(only, FindingAbout("participant", schema::v1::CLASS_STRUCTURE, "1.1E+08")).hint(),
              HasSubstr("lost digits"));
  EXPECT_THAT(Located(only, FindingAbout("team", schema::v1::CLASS_INVALID, "Apr-25")).hint(),
              HasSubstr("into a date"));
}

TEST(ReturnFileTest, SaysWhatIsHiddenInACell) {
  const FileReturns file = Read(
      "participant,period,service,admissions,contacts,team\n"
      "synth01,2025-04,inpatient,1\xC2\xA0"
      "234,5\xE2\x80\x8B,crisis\xE2\x80\x8B\n");
  const FileReturn& only = file.returns.at(0);
  v1::Finding participant = FindingAbout("participant", schema::v1::CLASS_STRUCTURE, "synth01");
  participant.set_rule_id("participant-code");
  participant.set_hint("Write the code that you are registered with, such as RT1 or RT1-NORTH.");
  EXPECT_EQ(Located(only, participant).hint(), "Write SYNTH01.");
  v1::Finding number = FindingAbout("admissions", schema::v1::CLASS_INVALID, "1 234");
  number.set_rule_id("type");
  EXPECT_EQ(Located(only, number).hint(), "The cell has the character no-break space (U+00A0): write 1234.");
  EXPECT_EQ(Located(only, FindingAbout("contacts", schema::v1::CLASS_INVALID, "5")).hint(),
            "The cell has the character zero-width space (U+200B), which nobody sees: write 5.");
  EXPECT_EQ(Located(only, FindingAbout("team", schema::v1::CLASS_INVALID, "crisis")).hint(),
            "The cell has the character zero-width space (U+200B), which nobody sees: type it again.");
}

}  // namespace
}  // namespace quartermaster::client
