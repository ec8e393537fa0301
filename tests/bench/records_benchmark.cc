// What it costs to write and read the record of a return of 60 fields, without findings and with as many queries as a
// bad return has. Each prints returns a second, bytes a second, and the time of a return.
#include <benchmark/benchmark.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/records.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/bench_return.h"

namespace quartermaster::storage {
namespace {

RevisionKey Key() { return {{"bench", "s0", bench::ParticipantCode(0), "2025-26-Q1"}, 3}; }

v1::ReturnRecord RecordWithFindings(int findings) {
  v1::ReturnRecord record;
  record.set_data(bench::ReturnData(0));
  quartermaster::v1::Receipt& receipt = *record.mutable_receipt();
  receipt.set_revision(Key().revision);
  receipt.mutable_commit_time()->set_seconds(1'750'000'000);
  receipt.mutable_commit_time()->set_nanos(123'456'000);
  receipt.set_submitter("client-0");
  receipt.set_content_sha256(std::string(64, 'a'));
  receipt.set_rule_version(1);
  receipt.set_sequence(1'000'000);
  for (int i = 0; i < findings; ++i) {
    quartermaster::v1::Finding& finding = *record.add_findings();
    finding.set_rule_id("change");
    finding.set_class_(schema::v1::CLASS_INCONSISTENT);
    finding.set_severity(schema::v1::SEVERITY_QUERY);
    finding.set_field(absl::StrCat("f", i));
    finding.set_label(absl::StrCat("Field ", i));
    finding.set_message("It is 55 % more than a year before.");
    finding.set_hint("Correct it, or say why it is so.");
    finding.set_given("155");
    finding.set_expected("50 to 150");
  }
  return record;
}

void CountReturns(benchmark::State& state, const std::string& bytes) {
  bench::CountItems(state, "return", 1);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void SerializeTheRecord(benchmark::State& state) {
  const RevisionKey key = Key();
  const v1::ReturnRecord record = RecordWithFindings(static_cast<int>(state.range()));
  for (auto _ : state) benchmark::DoNotOptimize(Serialize(key, record));
  CountReturns(state, Serialize(key, record));
}
BENCHMARK(SerializeTheRecord)->ArgName("findings")->Arg(0)->Arg(10);

void ParseTheRecord(benchmark::State& state) {
  const RevisionKey key = Key();
  const std::string bytes = Serialize(key, RecordWithFindings(static_cast<int>(state.range())));
  for (auto _ : state) benchmark::DoNotOptimize(ParseReturn(key, bytes).value());
  CountReturns(state, bytes);
}
BENCHMARK(ParseTheRecord)->ArgName("findings")->Arg(0)->Arg(10);

}  // namespace
}  // namespace quartermaster::storage
