// What it costs to judge a return of 60 fields by 40 rules, on one core: the whole verdict, the rules alone, and the
// rules against earlier returns and the country. Each prints its time a return; the counter "per_rule" divides it
// by the rules.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/compile_collection.h"
#include "validation/validate.h"

namespace quartermaster {
namespace {

constexpr int kFields = 60;
constexpr int kRules = 40;
constexpr int kIndicators = 20;

// Fields f0 to f59; comparisons, ratios, presence and sums over them; and indicators, half of which have exceptional
// limits, as in the shipped collections.
std::string CollectionText() {
  std::string text = R"(syntax = "proto3";
package quartermaster.collections.bench.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "bench" title: "Bench" cadence: CADENCE_QUARTER first_period: "2020-04" };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
)";
  for (int i = 0; i < kRules; ++i) {
    const std::string a = absl::StrCat("f", i);
    const std::string b = absl::StrCat("f", i + 10);
    const std::string c = absl::StrCat("f", i + 20);
    std::string body;
    switch (i % 4) {
      case 0:
        body = absl::StrCat("expression: \"", a, " <= ", b, "\"");
        break;
      case 1:
        body = absl::StrCat("expression: \"", b, " == 0 || ", a, " / ", b, " < 2\"");
        break;
      case 2:
        body = absl::StrCat("expression: \"!has(", a, ") || ", a, " + ", b, " <= ", c, " * 3 && ", c, " >= 0\"");
        break;
      default:
        body = absl::StrCat("sum: { total: \"", c, "\" parts: [\"", a, "\", \"", b, "\"] tolerance: 1000 }");
    }
    absl::StrAppend(&text, "  option (schema.v1.rule) = { id: \"rule-", i,
                    "\" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT message: \"Wrong.\" ", body, " };\n");
  }
  for (int i = 0; i < kIndicators; ++i) {
    absl::StrAppend(&text, "  option (schema.v1.indicator) = { id: \"indicator-", i,
                    "\" title: \"Indicator\" numerator: \"f", i, "\" denominator: \"f", i + 30, "\" factor: 100 ",
                    i % 2 == 0 ? "exceptional: { own: 4 national: 5 absolute: 5 }" : "", " };\n");
  }
  for (int i = 0; i < kFields; ++i) {
    absl::StrAppend(&text, "  optional double f", i, " = ", i + 1, " [(schema.v1.field) = { label: \"Field ", i,
                    "\" required: true min: 0 max: 100000 decimals: 2 rollup: ROLLUP_SUM",
                    i % 3 == 0 ? " change: { percent: 50 absolute: 1000 }" : "", " }];\n");
  }
  return text + "}\n";
}

const CollectionSchema& Schema() {
  static const auto& schema =
      *new std::shared_ptr<const CollectionSchema>(testing::CollectionFromText(CollectionText()));
  return *schema;
}

v1::ReturnContent Content() {
  v1::ReturnContent content;
  content.set_collection("bench");
  content.set_service("beds");
  content.set_participant("RT1");
  content.set_period("2025-26-Q1");
  const ServiceSchema& service = *Schema().FindService("beds");
  const auto message = service.NewMessage();
  for (const FieldSchema& field : service.fields()) {
    message->GetReflection()->SetDouble(message.get(), field.descriptors.back(), 100.25 + field.index);
  }
  content.mutable_data()->PackFrom(*message);
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
  const auto values = ReturnValues::Read(*Schema().FindService("beds"), content.data().value(), {});
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
  const ServiceSchema& service = *Schema().FindService("beds");
  for (auto _ : state) benchmark::DoNotOptimize(ReturnValues::Read(service, content.data().value(), {}));
}
BENCHMARK(ReadTheValues);

void EvaluateTheRules(benchmark::State& state) {
  const v1::ReturnContent content = Content();
  const ServiceSchema& service = *Schema().FindService("beds");
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
