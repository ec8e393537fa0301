// Which cells suit which columns.
#include "client/cell_fit.h"

#include <gtest/gtest.h>

#include "tests/testing/compile_collection.h"

namespace quartermaster::client {
namespace {

constexpr char kFittedCollection[] = R"schema(
  syntax = "proto3";
  package quartermaster.test.v1;
  import "quartermaster/schema/v1/annotations.proto";
  option (schema.v1.collection) = {id: "c" title: "C" cadence: [CADENCE_MONTH] first_period: "2020-04"};
  enum Team {
    TEAM_UNSPECIFIED = 0;
    TEAM_CRISIS = 1;
  }
  message Service {
    option (schema.v1.service) = {id: "s" title: "S"};
    optional double days = 1 [(schema.v1.field) = {label: "Days" rollup: ROLLUP_SUM decimals: 2 min: 0 max: 100}];
    optional int32 beds = 2 [(schema.v1.field) = {label: "Beds" rollup: ROLLUP_SUM max: 100}];
    optional bool open = 3 [(schema.v1.field) = {label: "Open"}];
    optional Team team = 4 [(schema.v1.field) = {label: "Team"}];
    optional string note = 5 [(schema.v1.field) = {label: "Note" max_length: 10}];
    optional string code = 6 [(schema.v1.field) = {label: "Code" pattern: "[A-Z]{3}"}];
  }
)schema";

TEST(CellFitTest, TellsWhatSuitsAColumn) {
  const auto schema = testing::CollectionFromText(kFittedCollection);
  const ServiceSchema& service = *schema->FindService("s");
  const struct {
    const char* field;
    const char* text;
    CellFit expected;
  } kCases[] = {
      {"days", "", CellFit::kBlank},
      {"days", "12.25", CellFit::kFits},
      {"days", "12.255", CellFit::kOutOfRange},
      {"days", "-1", CellFit::kOutOfRange},
      {"days", "100.01", CellFit::kOutOfRange},
      {"days", "1e300", CellFit::kOutOfRange},
      {"days", "12 days", CellFit::kWrongKind},
      {"days", "NA", CellFit::kUnknown},
      {"days", "*", CellFit::kUnknown},
      {"beds", "12", CellFit::kFits},
      {"beds", "12.0", CellFit::kFits},
      {"beds", "12.5", CellFit::kWrongKind},
      {"beds", "101", CellFit::kOutOfRange},
      {"open", "yes", CellFit::kFits},
      {"open", "12", CellFit::kWrongKind},
      {"team", "crisis", CellFit::kFits},
      {"team", "12", CellFit::kWrongKind},
      {"note", "anything", CellFit::kUnknown},
      {"note", "eleven char", CellFit::kOutOfRange},
      {"code", "ABC", CellFit::kFits},
      {"code", "12", CellFit::kWrongKind},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FitOf(*service.FindField(c.field), c.text), c.expected) << c.field << " " << c.text;
  }
}

}  // namespace
}  // namespace quartermaster::client
