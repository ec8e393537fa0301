// What it costs to judge a return of 60 fields by 40 rules, on one core: the whole verdict, the rules alone, and the
// rules against earlier returns and the country. Each prints its time a return; the counter "per_rule" divides it
// by the rules.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/bench/bench_collection.h"
#include "tests/testing/compile_collection.h"
#include "validation/validate.h"

namespace quartermaster {
namespace {

using bench::kRules;

const CollectionSchema& Schema() {
  static const auto& schema =
      *new std::shared_ptr<const CollectionSchema>(testing::CollectionFromText(bench::CollectionText(1)));
  return *schema;
}

v1::ReturnContent Content() {
  v1::ReturnContent content;
  content.set_collection("bench");
  content.set_service("s0");
  content.set_participant("RT1");
  content.set_period("2025-26-Q1");
  content.mutable_data()->set_type_url("type.googleapis.com/quartermaster.collections.bench.v1.Service0");
  content.mutable_data()->set_value(bench::ReturnData(0));
  return content;
}

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

void SetRuleCounter(benchmark::State& state, int rules) {
  state.counters["per_rule"] = benchmark::Counter(static_cast<double>(state.iterations()) * rules,
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void JudgeAReturn(benchmark::State& state) {
  const v1::ReturnContent content = Content();
  ReferenceData reference;
  reference.current_month = Period::Month(2026, 1);
  for (auto _ : state) {
    const Judgement judgement = Judge(Schema(), content, reference);
    if (!judgement.findings.empty()) state.SkipWithError(judgement.findings[0].message().c_str());
  }
  SetRuleCounter(state, kRules);
}
BENCHMARK(JudgeAReturn);

void JudgeAReturnWithItsHistory(benchmark::State& state) {
  const v1::ReturnContent content = Content();
  const auto values = ReturnValues::Read(*Schema().FindService("s0"), content.data().value(), {});
  const ReferenceData reference = ServerReference(values->fields());
  for (auto _ : state) {
    const Judgement judgement = Judge(Schema(), content, reference);
    if (!judgement.findings.empty()) state.SkipWithError(judgement.findings[0].message().c_str());
  }
  SetRuleCounter(state, kRules);
}
BENCHMARK(JudgeAReturnWithItsHistory);

void ReadTheValues(benchmark::State& state) {
  const v1::ReturnContent content = Content();
  const ServiceSchema& service = *Schema().FindService("s0");
  for (auto _ : state) benchmark::DoNotOptimize(ReturnValues::Read(service, content.data().value(), {}));
}
BENCHMARK(ReadTheValues);

void EvaluateTheRules(benchmark::State& state) {
  const v1::ReturnContent content = Content();
  const ServiceSchema& service = *Schema().FindService("s0");
  const auto values = ReturnValues::Read(service, content.data().value(), {});
  const EvaluationInput input{values->fields(), {}};
  for (auto _ : state) {
    for (const RuleSchema& rule : service.rules()) {
      if (const auto* condition = std::get_if<Expression>(&rule.condition)) {
        benchmark::DoNotOptimize(condition->Evaluate(input));
      }
    }
  }
  SetRuleCounter(state, kRules - kRules / 4);  // The others are sums.
}
BENCHMARK(EvaluateTheRules);

}  // namespace
}  // namespace quartermaster

BENCHMARK_MAIN();
