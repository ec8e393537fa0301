// A file for one service that is submitted for another.
#include "client/wrong_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/csv.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::client {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Field(const std::string& name, int number) {
  return absl::StrCat("optional int64 ", name, " = ", number, " [(schema.v1.field) = {label: \"The ", name,
                      "\" required: true rollup: ROLLUP_SUM}];");
}

// inpatient has a to j, community has a, b and k to n, and mixed has all.
Schemas TestSchemas() {
  std::string inpatient, community;
  for (int i = 0; i < 10; ++i) inpatient += Field(std::string(1, static_cast<char>('a' + i)), i + 1);
  for (const int i : {0, 1, 10, 11, 12, 13}) community += Field(std::string(1, static_cast<char>('a' + i)), i + 1);
  return {{"beds", testing::CollectionFromText(absl::StrCat(
                       R"(syntax = "proto3"; package quartermaster.test.v1;
                          import "quartermaster/schema/v1/annotations.proto";
                          option (schema.v1.collection) = {
                            id: "beds" title: "Beds" cadence: [CADENCE_MONTH] first_period: "2020-04"};)",
                       "message I { option (schema.v1.service) = {id: \"inpatient\" title: \"I\"};", inpatient, "}",
                       "message C { option (schema.v1.service) = {id: \"community\" title: \"C\"};", community, "}"))}};
}

FileReturns Read(const std::string& bytes, const std::string& service = "") {
  const TableResult csv = ReadCsv("f.csv", bytes);
  EXPECT_NE(csv.table, nullptr);
  KeyOptions keys;
  keys.service = service;
  static const auto& schemas = *new Schemas(TestSchemas());
  const auto returns = ReadReturns({std::make_shared<SourceTable>("f.csv", csv.table)}, keys, schemas);
  EXPECT_TRUE(returns.ok()) << returns.status();
  return *returns;
}

TEST(WrongServiceTest, IsOneFindingForTheFile) {
  const FileReturns file = Read(
      "participant,period,a,b,The c,d,e,f,g,h,i,j\n"
      "RT1,2025-04,1,2,3,4,5,6,7,8,9,lots\nRT2,2025-04,1,2,3,4,5,6,7,8,9,10\n",
      "community");
  EXPECT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.row_problems, SizeIs(1));
  const v1::Finding& finding = file.row_problems[0];
  EXPECT_EQ(finding.rule_id(), "wrong-service");
  EXPECT_EQ(finding.class_(), schema::v1::CLASS_STRUCTURE);
  EXPECT_EQ(finding.severity(), schema::v1::SEVERITY_ERROR);
  EXPECT_EQ(finding.row(), 1u);
  EXPECT_EQ(finding.field(), "service");
  EXPECT_EQ(finding.given(), "community");
  EXPECT_EQ(finding.expected(), "inpatient");
  EXPECT_EQ(finding.message(), "10 of 10 headings are fields of the service inpatient, 2 of community.");
  EXPECT_EQ(finding.hint(), "Give --service inpatient, or correct the column service.");
  ASSERT_THAT(file.returns, SizeIs(2));
  for (const FileReturn& file_return : file.returns) {
    EXPECT_FALSE(file_return.CanBeSent());
    EXPECT_TRUE(file_return.is_shifted);  // Nothing is said of its values.
    EXPECT_THAT(file_return.problems, IsEmpty());
    EXPECT_TRUE(file_return.content.has_data());
    EXPECT_THAT(file_return.content.unreadable(), IsEmpty());
  }
}

TEST(WrongServiceTest, IsJudgedByTheRowsOfEachService) {
  const FileReturns file = Read(
      "participant,period,service,a,b,c,d,e,f,g,h,k,l,m,n\n"
      "RT1,2025-04,inpatient,1,2,3,4,5,6,7,8,,,,\n"
      "RT1,2025-04,community,1,2,,,,,,,3,4,5,6\n"
      "RT2,2025-04,inpatient,1,2,,,,,,,3,4,5,6\n");
  // Of inpatient's rows one is right; so the headings are no longer those of another service.
  ASSERT_THAT(file.row_problems, SizeIs(4));
  EXPECT_EQ(file.row_problems[0].rule_id(), "unknown-column");

  const FileReturns swapped = Read(
      "participant,period,service,a,b,c,d,e,f,g,h,k,l,m,n\n"
      "RT1,2025-04,inpatient,1,2,3,4,5,6,7,8,,,,\n"
      "RT2,2025-04,community,1,2,3,4,5,6,7,8,,,,\n");
  ASSERT_THAT(swapped.row_problems, SizeIs(1));
  EXPECT_EQ(swapped.row_problems[0].rule_id(), "wrong-service");
  EXPECT_EQ(swapped.row_problems[0].row(), 3u);
  EXPECT_EQ(swapped.row_problems[0].column_letter(), "C");
  EXPECT_EQ(swapped.row_problems[0].message(), "8 of 8 headings are fields of the service inpatient, 2 of community.");
  EXPECT_EQ(swapped.row_problems[0].hint(),
            "Correct the column service: inpatient. No return for community in this file is taken until then.");
  EXPECT_TRUE(swapped.returns.at(0).CanBeSent());
  EXPECT_FALSE(swapped.returns.at(1).CanBeSent());
}

TEST(WrongServiceTest, IsFoundInALongFile) {
  std::string text = "participant,period,field,value\n";
  for (const char* name : {"k", "l", "m", "The n"}) absl::StrAppend(&text, "RT1,2025-04,", name, ",5\n");
  const FileReturns file = Read(text, "inpatient");
  ASSERT_THAT(file.row_problems, SizeIs(1));
  EXPECT_EQ(file.row_problems[0].rule_id(), "wrong-service");
  EXPECT_EQ(file.row_problems[0].message(), "4 of 4 names are fields of the service community, 0 of inpatient.");
  ASSERT_THAT(file.returns, SizeIs(1));
  EXPECT_TRUE(file.returns[0].is_shifted);
  EXPECT_FALSE(file.returns[0].CanBeSent());
}

TEST(WrongServiceTest, IsNotSaidWhereItIsNotClear) {
  const char* kFiles[] = {
      "participant,period,a,b,k,l\nRT1,2025-04,1,2,3,4\n",                  // two unknown headings
      "participant,period,a,b,x,y,z\nRT1,2025-04,1,2,3,4,5\n",              // which nobody knows
      "participant,period,a,b,c,d,k,l,m,x\nRT1,2025-04,1,2,3,4,5,6,7,8\n",  // of neither
      "participant,period,a,b,c,d,k,l,m,n\nRT1,2025-04,1,2,3,4,,,,\n",      // columns without values
  };
  for (const char* text : kFiles) {
    for (const v1::Finding& finding : Read(text, "inpatient").row_problems) {
      EXPECT_EQ(finding.rule_id(), "unknown-column") << text;
    }
  }
}

}  // namespace
}  // namespace quartermaster::client
