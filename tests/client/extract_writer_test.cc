// Extracts on the desk: every kind of row in every form of file, and what does not fit.
#include "client/extract_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "client/extract_xlsx.h"
#include "client/unfinished_file.h"
#include "tests/client/xlsx_sheets.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::ExtractRow Row() {
  v1::ExtractRow row;
  row.set_period("2025-26-Q1");
  row.set_service("ward");
  return row;
}

v1::ExtractRow FieldRow(const std::string& participant, const std::string& text) {
  v1::ExtractRow row = Row();
  row.mutable_field()->set_participant(participant);
  row.mutable_field()->set_field("note");
  row.mutable_field()->set_text(text);
  return row;
}

v1::ExtractRow NumberRow(double number) {
  v1::ExtractRow row = FieldRow("RT1", "");
  row.mutable_field()->set_field("available");
  row.mutable_field()->set_number(number);
  return row;
}

v1::ExtractRow ValueRow() {
  v1::ExtractRow row = Row();
  v1::ValueRow* value = row.mutable_value();
  value->set_participant("RT1");
  value->set_indicator("occupancy");
  value->set_value(86.51526266);
  value->set_numerator(73956.96735);
  value->set_denominator(85484);
  value->set_partial(true);
  return row;
}

v1::ExtractRow StatisticsRow() {
  v1::ExtractRow row = Row();
  v1::NationalStatistics* statistics = row.mutable_statistics();
  statistics->set_indicator("occupancy");
  statistics->set_title("Occupancy, all wards");
  statistics->set_unit("%");
  statistics->set_n(7);
  statistics->set_n_expected(9);
  statistics->set_mean(0.1);
  statistics->set_maximum(100);
  v1::PeerFilter* filter = statistics->add_peers();
  filter->set_attribute(v1::PEER_ATTRIBUTE_NATION);
  filter->set_value("Wales");
  filter = statistics->add_peers();
  filter->set_attribute(v1::PEER_ATTRIBUTE_REGION);
  return row;
}

v1::ExtractRow PublicRow(bool withheld) {
  v1::ExtractRow row = Row();
  v1::PublicRow* figures = row.mutable_publishable();
  figures->set_indicator("occupancy");
  figures->set_participants(25);
  if (withheld) {
    figures->set_withheld(v1::WITHHELD_SUPPRESSED);
  } else {
    figures->set_numerator(90);
    figures->set_denominator(100);
    figures->set_rate(90);
  }
  return row;
}

class ExtractWriterTest : public ::testing::Test {
 protected:
  ExtractWriterTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qm_extract_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ExtractWriterTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

  // Writes the rows and gives what the file holds.
  std::string Write(const std::string& name, const std::vector<v1::ExtractRow>& rows) const {
    auto writer = MakeExtractWriter(Path(name), Path(name)).value();
    for (const v1::ExtractRow& row : rows) EXPECT_TRUE(writer->Write(row).ok());
    EXPECT_TRUE(writer->Finish().ok());
    return Read(Path(name));
  }

  std::string folder_;
};

TEST_F(ExtractWriterTest, CsvHasOneTableForAllKinds) {
  v1::ExtractRow missing = FieldRow("RT1", "");
  missing.mutable_field()->set_not_available(true);
  missing.mutable_field()->set_not_available_reason("A fire.");
  EXPECT_EQ(
      Write("all.csv", {FieldRow("RT1", "=cmd, \"x\""), NumberRow(-12.5), missing, ValueRow(), StatisticsRow(),
                        PublicRow(false), PublicRow(true)}),
      "kind,period,service,participant,field,value,not_available_reason,indicator,category,numerator,denominator,"
      "partial,title,unit,"
      "peers,n,n_expected,mean,median,lower_quartile,upper_quartile,percentile_10,percentile_90,minimum,maximum,"
      "standard_deviation,pooled,withheld,participants,rate\n"
      "field,2025-26-Q1,ward,RT1,note,\"'=cmd, \"\"x\"\"\",,,,,,,,,,,,,,,,,,,,,,,,\n"
      "field,2025-26-Q1,ward,RT1,available,-12.5,,,,,,,,,,,,,,,,,,,,,,,,\n"
      "field,2025-26-Q1,ward,RT1,note,NA,A fire.,,,,,,,,,,,,,,,,,,,,,,,\n"
      "value,2025-26-Q1,ward,RT1,,86.51526266,,occupancy,,73956.96735,85484,yes,,,,,,,,,,,,,,,,,,\n"
      "statistics,2025-26-Q1,ward,,,,,occupancy,,,,,\"Occupancy, all wards\",%,nation=Wales; region=,7,9,0.1,,,,,,"
      ",100,,,,,\n"
      "public,2025-26-Q1,ward,,,,,occupancy,,90,100,,,,,,,,,,,,,,,,,,25,90\n"
      "public,2025-26-Q1,ward,,,,,occupancy,,*,*,,,,,,,,,,,,,,,,,suppressed,25,*\n");
}

