// What it costs to read returns, on one core: the cells of a CSV file, the returns that they make, and the values of a
// return's message as the server gets it. Each prints values a second and the time of one.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/csv.h"
#include "client/return_file.h"
#include "client/source_table.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/bench_return.h"

namespace quartermaster {
namespace {

constexpr int kReturns = 200;  // The country's participants of one service and quarter.
constexpr char kFileName[] = "returns.csv";

// What each row begins with.
std::string KeyCells(int participant) { return absl::StrCat(bench::ParticipantCode(participant), ",2025-26-Q1,s0"); }

// A row a return.
std::string WideFile() {
  std::string file = "participant,period,service";
  for (int field = 0; field < bench::kFields; ++field) absl::StrAppend(&file, ",f", field);
  for (int i = 0; i < kReturns; ++i) {
    absl::StrAppend(&file, "\n", KeyCells(i));
    for (int field = 0; field < bench::kFields; ++field) {
      absl::StrAppendFormat(&file, ",%.2f", bench::FieldValue(field, static_cast<uint32_t>(i)));
    }
  }
  return file + "\n";
}

// A row a value.
std::string LongFile() {
  std::string file = "participant,period,service,field,value\n";
  for (int i = 0; i < kReturns; ++i) {
    for (int field = 0; field < bench::kFields; ++field) {
      absl::StrAppendFormat(&file, "%s,f%d,%.2f\n", KeyCells(i), field,
                            bench::FieldValue(field, static_cast<uint32_t>(i)));
    }
  }
  return file;
}

void ReadTheCells(benchmark::State& state, const std::string& file) {
  for (auto _ : state) {
    if (client::ReadCsv(kFileName, file).table == nullptr) state.SkipWithError("the file is no table");
  }
  bench::CountItems(state, "value", kReturns * bench::kFields);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(file.size()));
}
BENCHMARK_CAPTURE(ReadTheCells, wide, WideFile());
BENCHMARK_CAPTURE(ReadTheCells, long, LongFile());

void MakeTheReturns(benchmark::State& state, const std::string& file) {
  const auto table = std::make_shared<client::SourceTable>(kFileName, client::ReadCsv(kFileName, file).table);
  const client::Schemas schemas = {{"bench", bench::Collection()}};
  for (auto _ : state) {
    const client::FileReturns read = client::ReadReturns({table}, {}, schemas).value();
    if (read.returns.size() != kReturns || !read.problems.empty() || !read.row_problems.empty()) {
      state.SkipWithError("the file is not read as it is meant");
    }
  }
  bench::CountItems(state, "value", kReturns * bench::kFields);
}
BENCHMARK_CAPTURE(MakeTheReturns, wide, WideFile());
BENCHMARK_CAPTURE(MakeTheReturns, long, LongFile());

void ReadTheMessage(benchmark::State& state) {
  const std::string data = bench::ReturnData(0);
  for (auto _ : state) benchmark::DoNotOptimize(ReturnValues::Read(bench::Service(), data, {}).value());
  bench::CountItems(state, "value", bench::kFields);
}
BENCHMARK(ReadTheMessage);

}  // namespace
}  // namespace quartermaster
