// What it costs to move the national statistics by a return of 60 fields and 20 indicators, to read them, and what one
// distribution costs of it, with few and many participants and periods.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "server/national/distribution.h"
#include "tests/bench/bench_country.h"

namespace quartermaster::national {
namespace {

using bench::Country;

// One of which everybody has reported. Kept, because making it takes longer than measuring it.
Country& CountryOf(int64_t participants, int64_t quarters) {
  static auto& countries = *new std::map<std::pair<int64_t, int64_t>, Country>();
  const auto [found, is_new] = countries.try_emplace({participants, quarters}, participants, quarters);
  if (is_new) found->second.Fill();
  return found->second;
}

void PutAResubmission(benchmark::State& state) {
  Country& country = CountryOf(state.range(0), state.range(1));
  for (auto _ : state) country.PutNext();
  bench::CountItems(state, "return", 1);
}
BENCHMARK(PutAResubmission)->ArgNames({"participants", "quarters"})->ArgsProduct({{100, 10'000}, {4, 72}});

void ReadStatistics(benchmark::State& state) {
  const Country& country = CountryOf(state.range(), 4);
  for (auto _ : state) {
    benchmark::DoNotOptimize(country.state().Statistics({&bench::Service()}, country.last_period(), {}));
  }
  bench::CountItems(state, "indicator", bench::kIndicators);
}
BENCHMARK(ReadStatistics)->ArgName("participants")->Arg(100)->Arg(10'000);

void ReadAPosition(benchmark::State& state) {
  const Country& country = CountryOf(state.range(), 4);
  const std::string participant = bench::ParticipantCode(0);
  for (auto _ : state) {
    google::protobuf::RepeatedPtrField<v1::IndicatorPosition> positions;
    country.state().AddPosition({&bench::Service()}, participant, country.last_period(), /*options=*/{}, &positions);
    benchmark::DoNotOptimize(positions);
  }
  bench::CountItems(state, "indicator", bench::kIndicators);
}
BENCHMARK(ReadAPosition)->ArgName("participants")->Arg(100)->Arg(10'000);

// Ratios of up to 100, the same ones each time.
std::vector<Decimal> Ratios(size_t count) {
  std::mt19937_64 random;
  std::vector<Decimal> ratios;
  while (ratios.size() < count) ratios.push_back(Decimal::FromRaw(static_cast<int64_t>(random() % 100'000'000'000)));
  return ratios;
}

// One value goes and another comes, as by a resubmission.
void ReplaceAValue(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range());
  std::vector<Decimal> inside = Ratios(2 * size);
  std::vector<Decimal> outside(inside.begin() + state.range(), inside.end());
  inside.resize(size);
  Distribution distribution;
  for (const Decimal value : inside) distribution.Insert(value);
  size_t i = 0;
  for (auto _ : state) {
    if (!distribution.Erase(inside[i])) state.SkipWithError("a value is lost");
    distribution.Insert(outside[i]);
    std::swap(inside[i], outside[i]);
    i = (i + 1) % size;
  }
  bench::CountItems(state, "value", 1);
}
BENCHMARK(ReplaceAValue)->ArgName("values")->Arg(100)->Arg(10'000);

// As at a start.
void FillADistribution(benchmark::State& state) {
  const std::vector<Decimal> values = Ratios(static_cast<size_t>(state.range()));
  for (auto _ : state) {
    Distribution distribution(values);
    benchmark::DoNotOptimize(distribution);
  }
  bench::CountItems(state, "value", state.range());
}
BENCHMARK(FillADistribution)->ArgName("values")->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace quartermaster::national
