// The steward's files.
#include "client/import_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImportFileTest : public ::testing::Test {
 protected:
  ImportFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qm_import_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ImportFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& bytes) {
    const std::string path = (folder_ / "f.csv").string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(ImportFileTest, ReadsParticipants) {
  const auto file = ReadParticipants(Write("name,Code,nation\n\"St. Mary's, Leeds\",RT1,England\n\nTwo,RT2,\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->problems, IsEmpty());
  ASSERT_EQ(file->request.participants_size(), 2);
  EXPECT_EQ(file->request.participants(0).code(), "RT1");
  EXPECT_EQ(file->request.participants(0).name(), "St. Mary's, Leeds");
  EXPECT_EQ(file->request.participants(0).nation(), "England");
  EXPECT_THAT(file->rows, ElementsAre(2u, 4u));
}

TEST_F(ImportFileTest, RefusesUnknownAndMissingColumns) {
  const auto file = ReadParticipants(Write("code,nme,regoin\nRT1,One,North\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_THAT(file->problems, SizeIs(3));
  EXPECT_EQ(file->problems[0].rule_id(), "unknown-column");
  EXPECT_EQ(file->problems[0].column(), "nme");
  EXPECT_EQ(file->problems[0].column_letter(), "B");
  EXPECT_EQ(file->problems[0].row(), 1u);
  EXPECT_THAT(file->problems[0].hint(), HasSubstr("Did you mean name?"));
  EXPECT_THAT(file->problems[1].hint(), HasSubstr("Did you mean region?"));
  EXPECT_EQ(file->problems[2].rule_id(), "missing-column");
  EXPECT_THAT(file->problems[2].message(), HasSubstr("\"name\""));
}

TEST_F(ImportFileTest, ReadsPopulations) {
  const auto file = ReadPopulations(
      Write("participant,age_band,registered,weighted,from\nRT1,18-64,650000,640000.0,2024-04\nRT1,65+,120000,,\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->problems, IsEmpty());
  ASSERT_EQ(file->request.populations_size(), 2);
  EXPECT_EQ(file->request.populations(0).registered(), 650000);
  EXPECT_EQ(file->request.populations(0).weighted(), 640000);
  EXPECT_EQ(file->request.populations(0).from(), "2024-04");
  EXPECT_FALSE(file->request.populations(1).has_weighted());
}

TEST_F(ImportFileTest, ReadsSuccessorsAndEnrolments) {
  const auto participants = ReadParticipants(Write("code,name,successor,succeeded_from\nRT1,One,RT2,2024-11\n"));
  ASSERT_TRUE(participants.ok()) << participants.status();
  EXPECT_THAT(participants->problems, IsEmpty());
  EXPECT_EQ(participants->request.participants(0).successor(), "RT2");
  EXPECT_EQ(participants->request.participants(0).succeeded_from(), "2024-11");
  const auto enrolments = ReadEnrolments(
      Write("collection,service,participant,from,to\nmhlda,adult-inpatient,RT1,2024-04,2025-03\nmhlda,x,RT2,,\n"));
  ASSERT_TRUE(enrolments.ok()) << enrolments.status();
  EXPECT_THAT(enrolments->problems, IsEmpty());
  ASSERT_EQ(enrolments->request.enrolments_size(), 2);
  EXPECT_EQ(
      enrolments->request.enrolments(0).ShortDebugString(),
      "collection: \"mhlda\" service: \"adult-inpatient\" participant: \"RT1\" from: \"2024-04\" to: \"2025-03\"");
  EXPECT_EQ(enrolments->request.enrolments(1).from(), "");
  const auto without = ReadEnrolments(Write("collection,participant\nmhlda,RT1\n"));
  ASSERT_TRUE(without.ok()) << without.status();
  ASSERT_THAT(without->problems, SizeIs(1));
  EXPECT_THAT(without->problems[0].message(), HasSubstr("\"service\""));
}

TEST_F(ImportFileTest, NamesEveryCellThatIsNoNumber) {
  const auto file = ReadPopulations(Write(
      "participant,age_band,registered,weighted\nRT1,18-64,\"650,000\",1\nRT1,65+,,\nRT2,65+,5,x\nRT3,65+,5.5,\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_THAT(file->problems, SizeIs(4));
  EXPECT_EQ(file->problems[0].row(), 2u);
  EXPECT_EQ(file->problems[0].column(), "registered");
  EXPECT_EQ(file->problems[0].given(), "650,000");
  EXPECT_EQ(file->problems[1].class_(), schema::v1::CLASS_MISSING);
  EXPECT_EQ(file->problems[2].column(), "weighted");
  EXPECT_EQ(file->problems[3].row(), 5u);
}

TEST_F(ImportFileTest, TellsAFileThatIsNotThereFromOneThatIsWrong) {
  EXPECT_EQ(ReadParticipants((folder_ / "none.csv").string()).status().code(), absl::StatusCode::kInvalidArgument);
  const auto file = ReadParticipants(Write(""));
  ASSERT_TRUE(file.ok());
  ASSERT_THAT(file->problems, SizeIs(1));
  EXPECT_EQ(file->problems[0].rule_id(), "empty-file");
}

TEST_F(ImportFileTest, NamesRowsThatDoNotFitTheHeading) {
  const auto file = ReadParticipants(Write("code,name\nRT1,One\nRT2,Two, Leeds\nRT3,Three\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_THAT(file->problems, SizeIs(1));
  EXPECT_EQ(file->problems[0].rule_id(), "ragged-row");
  EXPECT_EQ(file->problems[0].row(), 3u);
  EXPECT_EQ(file->problems[0].column_letter(), "C");
}

TEST_F(ImportFileTest, TurnsItemNumbersIntoRows) {
  const auto file = ReadParticipants(Write("name,Code\nOne,RT1\n\nTwo,RT2\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  google::protobuf::RepeatedPtrField<v1::Finding> findings;
  v1::Finding* known = findings.Add();
  known->set_row(2);
  known->set_field("code");
  findings.Add()->set_row(9);  // No item of the request.
  LocateImportFindings(*file->source, file->rows, &findings);
  EXPECT_EQ(findings[0].file(), (folder_ / "f.csv").string());
  EXPECT_EQ(findings[0].row(), 4u);
  EXPECT_EQ(findings[0].column(), "Code");
  EXPECT_EQ(findings[0].column_letter(), "B");
  EXPECT_FALSE(findings[1].has_row());
}

}  // namespace
}  // namespace quartermaster::client
