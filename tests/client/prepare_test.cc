// Files and options of submit and validate, up to the verdict that needs no server; and compiling a schema.
#include "client/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "client/local_judge.h"
#include "client/proto_compiler.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSchema[] = R"(syntax = "proto3";
package beds.v1;
import "quartermaster/schema/v1/annotations.proto";
import "shared.proto";
option (quartermaster.schema.v1.collection) = {
  id: "beds" title: "Beds" cadence: [CADENCE_QUARTER] first_period: "2020-04"
};
message Overnight {
  option (quartermaster.schema.v1.service) = {id: "overnight" title: "Overnight"};
  optional double available = 1 [(quartermaster.schema.v1.field) = {
    label: "Available" required: true max: 100 decimals: 1 rollup: ROLLUP_SUM
  }];
  Shared shared = 2;
}
)";

constexpr char kShared[] = R"(syntax = "proto3";
package beds.v1;
import "quartermaster/schema/v1/annotations.proto";
message Shared {
  optional int64 staff = 1 [(quartermaster.schema.v1.field) = {label: "Staff" rollup: ROLLUP_LAST}];
}
)";

class PrepareTest : public ::testing::Test {
 protected:
  PrepareTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qm_prepare_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Write("shared.proto", kShared);
    schema_path_ = Write("beds.proto", kSchema);
    auto source = SchemaOfFile(schema_path_, {});
    EXPECT_TRUE(source.ok()) << source.status();
    schemas_ = *std::move(source);
  }
  ~PrepareTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  PreparedReturns Prepare(const std::vector<std::string>& paths, const KeyOptions& keys = {}) {
    PreparedReturns prepared;
    const absl::Status status = PrepareReturns(paths, keys, schemas_.get(), &prepared);
    EXPECT_TRUE(status.ok()) << status;
    return prepared;
  }

  absl::Status StatusOf(const std::vector<std::string>& paths, const KeyOptions& keys = {}) {
    PreparedReturns prepared;
    return PrepareReturns(paths, keys, schemas_.get(), &prepared);
  }

  std::filesystem::path folder_;
  std::string schema_path_;
  std::unique_ptr<SchemaSource> schemas_;
};

TEST_F(PrepareTest, JudgesAFileWithoutAServer) {
  const std::string path =
      Write("f.csv", "participant,period,available,shared.staff\nRT1,Q1 2025/26,99.5,3\nRT2,2025Q2,101,few\n");
  const PreparedReturns prepared = Prepare({path});
  EXPECT_THAT(prepared.file_problems, IsEmpty());
  ASSERT_THAT(prepared.returns, SizeIs(2));
  const v1::Verdict good = LocalJudge().Judge(prepared.returns[0]);
  EXPECT_TRUE(good.accepted()) << good.DebugString();
  EXPECT_EQ(good.participant(), "RT1");
  EXPECT_EQ(good.service(), "overnight");
  EXPECT_EQ(good.period(), "2025-26-Q1");
  const v1::Verdict bad = LocalJudge().Judge(prepared.returns[1]);
  EXPECT_FALSE(bad.accepted());
  EXPECT_EQ(bad.period(), "2025Q2");
  ASSERT_EQ(bad.findings_size(), 3) << bad.DebugString();
  const char* kColumns[] = {"period", "available", "shared.staff"};
  const char* kGiven[] = {"2025Q2", "101", "few"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bad.findings(i).file(), path);
    EXPECT_EQ(bad.findings(i).row(), 3u);
    EXPECT_EQ(bad.findings(i).column(), kColumns[i]);
    EXPECT_EQ(bad.findings(i).given(), kGiven[i]);
  }
}

TEST_F(PrepareTest, NamesWhatIsWrongWithAReturnAllAtOnce) {
  const PreparedReturns prepared =
      Prepare({Write("f.csv", "participant,period,available\nRT1,2025-26-Q1,101\nRT1,2025-26-Q1,5\n")});
  const v1::Verdict verdict = LocalJudge().Judge(prepared.returns.at(0));
  EXPECT_FALSE(verdict.accepted());
  ASSERT_EQ(verdict.findings_size(), 2);
  EXPECT_EQ(verdict.findings(0).rule_id(), "duplicate-row");
  EXPECT_EQ(verdict.findings(1).rule_id(), "maximum");
  EXPECT_FALSE(LocalJudge().Judge(prepared.returns.at(1)).accepted());
}

