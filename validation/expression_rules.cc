#include "validation/expression_rules.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "validation/findings.h"
#include "validation/rule_mistakes.h"

namespace quartermaster {
namespace {

v1::Finding& AddRuleFinding(const RuleFailure& failure, RuleContext* context) {
  const RuleSchema& rule = *failure.rule;
  const FieldSchema& field = context->service().fields()[static_cast<size_t>(failure.named.front())];
  const RuleIdentity identity{rule.id, rule.rule_class, failure.severity, rule.shadow, rule.digest};
  // What could not be computed says nothing against its values.
  const std::vector<int>& found = failure.error == EvaluationError::kNone ? failure.inputs : std::vector<int>();
  // The fields that it asks for with has() are not listed, but must stand as well.
  v1::Finding& finding = context->Add(identity, field, "", context->GivenValues(failure.named), found,
                                      context->GivenValues(failure.inputs));
  finding.set_message(rule.message);
  finding.set_hint(rule.hint);
  return finding;
}

void ReportExpression(const RuleFailure& failure, RuleContext* context) {
  v1::Finding& finding = AddRuleFinding(failure, context);
  if (failure.error != EvaluationError::kNone) {
    finding.set_message(absl::StrCat(
        "The rule could not be computed: ",
        failure.error == EvaluationError::kDivisionByZero ? "it divides by zero" : "a number is too large", "."));
    finding.set_hint(absl::StrCat("Check the values. The rule would say: ", failure.rule->message));
    return;
  }
  const absl::optional<ComparedNumbers>& compared = failure.compared;
  if (!compared) return;
  finding.set_expected(
      absl::StrCat(compared->expected, " ", compared->right.ToString(), " instead of ", compared->left.ToString()));
  if (const auto difference = Subtract(compared->left, compared->right)) finding.set_difference(difference->ToString());
}

void ReportSum(const RuleFailure& failure, const SumOfParts& sum, RuleContext* context) {
  v1::Finding& finding = AddRuleFinding(failure, context);
  const bool exact = sum.tolerance == Decimal();
  finding.set_expected(absl::StrCat(failure.compared->right.ToString(), ", the sum of the parts",
                                    exact ? "" : absl::StrCat(", give or take ", sum.tolerance.ToString()),
                                    ", instead of ", failure.compared->left.ToString()));
  finding.set_difference(Subtract(failure.compared->left, failure.compared->right)->ToString());
}

absl::optional<RuleFailure> JudgeExpression(const RuleSchema& rule, const Expression& condition,
                                            const RuleContext& context) {
  const EvaluationResult result = condition.Evaluate(context.input());
  const bool computed = result.error == EvaluationError::kNone;
  if ((computed && result.is_true()) || result.error == EvaluationError::kNoValue) return absl::nullopt;
  if (context.AnyUnreadable(condition.fields()) || context.AnyUnreadable(condition.tested_fields())) {
    return absl::nullopt;
  }
  RuleFailure failure{&rule, computed ? rule.severity : schema::v1::SEVERITY_INFO, result.error};
  failure.named = condition.fields().empty() ? condition.tested_fields() : condition.fields();
  failure.inputs = condition.fields();
  failure.inputs.insert(failure.inputs.end(), condition.tested_fields().begin(), condition.tested_fields().end());
  if (computed) failure.compared = condition.Compare(context.input());
  return failure;
}

absl::optional<RuleFailure> JudgeSum(const RuleSchema& rule, const SumOfParts& sum, const RuleContext& context) {
  std::vector<int> inputs = {sum.total};
  inputs.insert(inputs.end(), sum.parts.begin(), sum.parts.end());
  for (const int index : inputs) {
    if (context.fields()[static_cast<size_t>(index)].presence != Presence::kPresent) return absl::nullopt;
  }
  // Values are at most 10^12, and a service has at most 2,000 of them, so these sums exist.
  Decimal parts;
  for (const int index : sum.parts) parts = *Add(parts, context.fields()[static_cast<size_t>(index)].number);
  const Decimal total = context.fields()[static_cast<size_t>(sum.total)].number;
  if (Magnitude(*Subtract(total, parts)) <= sum.tolerance) return absl::nullopt;
  RuleFailure failure{&rule, rule.severity, EvaluationError::kNone};
  failure.named = inputs;
  failure.inputs = std::move(inputs);
  failure.compared = ComparedNumbers{total, parts, "exactly"};
  return failure;
}

}  // namespace

void JudgeRules(RuleContext* context) {
  std::vector<RuleFailure> failures;
  for (const RuleSchema& rule : context->service().rules()) {
    if (rule.since && context->period().first_month() < rule.since->first_month()) continue;
    const auto* sum = std::get_if<SumOfParts>(&rule.condition);
    absl::optional<RuleFailure> failure = sum != nullptr
                                              ? JudgeSum(rule, *sum, *context)
                                              : JudgeExpression(rule, std::get<Expression>(rule.condition), *context);
    if (failure) failures.push_back(*std::move(failure));
  }
  for (const RuleFailure* failure : DistinctMistakes(failures, *context)) {
    const auto* sum = std::get_if<SumOfParts>(&failure->rule->condition);
    sum != nullptr ? ReportSum(*failure, *sum, context) : ReportExpression(*failure, context);
  }
}

}  // namespace quartermaster
