#include "validation/exceptional_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "validation/contribution.h"
#include "validation/findings.h"
#include "validation/robust_statistics.h"
#include "validation/rule_list.h"

namespace quartermaster {
namespace {

// A gap must not make the past begin anew, and must not send us back without end: as many periods again are looked at.
constexpr size_t kPeriodsSearched = 2 * kMostPastPoints;

// An earlier period of the participant, with what indicators are made of.
struct PastPeriod {
  Period period;
  const FieldRow* fields;  // Null if it has none.
  std::vector<absl::optional<Decimal>> populations;
};

// Each field once: a denominator often has the numerator's in it.
std::vector<int> InputsOf(const IndicatorSchema& indicator) {
  std::vector<int> inputs;
  const auto add = [&inputs](const Expression& expression) {
    for (const std::vector<int>* indexes : {&expression.fields(), &expression.tested_fields()}) {
      for (const int index : *indexes) {
        if (std::find(inputs.begin(), inputs.end(), index) == inputs.end()) inputs.push_back(index);
      }
    }
  };
  add(indicator.numerator);
  if (indicator.denominator) add(*indicator.denominator);
  return inputs;
}

class ExceptionalJudge {
 public:
  explicit ExceptionalJudge(RuleContext* context) : context_(*context) {}

  void Judge(const IndicatorSchema& indicator) {
    const std::vector<int> inputs = InputsOf(indicator);
    if (inputs.empty() || context_.AnyFound(inputs)) return;
    const absl::optional<Contribution> now = Contribute(indicator, context_.input());
    if (!now) return;
    if (indicator.exceptional->own && JudgeOwnPast(indicator, now->value, inputs)) return;
    if (indicator.exceptional->national) JudgePeers(indicator, now->value, inputs);
  }

 private:
  // The so many-th period before this one, from 1. Each is looked up once for all indicators.
  const PastPeriod& Past(size_t back) {
    while (past_.size() < back) {
      const Period period = context_.period().Plus(-static_cast<int>(past_.size()) - 1);
      const FieldRow* fields = context_.EarlierValues(period);
      past_.push_back({period, fields, {}});
      if (fields != nullptr) past_.back().populations = context_.PopulationsIn(period);
    }
    return past_[back - 1];
  }

  // Whether it gave a finding. Findings on trial mark no field, but the country is silent after them all the same: what
  // is on trial is what would be found.
  bool JudgeOwnPast(const IndicatorSchema& indicator, Decimal value, const std::vector<int>& inputs) {
    std::vector<Decimal> values;
    absl::optional<Period> last;
    for (size_t back = 1; back <= kPeriodsSearched && values.size() < kMostPastPoints; ++back) {
      const PastPeriod& past = Past(back);
      if (past.fields == nullptr) continue;
      const absl::optional<Contribution> earlier = Contribute(indicator, {*past.fields, past.populations});
      if (!earlier) continue;
      if (!last) last = past.period;
      values.push_back(earlier->value);
    }
    if (values.size() < kLeastPastPoints) return false;
    const size_t points = values.size();
    const MedianAndDeviation own = ComputeMedianAndDeviation(std::move(values));
    if (!IsFar(value, own.median, own.deviation, *indicator.exceptional->own, indicator)) return false;
    v1::Finding& finding = Report(kExceptionalOwnRule, indicator, value, own, inputs);
    finding.set_message(absl::StrCat(Sentence(indicator, value, own), " of its own ", points, " periods up to ",
                                     last->ToDisplayString(), "."));
    finding.mutable_baseline()->set_kind(v1::BASELINE_KIND_OWN_PAST);
    finding.mutable_baseline()->set_period(last->ToString());
    finding.mutable_baseline()->set_points(static_cast<uint32_t>(points));
    return true;
  }