TEST_F(PrepareTest, KeepsRaggedRowsApartFromFilesThatCannotBeUsed) {
  const std::string good = Write("good.csv", "participant,period,available\nRT1,2025-26-Q1,5\nRT2,2025-26-Q1\n");
  const std::string large = Write("large.csv", "");
  std::filesystem::resize_file(large, kMaxFileBytes + 1);
  const std::string workbook = Write("book.csv", "PK\x03\x04");
  const PreparedReturns prepared = Prepare({good, large, workbook});
  ASSERT_THAT(prepared.returns, SizeIs(2));
  EXPECT_TRUE(LocalJudge().Judge(prepared.returns[0]).held_back());
  const v1::Verdict ragged = LocalJudge().Judge(prepared.returns[1]);
  EXPECT_FALSE(ragged.accepted() || ragged.held_back());
  EXPECT_EQ(ragged.participant(), "RT2");
  EXPECT_EQ(ragged.period(), "2025-26-Q1");
  ASSERT_EQ(ragged.findings_size(), 1) << ragged.DebugString();
  EXPECT_EQ(ragged.findings(0).rule_id(), "ragged-row");
  EXPECT_EQ(ragged.findings(0).row(), 3u);
  ASSERT_THAT(prepared.file_problems, SizeIs(2));
  EXPECT_EQ(prepared.file_problems[0].rule_id(), "file-too-large");
  EXPECT_EQ(prepared.file_problems[0].file(), large);
  EXPECT_EQ(prepared.file_problems[1].rule_id(), "damaged-workbook");
}

TEST_F(PrepareTest, JudgesTheReturnsOfAFileWithAMisspeltHeadingForTheRest) {
  const std::string path =
      Write("f.csv",
            "participant,period,availabel,shared.staff\nRT1,2025-26-Q1,5,3\nRT2,2025-26-Q1,101,few\n"
            "RT3,2025-26-Q1,,3\n");
  const PreparedReturns prepared = Prepare({path});
  EXPECT_THAT(prepared.file_problems, IsEmpty());
  ASSERT_THAT(prepared.row_problems, SizeIs(1));
  EXPECT_EQ(prepared.row_problems[0].rule_id(), "unknown-column");
  ASSERT_THAT(prepared.returns, SizeIs(3));
  const v1::Verdict right = LocalJudge().Judge(prepared.returns[0]);
  EXPECT_TRUE(right.held_back());
  EXPECT_FALSE(right.accepted());
  EXPECT_EQ(right.findings_size(), 0) << right.DebugString();
  const v1::Verdict wrong = LocalJudge().Judge(prepared.returns[1]);
  ASSERT_EQ(wrong.findings_size(), 2) << wrong.DebugString();
  EXPECT_EQ(wrong.findings(0).rule_id(), "maximum");
  EXPECT_EQ(wrong.findings(0).column(), "availabel");
  EXPECT_EQ(wrong.findings(0).column_letter(), "C");
  EXPECT_EQ(wrong.findings(1).rule_id(), "type");
  // Where the cell is blank, the value is missing whatever the heading is.
  const v1::Verdict blank = LocalJudge().Judge(prepared.returns[2]);
  ASSERT_EQ(blank.findings_size(), 1) << blank.DebugString();
  EXPECT_EQ(blank.findings(0).rule_id(), "required");
  EXPECT_EQ(blank.findings(0).column(), "availabel");
}

TEST_F(PrepareTest, JudgesOnlyTheKeysOfAShiftedReturn) {
  PreparedReturns prepared = Prepare({Write("f.csv", "participant,period,available\nRT1,2025Q1,101\n")});
  FileReturn& file_return = prepared.returns.at(0);
  file_return.is_shifted = true;
  file_return.withheld = true;
  const v1::Verdict verdict = LocalJudge().Judge(file_return);
  EXPECT_FALSE(verdict.accepted());
  ASSERT_EQ(verdict.findings_size(), 1) << verdict.DebugString();
  EXPECT_EQ(verdict.findings(0).rule_id(), "period");
}

TEST_F(PrepareTest, RecognisesAPublishedSheet) {
  const std::string path =
      Write("sheet.csv", "Beds by trust\nCode,Quarter,Beds\nRA1,2021-22-Q2,5\nRA2,2021-22-Q2,7\nRA3,2021-22-Q2,7\n");
  const PreparedReturns prepared = Prepare({path});
  EXPECT_THAT(prepared.returns, IsEmpty());
  ASSERT_THAT(prepared.file_problems, SizeIs(1));
  EXPECT_EQ(prepared.file_problems[0].rule_id(), "published-sheet");
  EXPECT_EQ(prepared.file_problems[0].file(), path);
}

