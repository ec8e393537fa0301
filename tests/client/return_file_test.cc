// From cells to returns: wide and long files, keys, what cannot be read, and where each value stands.
#include "client/return_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/misplaced_rows.h"
#include "tests/testing/compile_collection.h"
#include "validation/return_values.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCollection[] = R"schema(
  syntax = "proto3";
  package quartermaster.test.v1;
  import "quartermaster/schema/v1/annotations.proto";
  option (schema.v1.collection) = {
    id: "beds" title: "Beds" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
  };
  enum Team {
    TEAM_UNSPECIFIED = 0;
    TEAM_CRISIS = 1;
    TEAM_GENERAL = 2 [(schema.v1.choice) = {label: "school support"}];
  }
  message Split {
    optional int64 white = 1 [(schema.v1.field) = {label: "White" rollup: ROLLUP_SUM}];
    optional int64 black = 2 [(schema.v1.field) = {label: "Black" rollup: ROLLUP_SUM}];
  }
  message Inpatient {
    option (schema.v1.service) = {id: "inpatient" title: "Inpatient"};
    optional double available = 1 [(schema.v1.field) = {label: "Available" rollup: ROLLUP_SUM decimals: 4}];
    optional double occupied = 2 [(schema.v1.field) = {label: "Occupied" rollup: ROLLUP_SUM decimals: 4}];
    optional int32 admissions = 3 [(schema.v1.field) = {label: "Admissions" rollup: ROLLUP_SUM}];
    optional uint64 contacts = 4 [(schema.v1.field) = {label: "Contacts" rollup: ROLLUP_SUM}];
    optional bool open = 5 [(schema.v1.field) = {label: "Open"}];
    optional Team team = 6 [(schema.v1.field) = {label: "Team"}];
    optional string note = 7 [(schema.v1.field) = {label: "Note"}];
    Split ethnicity = 8;
  }
  message Community {
    option (schema.v1.service) = {id: "community" title: "Community"};
    optional int64 referrals = 1 [(schema.v1.field) = {label: "Referrals" rollup: ROLLUP_SUM}];
  }
  message Twins {
    option (schema.v1.service) = {id: "twins" title: "Twins"};
    optional int64 elder = 1 [(schema.v1.field) = {label: "Twin" rollup: ROLLUP_SUM}];
    optional int64 younger = 2 [(schema.v1.field) = {label: "Twin" rollup: ROLLUP_SUM}];
  }
)schema";

const Schemas& TestSchemas() {
  static const auto& schemas = *new Schemas{{"beds", testing::CollectionFromText(kCollection)}};
  return schemas;
}

std::shared_ptr<const SourceTable> Source(const std::string& bytes, const std::string& name = "f.csv") {
  const CsvResult csv = ReadCsv(name, bytes);
  EXPECT_NE(csv.table, nullptr);
  EXPECT_THAT(csv.problems, IsEmpty());
  return std::make_shared<SourceTable>(name, csv.table);
}

FileReturns Read(const std::string& bytes, const KeyOptions& keys = {}) {
  const absl::StatusOr<FileReturns> returns = ReadReturns({Source(bytes)}, keys, TestSchemas());
  EXPECT_TRUE(returns.ok()) << returns.status();
  return *returns;
}

// "field = value" for each field that has one, "field: NA", and "field ? text" for what could not be read.
std::vector<std::string> Describe(const FileReturn& file_return) {
  std::vector<std::string> described;
  const ServiceSchema* service = file_return.schema->FindService(file_return.content.service());
  EXPECT_NE(service, nullptr);
  EXPECT_EQ(file_return.content.data().type_url(),
            absl::StrCat("type.googleapis.com/", service->descriptor()->full_name()));
  const auto values = ReturnValues::Read(*service, file_return.content.data().value(), {});
  EXPECT_TRUE(values.ok()) << values.status();
  for (const FieldSchema& field : service->fields()) {
    const FieldValue& value = values->fields()[static_cast<size_t>(field.index)];
    if (value.presence != Presence::kPresent) continue;
    described.push_back(absl::StrCat(
        field.path, " = ", field.type == ValueType::kString ? std::string(value.text) : value.number.ToString()));
  }
  for (const auto& missing : file_return.content.not_available()) {
    described.push_back(absl::StrCat(missing.field(), ": NA", missing.reason().empty() ? "" : ", ", missing.reason()));
  }
  for (const auto& unreadable : file_return.content.unreadable()) {
    described.push_back(absl::StrCat(unreadable.field(), " ? ", unreadable.given()));
  }
  return described;
}

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

