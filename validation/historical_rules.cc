#include "validation/historical_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "validation/findings.h"
#include "validation/rule_list.h"

namespace quartermaster {
namespace {

RuleIdentity Identity(absl::string_view id, uint64_t digest, bool shadow = false) {
  return {id, schema::v1::CLASS_HISTORICAL, schema::v1::SEVERITY_QUERY, shadow, digest};
}

void SetBaseline(v1::BaselineKind kind, const Period& period, Decimal value, v1::Finding* finding) {
  v1::Baseline& baseline = *finding->mutable_baseline();
  baseline.set_kind(kind);
  baseline.set_period(period.ToString());
  baseline.set_value(value.ToString());
}

// Whether both limits are passed. A number that was 0 has moved by more than any percentage.
bool IsPassed(const ChangeLimit& limit, Decimal difference, Decimal before) {
  if (Magnitude(before) < limit.least_base || Magnitude(difference) <= limit.absolute) return false;
  // Values are at most 10^12, so the percentage exists unless the divisor is 0.
  const std::optional<Decimal> percent =
      MultiplyDivide(Magnitude(difference), Decimal::FromInteger(100), Magnitude(before));
  return !percent || *percent > limit.percent;
}

class HistoryJudge {
 public:
  explicit HistoryJudge(RuleContext* context) : context_(*context) {}

  void Judge() {
    const Period before = context_.period().Plus(-1);
    const Period year_before = context_.period().Plus(-12 / context_.period().month_count());
    JudgeManyChanges(before);
    for (const FieldSchema& field : context_.service().fields()) {
      if (context_.AnyFound({field.index})) continue;
      if (field.continuous) JudgeContinuity(field, before);
      if (field.opening) JudgeOpening(field, before);
      if (field.change && !context_.AnyFound({field.index})) {
        JudgeChange(kChangeRule, field, *field.change, before, v1::BASELINE_KIND_PREVIOUS_PERIOD);
      }
      if (field.change_in_year && !context_.AnyFound({field.index})) {
        JudgeChange(kChangeInYearRule, field, *field.change_in_year, year_before, v1::BASELINE_KIND_YEAR_BEFORE);
      }
    }
    if (context_.service().takes_months_and_quarters()) JudgeMonthsOfQuarter();
  }

 private:
  // Where most of what can be compared moved in one direction, one mistake moved it: the period, the service, the unit.
  void JudgeManyChanges(const Period& before) {
    std::vector<int> moved;
    size_t compared = 0;
    size_t down = 0;
    for (const FieldSchema& field : context_.service().fields()) {
      const FieldValue& value = context_.value(field);
      // What is excepted is said as that, and is no part of a query.
      if (!field.change || field.change->shadow || value.presence != Presence::kPresent ||
          context_.AnyFound({field.index}) || context_.IsExcepted(kChangeRule, field.path)) {
        continue;
      }
      const absl::optional<Decimal> earlier = NumberIn(before, field.index);
      if (!earlier || Magnitude(*earlier) < field.change->least_base) continue;
      ++compared;
      const Decimal difference = *Subtract(value.number, *earlier);
      if (!IsPassed(*field.change, difference, *earlier)) continue;
      moved.push_back(field.index);
      down += difference.raw() < 0 ? 1 : 0;
    }
    const bool one_way = down == 0 || down == moved.size();
    if (moved.size() < kManyChanges || moved.size() * 3 < compared * 2 || !one_way) return;
    ReportManyChanges(moved, compared, down > 0, before);
  }

  void ReportManyChanges(const std::vector<int>& moved, size_t compared, bool down, const Period& before) {
    const FieldSchema& first = context_.service().fields()[static_cast<size_t>(moved.front())];
    v1::Finding& finding = context_.Add(Identity(kManyChangesRule, ManyChangesDigest(context_.service())), first, "",
                                        context_.GivenValues(moved), moved);
    finding.set_message(absl::StrCat(moved.size(), " of ", compared, " values that can be compared with ",
                                     before.ToDisplayString(), " went ", down ? "down" : "up",
                                     " by more than their limits."));
    finding.set_hint(
        "Check that the values are of this period and service and in the right units: a month sent as a quarter looks "
        "so. "
        "If all is right, say why so much moved.");
    finding.mutable_baseline()->set_kind(v1::BASELINE_KIND_PREVIOUS_PERIOD);
    finding.mutable_baseline()->set_period(before.ToString());
  }

  // The number of a field in another period, if there is one.
  absl::optional<Decimal> NumberIn(const Period& period, int index) {
    const FieldRow* row = context_.EarlierValues(period);
    if (row == nullptr) return absl::nullopt;
    const FieldValue& value = (*row)[static_cast<size_t>(index)];
    if (value.presence != Presence::kPresent) return absl::nullopt;
    return value.number;
  }