TEST_F(PrepareTest, ReadsStandardInputOnceOnly) {
  const absl::Status status = StatusOf({"-", "f.csv", "-"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("once only"));
}

TEST_F(PrepareTest, RefusesAFileThatIsNamedTwice) {
  const std::string path = Write("f.csv", "participant,period,available\nRT1,2025-26-Q1,5\n");
  for (const std::string& second : {path, (folder_ / "." / "f.csv").string()}) {
    const absl::Status status = StatusOf({path, second});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()), second + " is named twice.");
  }
}

TEST_F(PrepareTest, ReadsAFileThatTellsExcelItsSeparator) {
  const PreparedReturns prepared =
      Prepare({Write("f.csv", "sep=,\r\nparticipant,period,available\r\nRT1,2025-26-Q1,5\r\n")});
  EXPECT_THAT(prepared.file_problems, IsEmpty());
  ASSERT_THAT(prepared.returns, SizeIs(1));
  EXPECT_EQ(prepared.returns[0].origin.row_number(), 2u);
}

TEST_F(PrepareTest, RefusesWrongOptions) {
  const std::string path = Write("f.csv", "participant,period,available\nRT1,2025-26-Q1,5\n");
  const struct {
    KeyOptions keys;
    const char* text;
  } kCases[] = {
      {{"bedz", "", "", ""}, "--collection: there is no collection \"bedz\". Did you mean beds?"},
      {{"", "", "2025Q2", ""}, "--period: "},
      {{"", "", "", "rt 1"}, "--participant: "},
  };
  for (const auto& c : kCases) {
    const absl::Status status = StatusOf({path}, c.keys);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

TEST_F(PrepareTest, CarriesTheShippedCollections) {
  const auto shipped = ShippedSchemas();
  const auto schema = shipped->Get("mhlda");
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_THAT((*schema)->services(), SizeIs(7));
  EXPECT_EQ(shipped->Get("none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(PrepareTest, CompilesASchemaWithItsImports) {
  const auto compiled = CompileProto(schema_path_, {});
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  EXPECT_THAT(compiled->problems, IsEmpty());
  EXPECT_EQ(compiled->file_name, "beds.proto");
  // Each after what it imports, down to protobuf's own.
  std::vector<std::string> names;
  for (const auto& file : compiled->descriptor_set.file()) names.push_back(file.name());
  EXPECT_THAT(names, ::testing::ElementsAre("google/protobuf/descriptor.proto",
                                            "quartermaster/schema/v1/annotations.proto", "shared.proto", "beds.proto"));
  EXPECT_TRUE(compiled->descriptor_set.file(3).has_source_code_info());
  // Within a folder of imports the name is relative to that.
  const auto nested = CompileProto(schema_path_, {folder_.parent_path().string(), folder_.string()});
  ASSERT_TRUE(nested.ok()) << nested.status();
  EXPECT_EQ(nested->file_name, (folder_.filename() / "beds.proto").string());
}

TEST_F(PrepareTest, NamesLineAndColumnOfASchemasProblems) {
  const std::string path = Write("bad.proto", "syntax = \"proto3\";\nmessage A {\n  optional dubble b = 1;\n}\n");
  const auto compiled = CompileProto(path, {});
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  ASSERT_THAT(compiled->problems, SizeIs(1));
  EXPECT_EQ(DescribeProblem(compiled->problems[0]), path + ":3:12: \"dubble\" is not defined.");
  const auto missing = CompileProto(Write("import.proto", "syntax = \"proto3\";\nimport \"none.proto\";\n"), {});
  ASSERT_TRUE(missing.ok()) << missing.status();
  EXPECT_THAT(missing->problems, ::testing::Not(IsEmpty()));
  EXPECT_EQ(CompileProto((folder_ / "none.proto").string(), {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SchemaOfFile(path, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(PrepareTest, NamesHeadingsThatStandBelowATitle) {
  constexpr char kRows[] =
      "Participant,period,service,available\nRT1,2025-26-Q1,overnight,5\nRT2,2025-26-Q1,overnight,6\n"
      "RT3,2025-26-Q1,overnight,7\n";
  for (const char* title : {"Beds 2025\n\n", "Beds\n", "Beds,2025,,\n", "Beds\nof the trust,RT1\n", "Period,Q1\n"}) {
    const PreparedReturns prepared = Prepare({Write("title.csv", absl::StrCat(title, kRows))});
    ASSERT_THAT(prepared.file_problems, SizeIs(1)) << title;
    EXPECT_EQ(prepared.file_problems[0].rule_id(), "title-row");
    EXPECT_EQ(prepared.file_problems[0].row(), 1u);
    EXPECT_THAT(prepared.returns, IsEmpty());
  }
}

}  // namespace
}  // namespace quartermaster::client