TEST(ReturnFileTest, NamesAMisspeltHeadingOnceAndWithholdsItsFile) {
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

TEST(ReturnFileTest, NamesAHeadingThatMeansNothingAndLeavesItsValuesOut) {
  const FileReturns file = Read(
      "participant,period,service,remarks_of_ward,availabel,available\n"
      "RT1,2025-04,inpatient,full,4,5\n");
  ASSERT_THAT(file.row_problems, SizeIs(2));
  EXPECT_THAT(file.row_problems[0].hint(), HasSubstr("'qm collection show beds --service inpatient' lists the fields"));
  EXPECT_THAT(file.row_problems[1].hint(), HasSubstr("Did you mean available? That is there as well"));
  EXPECT_THAT(Describe(file.returns.at(0)), ElementsAre("available = 5"));
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(ReturnFileTest, TakesHeadingsAsPeopleWriteThem) {
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

TEST(ReturnFileTest, RefusesTwoColumnsOfOneField) {
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

TEST(ReturnFileTest, SaysThatALabelOfTwoFieldsIsAmbiguous) {
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

TEST(ReturnFileTest, SaysWhatToDoWithAColumnOfRemarks) {
  const FileReturns file = Read("participant,period,service,Comments,available\nRT1,2025-04,inpatient,full,5\n");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].rule_id(), "unknown-column");
  EXPECT_EQ(file.row_problems[0].hint(),
            "A return has no place for remarks: delete the column, or rename it to the field that it holds; 'qm "
            "collection show beds --service inpatient' lists the fields. No return of this file is taken until the "
            "heading is right.");
}

TEST(ReturnFileTest, WithholdsOnlyTheRowsThatUseAHeadingOfAnotherService) {
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

TEST(ReturnFileTest, NamesAMisspeltFieldOfALongFileOnce) {
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

TEST(ReturnFileTest, PrefersTheFieldThatIsNamedRightInALongFile) {
  const FileReturns file = Read(
      "participant,period,service,field,value\n"
      "RT1,2025-04,inpatient,ocupied,5\n"
      "RT1,2025-04,inpatient,occupied,6\n");
  EXPECT_THAT(file.returns.at(0).problems, IsEmpty());
  EXPECT_THAT(Describe(file.returns[0]), ElementsAre("occupied = 6"));
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(ReturnFileTest, EndsTheListOfUnknownHeadings) {
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

TEST(ReturnFileTest, TellsTheServiceOfAFileWithAMisspeltHeading) {
  const FileReturns file = Read("participant,period,available,ocupied,admissions\nRT1,2025-04,5,4,3\n");
  EXPECT_EQ(file.returns.at(0).content.service(), "inpatient");
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

constexpr char kWideHeading[] = "participant,period,service,available,open,team,admissions,note,occupied,contacts\n";

TEST(ReturnFileTest, NamesAShiftedRowOnce) {
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

TEST(ReturnFileTest, ReadsTheKeysOfARowWhoseKeysHaveShiftedWhereTheyAreNow) {
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

TEST(ReturnFileTest, SaysWhereARowWithACellTooManyHasShifted) {
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

TEST(ReturnFileTest, CountsARaggedRowOfWhichTheKeysCannotBeRead) {
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

TEST(ReturnFileTest, WithholdsTheReturnOfALongFileThatLosesAValueToARaggedRow) {
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

TEST(ReturnFileTest, SpeaksOnceForAFileThatHasShiftedAsAWhole) {
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

TEST(ReturnFileTest, SpeaksOnceForAColumnThatHasNoHeading) {
  std::string text = "participant,period,service,,available\n";
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,Trust ", i, ",9.5\n");
  const FileReturns file = Read(text);
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].message(), "300 of 300 rows have a value in D, a column without heading.");
  EXPECT_EQ(file.row_problems[0].column_letter(), "D");
}

TEST(ReturnFileTest, GivesUpOnAFileWithManyRaggedRowsOfEveryKind) {
  std::string text = "participant,period,service,available\n";
  for (int i = 0; i < 300; ++i)
    absl::StrAppend(&text, "RT", i, ",2025-04,inpatient,9.5", std::string(i % 5, ','), "5\n");
  const FileReturns file = Read(text);
  EXPECT_THAT(file.problems, SizeIs(kMaxRowProblems + 1));
  EXPECT_THAT(file.problems.back().message(), HasSubstr("140 more rows do not fit the heading"));
}

TEST(ReturnFileTest, TakesRowsOfTotalsForNoReturns) {
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