TEST_F(ExtractWriterTest, AnEmptyExtractIsAnEmptyTable) {
  EXPECT_THAT(Write("none.csv", {}), ::testing::StartsWith("kind,period,service,"));
  EXPECT_EQ(Write("none.jsonl", {}), "");
  Write("none.xlsx", {});
  EXPECT_THAT(ReadArchive(Path("none.xlsx")).at("xl/worksheets/sheet1.xml"), HasSubstr("<t>participant</t>"));
}

TEST_F(ExtractWriterTest, JsonLinesAreTheRowsOfTheApi) {
  EXPECT_THAT(
      Write("all.jsonl", {ValueRow(), FieldRow("RT1", "two\nlines")}),
      ::testing::AllOf(
          HasSubstr("\"value\":86.51526266"), HasSubstr("two\\nlines\""),
          ::testing::ResultOf([](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }, 2)));
}

TEST_F(ExtractWriterTest, ExcelHasASheetAKind) {
  Write("all.xlsx", {FieldRow("RT1", "=1+1"), NumberRow(-12.5), ValueRow(), StatisticsRow(), PublicRow(true)});
  const auto files = ReadArchive(Path("all.xlsx"));
  const std::string& workbook = files.at("xl/workbook.xml");
  size_t after = 0;
  for (const char* name : {"\"fields\"", "\"values\"", "\"statistics\"", "\"public\""}) {
    const size_t place = workbook.find(absl::StrCat("<sheet name=", name));
    ASSERT_NE(place, std::string::npos) << name;
    EXPECT_GT(place, after);
    after = place;
  }
  const std::string& fields = files.at("xl/worksheets/sheet1.xml");
  EXPECT_THAT(fields, HasSubstr("<c r=\"E2\" t=\"inlineStr\"><is><t>=1+1</t></is></c>"));  // A text, no formula.
  EXPECT_THAT(fields, HasSubstr("<c r=\"E3\"><v>-12.5</v></c>"));
  EXPECT_THAT(files.at("xl/worksheets/sheet2.xml"), HasSubstr("<c r=\"F2\"><v>86.51526266</v></c>"));
  EXPECT_THAT(files.at("xl/worksheets/sheet4.xml"), HasSubstr("<t>*</t>"));
}

TEST_F(ExtractWriterTest, AFullSheetOfExcelGoesOnInTheNext) {
  auto writer = MakeExtractXlsx(Path("full.xlsx"), /*rows_per_sheet=*/3).value();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(writer->Write(NumberRow(i)).ok());
  ASSERT_TRUE(writer->Write(ValueRow()).ok());  // Of a kind that has room.
  ASSERT_TRUE(writer->Write(NumberRow(6)).ok());
  ASSERT_TRUE(writer->Finish().ok());
  const auto files = ReadArchive(Path("full.xlsx"));
  // fields, fields 2, fields 3, values: in the order in which they were begun.
  for (const char* name : {"fields", "fields 2", "fields 3", "values"}) {
    EXPECT_THAT(files.at("xl/workbook.xml"), HasSubstr(absl::StrCat("<sheet name=\"", name, "\"")));
  }
  EXPECT_EQ(files.count("xl/worksheets/sheet5.xml"), 0u);
  for (int i = 1; i <= 6; ++i) {
    const std::string& sheet = files.at(absl::StrCat("xl/worksheets/sheet", (i + 1) / 2, ".xml"));
    EXPECT_THAT(sheet, HasSubstr("<t>field</t>"));  // Each has the heading.
    EXPECT_THAT(sheet, HasSubstr(absl::StrCat("<c r=\"E", i % 2 == 1 ? 2 : 3, "\"><v>", i, "</v></c>")));
  }
  EXPECT_THAT(files.at("xl/worksheets/sheet1.xml"), Not(HasSubstr("r=\"E4\"")));
}

