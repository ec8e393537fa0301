// What it costs to judge a return of 60 fields by 40 rules, on one core: the whole verdict, the rules alone, and the
// rules against earlier returns and the country. Each prints its time a return, and divided by the rules.
#include <benchmark/benchmark.h>

#include <string>

#include "tests/bench/bench_collection.h"
#include "tests/bench/bench_return.h"
#include "validation/validate.h"

namespace quartermaster {
namespace {

ReferenceData ServerReference(const FieldRow& row) {
  ReferenceData reference;
  reference.is_participant = [](const std::string&) { return true; };
  reference.current_return = [&row](const ServiceSchema&, const std::string&, const Period&) {
    return absl::optional<FieldRow>(row);
  };
  reference.peers = [](const ServiceSchema&, const IndicatorSchema&, const std::string&, const Period& period) {
    return absl::optional<PeerBaseline>({Decimal::FromInteger(77), Decimal::FromInteger(5), 100, period.Plus(-1)});
  };
  reference.current_month = Period::Month(2026, 1);
  return reference;
}

void JudgeAReturn(benchmark::State& state) {
  const v1::ReturnContent content = bench::Content(0);
  ReferenceData reference;
  reference.current_month = Period::Month(2026, 1);
  for (auto _ : state) {
    const Judgement judgement = Judge(*bench::Collection(), content, reference);
    if (!judgement.findings.empty()) state.SkipWithError(judgement.findings[0].message().c_str());
  }
  bench::CountItems(state, "rule", bench::kRules);
}
BENCHMARK(JudgeAReturn);

void JudgeAReturnWithItsHistory(benchmark::State& state) {
  const v1::ReturnContent content = bench::Content(0);
  const ReturnValues values = bench::Values(0);
  const ReferenceData reference = ServerReference(values.fields());
  for (auto _ : state) {
    const Judgement judgement = Judge(*bench::Collection(), content, reference);
    if (!judgement.findings.empty()) state.SkipWithError(judgement.findings[0].message().c_str());
  }
  bench::CountItems(state, "rule", bench::kRules);
}
BENCHMARK(JudgeAReturnWithItsHistory);

void EvaluateTheRules(benchmark::State& state) {
  const ReturnValues values = bench::Values(0);
  const EvaluationInput input{values.fields(), {}};
  for (auto _ : state) {
    for (const RuleSchema& rule : bench::Service().rules()) {
      if (const auto* condition = std::get_if<Expression>(&rule.condition)) {
        benchmark::DoNotOptimize(condition->Evaluate(input));
      }
    }
  }
  bench::CountItems(state, "rule", bench::kRules - bench::kRules / 4);  // The others are sums.
}
BENCHMARK(EvaluateTheRules);

}  // namespace
}  // namespace quartermaster
