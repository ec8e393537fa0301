// What it costs to write and read the keys of what a submission stores or looks up. Each prints keys a second and the
// time of one.
#include <benchmark/benchmark.h>

#include <string>

#include "storage/keys.h"
#include "tests/bench/bench_return.h"

namespace quartermaster::storage {
namespace {

ReturnKey OfAReturn() { return {"mhlda", "adult-inpatient", "RT1-NORTH", "2025-26-Q1"}; }

template <typename Key>
void Encode(benchmark::State& state, const Key& key) {
  for (auto _ : state) benchmark::DoNotOptimize(key.Encode());
  bench::CountItems(state, "key", 1);
}
BENCHMARK_CAPTURE(Encode, revision, RevisionKey{OfAReturn(), 3});
BENCHMARK_CAPTURE(Encode, query, QueryKey{{OfAReturn(), "change", "beds.occupied"}});
BENCHMARK_CAPTURE(Encode, audit, AuditKey{1'000'000});

template <typename Key>
void Decode(benchmark::State& state, const Key& key) {
  const std::string bytes = key.Encode();
  for (auto _ : state) benchmark::DoNotOptimize(Key::Decode(bytes).value());
  bench::CountItems(state, "key", 1);
}
BENCHMARK_CAPTURE(Decode, revision, RevisionKey{OfAReturn(), 3});
BENCHMARK_CAPTURE(Decode, query, QueryKey{{OfAReturn(), "change", "beds.occupied"}});
BENCHMARK_CAPTURE(Decode, audit, AuditKey{1'000'000});

}  // namespace
}  // namespace quartermaster::storage