TEST_F(ExtractWriterTest, ExcelIsGivenNothingThatItCannotRead) {
  Write("hostile.xlsx", {FieldRow("RT1", "a\x01<&>_x0041_\xEF\xBF\xBF"), NumberRow(std::nan("")),
                         NumberRow(std::numeric_limits<double>::infinity())});
  const std::string sheet = ReadArchive(Path("hostile.xlsx")).at("xl/worksheets/sheet1.xml");
  EXPECT_THAT(sheet, HasSubstr("<t>a_x0001_&lt;&amp;&gt;_x005F_x0041_\xEF\xBF\xBD</t>"));
  EXPECT_THAT(sheet, HasSubstr("<t>nan</t>"));
  EXPECT_THAT(sheet, HasSubstr("<t>inf</t>"));
}

TEST_F(ExtractWriterTest, ATextThatFitsNoCellIsSaid) {
  auto writer = MakeExtractWriter(Path("long.xlsx"), Path("long.xlsx")).value();
  EXPECT_TRUE(writer->Write(FieldRow("RT1", std::string(32'767, 'x'))).ok());
  const absl::Status status = writer->Write(FieldRow("RT1", std::string(32'768, 'x')));
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(status.message(), HasSubstr(".csv or .jsonl"));
}

TEST_F(ExtractWriterTest, AnotherEndingIsRefused) {
  for (const char* name : {"extract", "extract.xls", "csv", ".csv.gz"}) {
    EXPECT_EQ(CheckExtractEnding(name).code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_FALSE(MakeExtractWriter(name, Path("x")).ok()) << name;
  }
  EXPECT_TRUE(CheckExtractEnding("EXTRACT.XLSX").ok());
}

TEST_F(ExtractWriterTest, WhatCannotBeWrittenIsSaid) {
  for (const char* name : {"x.csv", "x.jsonl", "x.xlsx"}) {
    auto writer = MakeExtractWriter(name, absl::StrCat(folder_, "/none/", name)).value();
    absl::Status status = writer->Write(ValueRow());
    if (status.ok()) status = writer->Finish();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << name;
    EXPECT_THAT(status.message(), HasSubstr("cannot be written")) << name;
  }
}

// The device that is always full, for what is buffered until the end.
TEST_F(ExtractWriterTest, AFullDiskIsSaid) {
  for (const char* name : {"x.csv", "x.jsonl"}) {
    auto writer = MakeExtractWriter(name, "/dev/full").value();
    absl::Status status;
    for (int i = 0; i < 1000 && status.ok(); ++i) status = writer->Write(ValueRow());
    if (status.ok()) status = writer->Finish();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << name;
  }
}

TEST_F(ExtractWriterTest, AnUnfinishedFileLeavesNothing) {
  {
    const auto file = UnfinishedFile::Create(Path("x.csv")).value();
    EXPECT_TRUE(std::filesystem::exists(file->path()));
    EXPECT_FALSE(std::filesystem::exists(Path("x.csv")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  {
    std::ofstream(Path("x.csv")) << "before";
    std::ofstream(Path("x.csv.unfinished")) << "left by an earlier attempt";
    const auto file = UnfinishedFile::Create(Path("x.csv")).value();
    std::ofstream(file->path()) << "after";
    EXPECT_EQ(Read(Path("x.csv")), "before");
    EXPECT_TRUE(file->Commit().ok());
  }
  EXPECT_EQ(Read(Path("x.csv")), "after");
  EXPECT_FALSE(std::filesystem::exists(Path("x.csv.unfinished")));
  struct stat state;
  ASSERT_EQ(stat(Path("x.csv").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600u);
  std::filesystem::create_directory(Path("folder"));
  const auto file = UnfinishedFile::Create(Path("folder")).value();
  EXPECT_THAT(file->Commit().message(), HasSubstr("folder: cannot be written"));
}

}  // namespace
}  // namespace quartermaster::client
