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

// Adds each field once: a denominator often has the numerator's in it.
void AddFields(const Expression& expression, std::vector<int>* fields) {
  for (const std::vector<int>* indexes : {&expression.fields(), &expression.tested_fields()}) {
    for (const int index : *indexes) {
      if (std::find(fields->begin(), fields->end(), index) == fields->end()) fields->push_back(index);
    }
  }
}

std::vector<int> InputsOf(const IndicatorSchema& indicator) {
  std::vector<int> inputs;
  AddFields(indicator.numerator, &inputs);
  if (indicator.denominator) AddFields(*indicator.denominator, &inputs);
  return inputs;
}

// An indicator beside what it was compared with.
struct Compared {
  const IndicatorSchema* indicator;
  int side;  // 1 far above, -1 far below, 0 near
  // What follows is of those that are far.
  Decimal value;
  bool is_own_past;  // else the country
  MedianAndDeviation base;
  absl::optional<Period> period;  // the last of the past, or the country's
  uint32_t points;
};

class ExceptionalJudge {
 public:
  explicit ExceptionalJudge(RuleContext* context) : context_(*context) {}

  void Judge() {
    for (const IndicatorSchema& indicator : context_.service().indicators()) {
      if (indicator.exceptional) Compare(indicator);
    }
    for (const Compared& one : compared_) {
      if (one.side != 0) Report(one);
    }
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

  // Those of which an input has a finding already are not compared.
  void Compare(const IndicatorSchema& indicator) {
    const std::vector<int> inputs = InputsOf(indicator);
    if (inputs.empty() || context_.AnyFound(inputs)) return;
    const absl::optional<Contribution> now = Contribute(indicator, context_.input());
    if (!now) return;
    absl::optional<Compared> compared;
    if (indicator.exceptional->own) compared = CompareWithOwnPast(indicator, now->value);
    if (indicator.exceptional->national && (!compared || compared->side == 0)) {
      if (auto with_country = CompareWithCountry(indicator, now->value)) compared = std::move(with_country);
    }
    if (compared) compared_.push_back(*std::move(compared));
  }

  // Nothing if there are too few points.
  absl::optional<Compared> CompareWithOwnPast(const IndicatorSchema& indicator, Decimal value) {
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
    if (values.size() < kLeastPastPoints) return absl::nullopt;
    const auto points = static_cast<uint32_t>(values.size());
    const MedianAndDeviation own = ComputeMedianAndDeviation(std::move(values));
    const int side = SideOf(value, own, *indicator.exceptional->own, indicator);
    return Compared{&indicator, side, value, /*is_own_past=*/true, own, last, points};
  }

  absl::optional<Compared> CompareWithCountry(const IndicatorSchema& indicator, Decimal value) const {
    const ReferenceData& reference = context_.reference();
    if (!reference.peers) return absl::nullopt;
    const absl::optional<PeerBaseline> peers =
        reference.peers(context_.service(), indicator, context_.participant(), context_.period());
    if (!peers || peers->others < kLeastPeers) return absl::nullopt;
    const MedianAndDeviation country{peers->median, peers->deviation};
    const int side = SideOf(value, country, *indicator.exceptional->national, indicator);
    return Compared{&indicator, side, value, /*is_own_past=*/false, country, peers->period, peers->others};
  }

  static int SideOf(Decimal value, const MedianAndDeviation& base, Decimal limit, const IndicatorSchema& indicator) {
    const std::optional<Decimal> distance = Subtract(value, base.median);
    const std::optional<Decimal> allowed = Multiply(SpreadOf(base.deviation), limit);
    // A spread past 128 bits allows everything.
    if (!distance || !allowed) return 0;
    if (Magnitude(*distance) <= *allowed || Magnitude(*distance) <= indicator.exceptional->absolute) return 0;
    return distance->raw() > 0 ? 1 : -1;
  }

  // The fields in which one mistake may lie that this and others show: those of the numerator, and those of the
  // denominator over which all is far to the same side. Over one that others find near, several numerators are wrong.
  std::vector<int> SuspectsOf(const Compared& one) const {
    std::vector<int> suspects;
    AddFields(one.indicator->numerator, &suspects);
    if (!one.indicator->denominator) return suspects;
    std::vector<int> denominator;
    AddFields(*one.indicator->denominator, &denominator);
    for (const int field : denominator) {
      const bool is_suspect = std::all_of(compared_.begin(), compared_.end(), [&](const Compared& other) {
        if (other.indicator->exceptional->shadow || !other.indicator->denominator) return true;
        std::vector<int> fields;
        AddFields(*other.indicator->denominator, &fields);
        return other.side == one.side || std::find(fields.begin(), fields.end(), field) == fields.end();
      });
      if (is_suspect) suspects.push_back(field);
    }
    return suspects;
  }

  // "Bed occupancy: 142.3 % is far from 91.2 %, the median".
  static std::string Sentence(const IndicatorSchema& indicator, Decimal value, const MedianAndDeviation& base) {
    const std::string unit = indicator.unit.empty() ? "" : absl::StrCat(" ", indicator.unit);
    return absl::StrCat(indicator.title, ": ", RoundedText(value, indicator.decimals), unit, " is far from ",
                        RoundedText(base.median, indicator.decimals), unit, ", the median");
  }

  void Report(const Compared& one) {
    const IndicatorSchema& indicator = *one.indicator;
    const std::vector<int> inputs = InputsOf(indicator);
    if (context_.AnyFound(inputs)) return;
    const FieldSchema& field = context_.service().fields()[static_cast<size_t>(inputs.front())];
    const ExceptionalLimit& limit = *indicator.exceptional;
    const RuleIdentity identity{one.is_own_past ? kExceptionalOwnRule : kExceptionalNationalRule,
                                schema::v1::CLASS_EXCEPTIONAL, schema::v1::SEVERITY_QUERY, limit.shadow,
                                one.is_own_past ? limit.own_digest : limit.national_digest};
    const uint32_t places = indicator.decimals;
    const Decimal spread = SpreadOf(one.base.deviation);
    const Decimal times = one.is_own_past ? *limit.own : *limit.national;
    v1::Finding& finding = context_.Add(identity, field, indicator.name(), RoundedText(one.value, places),
                                        SuspectsOf(one), one.value.ToString());
    finding.set_label(indicator.title);
    finding.set_expected(absl::StrCat("within ",
                                      RoundedText(std::max(*Multiply(spread, times), limit.absolute), places), " of ",
                                      RoundedText(one.base.median, places)));
    finding.set_difference(RoundedText(*Subtract(one.value, one.base.median), places));
    finding.set_message(
        one.is_own_past ? absl::StrCat(Sentence(indicator, one.value, one.base), " of its own ", one.points,
                                       " periods up to ", one.period->ToDisplayString(), ".")
                        : absl::StrCat(Sentence(indicator, one.value, one.base), " of the ", one.points, " others in ",
                                       one.period->ToDisplayString(), ", the country's last complete period."));
    finding.set_hint(absl::StrCat("Check what it is made of: ", context_.GivenValues(inputs),
                                  ". If that is right, say why it is so."));
    v1::Baseline& baseline = *finding.mutable_baseline();
    baseline.set_kind(one.is_own_past ? v1::BASELINE_KIND_OWN_PAST : v1::BASELINE_KIND_NATIONAL);
    baseline.set_period(one.period->ToString());
    baseline.set_points(one.points);
    baseline.set_value(RoundedText(one.base.median, places));
    baseline.set_spread(RoundedText(spread, places));
  }

  RuleContext& context_;
  std::vector<PastPeriod> past_;  // Newest first.
  std::vector<Compared> compared_;
};

}  // namespace

void JudgeExceptional(RuleContext* context) {
  if (!context->reference().current_return && !context->reference().peers) return;
  ExceptionalJudge(context).Judge();
}

}  // namespace quartermaster