  void JudgePeers(const IndicatorSchema& indicator, Decimal value, const std::vector<int>& inputs) {
    const ReferenceData& reference = context_.reference();
    if (!reference.peers) return;
    const absl::optional<PeerBaseline> peers =
        reference.peers(context_.service(), indicator, context_.participant(), context_.period());
    if (!peers || peers->others < kLeastPeers) return;
    if (!IsFar(value, peers->median, peers->deviation, *indicator.exceptional->national, indicator)) return;
    const MedianAndDeviation country{peers->median, peers->deviation};
    v1::Finding& finding = Report(kExceptionalNationalRule, indicator, value, country, inputs);
    finding.set_message(absl::StrCat(Sentence(indicator, value, country), " of the ", peers->others, " others in ",
                                     peers->period.ToDisplayString(), ", the country's last complete period."));
    finding.mutable_baseline()->set_kind(v1::BASELINE_KIND_NATIONAL);
    finding.mutable_baseline()->set_period(peers->period.ToString());
    finding.mutable_baseline()->set_points(peers->others);
  }

  static bool IsFar(Decimal value, Decimal median, Decimal deviation, Decimal limit, const IndicatorSchema& indicator) {
    const std::optional<Decimal> distance = Subtract(value, median);
    const std::optional<Decimal> allowed = Multiply(SpreadOf(deviation), limit);
    // A spread past 128 bits allows everything.
    if (!distance || !allowed) return false;
    return Magnitude(*distance) > *allowed && Magnitude(*distance) > indicator.exceptional->absolute;
  }

  // "Bed occupancy: 142.3 % is far from 91.2 %, the median".
  static std::string Sentence(const IndicatorSchema& indicator, Decimal value, const MedianAndDeviation& base) {
    const std::string unit = indicator.unit.empty() ? "" : absl::StrCat(" ", indicator.unit);
    return absl::StrCat(indicator.title, ": ", RoundedText(value, indicator.decimals), unit, " is far from ",
                        RoundedText(base.median, indicator.decimals), unit, ", the median");
  }

  v1::Finding& Report(absl::string_view rule, const IndicatorSchema& indicator, Decimal value,
                      const MedianAndDeviation& base, const std::vector<int>& inputs) {
    const FieldSchema& field = context_.service().fields()[static_cast<size_t>(inputs.front())];
    const ExceptionalLimit& limit = *indicator.exceptional;
    const bool is_own = rule == kExceptionalOwnRule;
    const RuleIdentity identity{rule, schema::v1::CLASS_EXCEPTIONAL, schema::v1::SEVERITY_QUERY, limit.shadow,
                                is_own ? limit.own_digest : limit.national_digest};
    const uint32_t places = indicator.decimals;
    const Decimal spread = SpreadOf(base.deviation);
    const Decimal times = is_own ? *limit.own : *limit.national;
    v1::Finding& finding = context_.Add(identity, field, indicator.name(), RoundedText(value, indicator.decimals),
                                        inputs, value.ToString());
    finding.set_label(indicator.title);
    finding.set_expected(absl::StrCat("within ",
                                      RoundedText(std::max(*Multiply(spread, times), limit.absolute), places), " of ",
                                      RoundedText(base.median, places)));
    finding.set_difference(RoundedText(*Subtract(value, base.median), places));
    finding.set_hint(absl::StrCat("Check what it is made of: ", context_.GivenValues(inputs),
                                  ". If that is right, say why it is so."));
    finding.mutable_baseline()->set_value(RoundedText(base.median, places));
    finding.mutable_baseline()->set_spread(RoundedText(spread, places));
    return finding;
  }

  RuleContext& context_;
  std::vector<PastPeriod> past_;  // Newest first.
};

}  // namespace

void JudgeExceptional(RuleContext* context) {
  if (!context->reference().current_return && !context->reference().peers) return;
  ExceptionalJudge judge(context);
  for (const IndicatorSchema& indicator : context->service().indicators()) {
    if (indicator.exceptional) judge.Judge(indicator);
  }
}

}  // namespace quartermaster
