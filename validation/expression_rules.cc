#include "validation/expression_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "validation/findings.h"

namespace quartermaster {
namespace {

RuleIdentity IdentityOf(const RuleSchema& rule) {
  return {rule.id, rule.rule_class, rule.severity, rule.shadow, rule.digest};
}

// "occupied = 12, available = 10".
std::string GivenValues(const RuleContext& context, const std::vector<int>& indexes) {
  std::string given;
  for (const int index : indexes) {
    const FieldSchema& field = context.service().fields()[static_cast<size_t>(index)];
    absl::StrAppend(&given, given.empty() ? "" : ", ", field.path, " = ", DisplayValue(field, context.value(field)));
  }
  return given;
}

v1::Finding& AddRuleFinding(const RuleSchema& rule, const std::vector<int>& named, const std::vector<int>& inputs,
                            RuleContext* context) {
  const FieldSchema& field = context->service().fields()[static_cast<size_t>(named.front())];
  v1::Finding& finding = context->Add(IdentityOf(rule), field, "", GivenValues(*context, named), inputs);
  finding.set_message(rule.message);
  finding.set_hint(rule.hint);
  return finding;
}

void JudgeExpression(const RuleSchema& rule, const Expression& condition, RuleContext* context) {
  const EvaluationResult result = condition.Evaluate(context->input());
  const bool computed = result.error == EvaluationError::kNone;
  if ((computed && result.is_true()) || result.error == EvaluationError::kNoValue) return;
  if (context->AnyUnreadable(condition.fields()) || context->AnyUnreadable(condition.tested_fields())) return;
  const std::vector<int>& named = condition.fields().empty() ? condition.tested_fields() : condition.fields();
  std::vector<int> inputs = condition.fields();
  inputs.insert(inputs.end(), condition.tested_fields().begin(), condition.tested_fields().end());
  if (!computed) {
    RuleIdentity identity = IdentityOf(rule);
    identity.severity = schema::v1::SEVERITY_INFO;
    const FieldSchema& field = context->service().fields()[static_cast<size_t>(named.front())];
    v1::Finding& finding = context->Add(identity, field, "", GivenValues(*context, named), {});
    finding.set_message(absl::StrCat(
        "The rule could not be computed: ",
        result.error == EvaluationError::kDivisionByZero ? "it divides by zero" : "a number is too large", "."));
    finding.set_hint(absl::StrCat("Check the values. The rule would say: ", rule.message));
    return;
  }
  v1::Finding& finding = AddRuleFinding(rule, named, inputs, context);
  const absl::optional<ComparedNumbers> compared = condition.Compare(context->input());
  if (!compared) return;
  finding.set_expected(
      absl::StrCat(compared->expected, " ", compared->right.ToString(), " instead of ", compared->left.ToString()));
  if (const auto difference = Subtract(compared->left, compared->right)) finding.set_difference(difference->ToString());
}

void JudgeSum(const RuleSchema& rule, const SumOfParts& sum, RuleContext* context) {
  std::vector<int> inputs = {sum.total};
  inputs.insert(inputs.end(), sum.parts.begin(), sum.parts.end());
  for (const int index : inputs) {
    if (context->fields()[static_cast<size_t>(index)].presence != Presence::kPresent) return;
  }
  // Values are at most 10^12, and a service has at most 2,000 of them, so these sums exist.
  Decimal parts;
  for (const int index : sum.parts) parts = *Add(parts, context->fields()[static_cast<size_t>(index)].number);
  const Decimal total = context->fields()[static_cast<size_t>(sum.total)].number;
  const Decimal difference = *Subtract(total, parts);
  if (Magnitude(difference) <= sum.tolerance) return;
  v1::Finding& finding = AddRuleFinding(rule, inputs, inputs, context);
  const bool exact = sum.tolerance == Decimal();
  finding.set_expected(absl::StrCat(parts.ToString(), ", the sum of the parts",
                                    exact ? "" : absl::StrCat(", give or take ", sum.tolerance.ToString()),
                                    ", instead of ", total.ToString()));
  finding.set_difference(difference.ToString());
}

}  // namespace

void JudgeRules(RuleContext* context) {
  for (const RuleSchema& rule : context->service().rules()) {
    if (rule.since && context->period().first_month() < rule.since->first_month()) continue;
    if (const auto* sum = std::get_if<SumOfParts>(&rule.condition)) {
      JudgeSum(rule, *sum, context);
    } else {
      JudgeExpression(rule, std::get<Expression>(rule.condition), context);
    }
  }
}

}  // namespace quartermaster