  void JudgeContinuity(const FieldSchema& field, const Period& before) {
    if (context_.value(field).presence == Presence::kPresent) return;
    const absl::optional<Decimal> earlier = NumberIn(before, field.index);
    if (!earlier) return;
    v1::Finding& finding =
        context_.Add(Identity(kVanishedRule, 0), field, "", DisplayValue(field, context_.value(field)), {field.index});
    finding.set_expected("a value");
    finding.set_message(absl::StrCat(field.label, " has no value, and had ", earlier->ToString(), " in ",
                                     before.ToDisplayString(), "."));
    finding.set_hint("Give the value. If there is none any more, say why.");
    SetBaseline(v1::BASELINE_KIND_PREVIOUS_PERIOD, before, *earlier, &finding);
  }

  void JudgeOpening(const FieldSchema& field, const Period& before) {
    const FieldValue& value = context_.value(field);
    const absl::optional<Decimal> closing = NumberIn(before, field.opening->closing);
    if (value.presence != Presence::kPresent || !closing) return;
    const Decimal difference = *Subtract(value.number, *closing);
    if (Magnitude(difference) <= field.opening->tolerance) return;
    const FieldSchema& closing_field = context_.service().fields()[static_cast<size_t>(field.opening->closing)];
    v1::Finding& finding =
        context_.Add(Identity(kOpeningRule, field.opening->digest), field, "", value.number.ToString(), {field.index});
    finding.set_expected(closing->ToString());
    finding.set_difference(difference.ToString());
    finding.set_message(absl::StrCat(field.label, ": ", value.number.ToString(), ", but ", before.ToDisplayString(),
                                     " closed with ", closing->ToString(), " (", closing_field.label, ")."));
    finding.set_hint(absl::StrCat("Open with the value that the period before closed with, or correct the return for ",
                                  before.ToDisplayString(), "."));
    SetBaseline(v1::BASELINE_KIND_PREVIOUS_PERIOD, before, *closing, &finding);
  }

  void JudgeChange(absl::string_view rule, const FieldSchema& field, const ChangeLimit& limit, const Period& before,
                   v1::BaselineKind kind) {
    const FieldValue& value = context_.value(field);
    if (value.presence != Presence::kPresent) return;
    const absl::optional<Decimal> earlier = NumberIn(before, field.index);
    if (!earlier) return;
    const Decimal difference = *Subtract(value.number, *earlier);
    if (!IsPassed(limit, difference, *earlier)) return;
    v1::Finding& finding =
        context_.Add(Identity(rule, limit.digest, limit.shadow), field, "", value.number.ToString(), {field.index});
    finding.set_expected(absl::StrCat("within ", limit.percent.ToString(), " % or ", limit.absolute.ToString(), " of ",
                                      earlier->ToString()));
    finding.set_difference(difference.ToString());
    finding.set_message(absl::StrCat(field.label, ": ", value.number.ToString(), " after ", earlier->ToString(), " in ",
                                     before.ToDisplayString(), ", ", difference.raw() < 0 ? "down" : "up", " by ",
                                     Magnitude(difference).ToString(), "."));
    finding.set_hint("Check both periods. If the value is right, say why it moved so much.");
    SetBaseline(kind, before, *earlier, &finding);
  }

  // The quarterly return against the monthly ones of its quarter, which it supersedes.
  void JudgeMonthsOfQuarter() {
    const Period& quarter = context_.period();
    if (quarter.kind() != PeriodKind::kQuarter) return;
    const absl::optional<FieldRow> months = context_.RolledUpParts(quarter);
    if (!months) return;
    for (const FieldSchema& field : context_.service().fields()) {
      const FieldValue& whole = context_.value(field);
      const FieldValue& parts = (*months)[static_cast<size_t>(field.index)];
      if (!IsNumber(field.type) || whole.presence != Presence::kPresent || parts.presence != Presence::kPresent ||
          context_.AnyFound({field.index})) {
        continue;
      }
      // A mean of months is not held to more places than the quarter may have.
      const Decimal difference = *Subtract(whole.number, parts.number);
      if (Magnitude(difference) > HalfUnit(field)) ReportQuarter(field, whole.number, parts.number, difference);
    }
  }

  static Decimal HalfUnit(const FieldSchema& field) {
    if (field.rollup != schema::v1::ROLLUP_MEAN) return Decimal();
    return Decimal::FromRaw(Decimal::FromScaled(1, field.places).raw() / 2);
  }

  void ReportQuarter(const FieldSchema& field, Decimal whole, Decimal parts, Decimal difference) {
    const Period& quarter = context_.period();
    v1::Finding& finding = context_.Add(Identity(kQuarterMonthsRule, static_cast<uint64_t>(field.rollup)), field, "",
                                        whole.ToString(), {field.index});
    finding.set_difference(difference.ToString());
    finding.set_message(absl::StrCat(field.label, ": the quarterly return for ", quarter.ToDisplayString(), " has ",
                                     whole.ToString(), ", its three monthly returns make ", parts.ToString(), "."));
    finding.set_hint("Correct the quarter, or withdraw it and correct the months. The quarterly return counts.");
    finding.set_expected(parts.ToString());
    SetBaseline(v1::BASELINE_KIND_MONTHS_OF_QUARTER, quarter, parts, &finding);
  }

  RuleContext& context_;
};

}  // namespace

void JudgeHistory(RuleContext* context) {
  if (context->reference().current_return) HistoryJudge(context).Judge();
}

}  // namespace quartermaster
