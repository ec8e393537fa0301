#include "validation/rule_mistakes.h"

#include <algorithm>
#include <variant>

namespace quartermaster {
namespace {

int Sign(Decimal value) { return value.raw() < 0 ? -1 : value.raw() > 0 ? 1 : 0; }

// How a field would have to be corrected to mend a rule.
struct Correction {
  int field;
  int direction;                   // 1: larger, -1: smaller, 0: either, or nobody knows
  absl::optional<Decimal> amount;  // where only so much will do
  Decimal tolerance = Decimal();   // of the amount
};

// Which way left - right must go.
int NeededDirection(const ComparedNumbers& compared) {
  const Decimal left_over = Subtract(compared.left, compared.right).value_or(Decimal());
  if (compared.expected == "at most" || compared.expected == "less than") return -1;
  if (compared.expected == "at least" || compared.expected == "more than") return 1;
  return -Sign(left_over);
}

std::vector<Correction> CorrectionsOfSum(const SumOfParts& sum, const ComparedNumbers& compared) {
  const Decimal missing = *Subtract(compared.right, compared.left);
  std::vector<Correction> corrections = {{sum.total, Sign(missing), missing, sum.tolerance}};
  for (const int part : sum.parts) corrections.push_back({part, -Sign(missing), absl::nullopt});
  return corrections;
}

// Found by making each field larger by 1 and looking which way the comparison moves.
std::vector<Correction> CorrectionsOfComparison(const Expression& condition, const RuleFailure& failure,
                                                const RuleContext& context) {
  const Decimal before = Subtract(failure.compared->left, failure.compared->right).value_or(Decimal());
  const int needed = NeededDirection(*failure.compared);
  std::vector<Correction> corrections;
  FieldRow moved = context.fields();
  for (const int index : failure.inputs) {
    FieldValue& value = moved[static_cast<size_t>(index)];
    const Decimal given = value.number;
    value.number = Add(given, Decimal::FromInteger(1)).value_or(given);
    const absl::optional<ComparedNumbers> after = condition.Compare({moved, context.input().populations});
    value.number = given;
    const auto difference = after ? Subtract(after->left, after->right) : std::nullopt;
    const auto move = difference ? Subtract(*difference, before) : std::nullopt;
    corrections.push_back({index, move ? needed * Sign(*move) : 0, absl::nullopt});
  }
  return corrections;
}

std::vector<Correction> CorrectionsOf(const RuleFailure& failure, const RuleContext& context) {
  if (const auto* sum = std::get_if<SumOfParts>(&failure.rule->condition)) {
    return CorrectionsOfSum(*sum, *failure.compared);
  }
  if (failure.compared) {
    return CorrectionsOfComparison(std::get<Expression>(failure.rule->condition), failure, context);
  }
  std::vector<Correction> corrections;
  for (const int index : failure.inputs) corrections.push_back({index, 0, absl::nullopt});
  return corrections;
}

// Whether one correction can mend both.
bool AreOne(const Correction& a, const Correction& b) {
  if (a.field != b.field || a.direction * b.direction < 0) return false;
  if (!a.amount || !b.amount) return true;
  return Magnitude(*Subtract(*a.amount, *b.amount)) <= *Add(a.tolerance, b.tolerance);
}

bool ShareACorrection(const std::vector<Correction>& a, const std::vector<Correction>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const Correction& one) {
    return std::any_of(b.begin(), b.end(), [&one](const Correction& other) { return AreOne(one, other); });
  });
}

}  // namespace

std::vector<const RuleFailure*> DistinctMistakes(const std::vector<RuleFailure>& failures, const RuleContext& context) {
  struct Reported {
    std::vector<Correction> corrections;
    schema::v1::Severity weight;
  };
  std::vector<const RuleFailure*> by_weight;
  for (const RuleFailure& failure : failures) by_weight.push_back(&failure);
  std::stable_sort(by_weight.begin(), by_weight.end(),
                   [](const RuleFailure* a, const RuleFailure* b) { return a->severity < b->severity; });
  std::vector<Reported> reported;
  std::vector<const RuleFailure*> distinct;
  for (const RuleFailure* failure : by_weight) {
    if (failure->rule->shadow) {
      distinct.push_back(failure);
      continue;
    }
    std::vector<Correction> corrections = CorrectionsOf(*failure, context);
    const bool is_known = std::any_of(reported.begin(), reported.end(), [&](const Reported& other) {
      return other.weight <= failure->severity && ShareACorrection(other.corrections, corrections);
    });
    if (is_known) continue;
    distinct.push_back(failure);
    if (failure->error != EvaluationError::kNone) continue;
    const FieldSchema& field = context.service().fields()[static_cast<size_t>(failure->named.front())];
    const bool excepted = context.IsExcepted(failure->rule->id, field.path);
    reported.push_back({std::move(corrections), excepted ? schema::v1::SEVERITY_INFO : failure->severity});
  }
  std::sort(distinct.begin(), distinct.end());  // They point into one vector.
  return distinct;
}

}  // namespace quartermaster
