// A collection of three services, and files of its returns as they are read.
#ifndef QUARTERMASTER_TESTS_CLIENT_RETURN_FILE_FIXTURE_H_
#define QUARTERMASTER_TESTS_CLIENT_RETURN_FILE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/csv.h"
#include "client/misplaced_rows.h"
#include "client/return_file.h"
#include "tests/testing/compile_collection.h"
#include "validation/return_values.h"

namespace quartermaster::client {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

inline constexpr char kCollection[] = R"schema(
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

inline const Schemas& TestSchemas() {
  static const auto& schemas = *new Schemas{{"beds", testing::CollectionFromText(kCollection)}};
  return schemas;
}

inline std::shared_ptr<const SourceTable> Source(const std::string& bytes, const std::string& name = "f.csv") {
  const TableResult csv = ReadCsv(name, bytes);
  EXPECT_NE(csv.table, nullptr);
  EXPECT_THAT(csv.problems, IsEmpty());
  return std::make_shared<SourceTable>(name, csv.table);
}

inline FileReturns Read(const std::string& bytes, const KeyOptions& keys = {}) {
  const absl::StatusOr<FileReturns> returns = ReadReturns({Source(bytes)}, keys, TestSchemas());
  EXPECT_TRUE(returns.ok()) << returns.status();
  return *returns;
}

// "field = value" for each field that has one, "field: NA", and "field ? text" for what could not be read.
inline std::vector<std::string> Describe(const FileReturn& file_return) {
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

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_TESTS_CLIENT_RETURN_FILE_FIXTURE_H_
