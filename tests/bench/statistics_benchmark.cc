// What it costs to move the national statistics by a return of 60 fields and 20 indicators, to read them, and what one
// distribution costs of it, with few and many participants and periods.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "server/national/distribution.h"
#include "server/national/national_state.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/bench_return.h"

namespace quartermaster::national {
namespace {

constexpr int kLastQuarter = 71;   // 2025-26-Q4.
constexpr size_t kVariants = 251;  // A prime, so that a participant does not always send the same.

absl::optional<Decimal> NoPopulation(const std::string&, const PopulationKey&, const Period&) { return absl::nullopt; }

// A country of which every participant has reported for each of so many quarters.
class Country {
 public:
  Country(int64_t participants, int64_t quarters)
      : state_(bench::Collection(), NoPopulation, std::make_shared<Succession>()) {
    for (int i = 0; i < participants; ++i) participants_.push_back(bench::ParticipantCode(i));
    for (int i = 0; i < quarters; ++i) {
      periods_.push_back(Period::Parse(bench::QuarterText(kLastQuarter - i)).value());
    }
    for (uint32_t variant = 0; variant < kVariants; ++variant) values_.push_back(bench::Values(variant));
    for (int64_t i = 0; i < participants * quarters; ++i) PutNext();
  }

  // The return of the next participant, or, after the last, of the first for the next quarter, and so round.
  void PutNext() {
    const std::string& participant = participants_[next_ % participants_.size()];
    const Period& period = periods_[next_ / participants_.size() % periods_.size()];
    state_.Put(bench::Service(), participant, period, values_[next_ % kVariants], 1);
    ++next_;
  }

  const NationalState& state() const { return state_; }
  const Period& last_period() const { return periods_.front(); }

 private:
  NationalState state_;
  std::vector<std::string> participants_;
  std::vector<Period> periods_;
  std::vector<ReturnValues> values_;
  size_t next_ = 0;
};

// Kept, because making a country takes longer than measuring it.
Country& CountryOf(int64_t participants, int64_t quarters) {
  static auto& countries = *new std::map<std::pair<int64_t, int64_t>, Country>();
  return countries.try_emplace({participants, quarters}, participants, quarters).first->second;
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
    benchmark::DoNotOptimize(country.state().Position({&bench::Service()}, participant, country.last_period()));
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
    Distribution distribution;
    for (const Decimal value : values) distribution.Insert(value);
    benchmark::DoNotOptimize(distribution);
  }
  bench::CountItems(state, "value", state.range());
}
BENCHMARK(FillADistribution)->ArgName("values")->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace quartermaster::national

BENCHMARK_MAIN();
