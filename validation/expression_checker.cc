// See expression_checker.h. The checker goes through the operations as the evaluator does, with a stack of types where
// that has a stack of values.
#include "validation/expression_checker.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "validation/age_band.h"
#include "validation/expression_lexer.h"
#include "validation/expression_literals.h"
#include "validation/expression_types.h"

namespace quartermaster {
namespace {

// Each Check method takes the operands of its step from the stack and pushes the outcome, or sets `error_` and returns
// false.
class Checker {
 public:
  Checker(absl::string_view source, const FieldDirectory& fields, std::vector<PopulationKey>* populations)
      : source_(source), fields_(fields), populations_(*populations), program_(std::make_unique<ExpressionProgram>()) {}

  absl::StatusOr<std::unique_ptr<ExpressionProgram>> Run(const std::vector<Step>& steps);

 private:
  bool Fail(size_t offset, absl::string_view message) {
    error_ = ErrorAt(source_, offset, message);
    return false;
  }
  bool Push(Operand operand);
  Operand Pop() {
    Operand top = operands_.back();
    operands_.pop_back();
    return top;
  }
  // The instruction of the step that is being checked.
  Instruction& Current() { return program_->instructions.back(); }

  bool Check(const Step& step);
  bool CheckLiteral(const Step& step);
  bool CheckField(const Step& step);
  bool CheckHas(const Step& step);
  bool CheckPopulation(const Step& step);
  bool CheckUnary(const Step& step);
  bool CheckArithmetic(const Step& step);
  bool CheckComparison(const Step& step);
  bool CheckLogic(const Step& step);
  bool CheckSkip(const Step& step);
  bool CheckConditional(const Step& step);
  bool CheckListElement(const Step& step);

  bool NeedBool(const Operand& operand, absl::string_view where);
  // The type in which two values meet, for CheckComparison and CheckListElement. Resolves the names of choices.
  bool Meet(const Step& step, const Operand& left, const Operand& right, ValueType* type);
  bool MeetAsNumbers(const Step& step, absl::string_view symbol, const Operand& left, const Operand& right,
                     ValueType* type);
  bool ResolveChoice(const Operand& choice, const Operand& name);

  const absl::string_view source_;
  const FieldDirectory& fields_;
  std::vector<PopulationKey>& populations_;
  std::unique_ptr<ExpressionProgram> program_;
  std::vector<Operand> operands_;
  std::map<std::string, std::pair<uint32_t, uint32_t>> groups_;  // where has() of a path has its fields in the program
  absl::Status error_;
};

absl::StatusOr<std::unique_ptr<ExpressionProgram>> Checker::Run(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    Instruction& instruction = program_->instructions.emplace_back();
    instruction.operation = step.operation;
    instruction.type = step.type;
    instruction.operand = static_cast<uint32_t>(step.target);
    instruction.extent = static_cast<uint32_t>(step.end_target);
    if (!Check(step)) return error_;
  }
  const Operand outcome = Pop();
  if (outcome.type == ValueType::kString || outcome.type == ValueType::kChoice) {
    Fail(outcome.offset, absl::StrCat(Describe(outcome), " is neither a number nor true or false: compare it, such as ",
                                      outcome.field ? outcome.step->text : "x", " == \"...\""));
    return error_;
  }
  program_->type = outcome.type;
  program_->truncates = outcome.truncates;
  for (std::vector<int>* list : {&program_->fields, &program_->tested_fields}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return std::move(program_);
}

bool Checker::Push(Operand operand) {
  operands_.push_back(operand);
  if (operands_.size() <= kMaxWaitingValues) return true;
  return Fail(operand.offset, absl::StrCat("more than ", kMaxWaitingValues,
                                           " values wait for their operators here: split the expression"));
}

bool Checker::Check(const Step& step) {
  switch (step.operation) {
    case Operation::kLiteral:
      return CheckLiteral(step);
    case Operation::kField:
      return CheckField(step);
    case Operation::kHas:
      return CheckHas(step);
    case Operation::kPopulation:
      return CheckPopulation(step);
    case Operation::kNegate:
    case Operation::kNot:
    case Operation::kAbs:
      return CheckUnary(step);
    case Operation::kAdd:
    case Operation::kSubtract:
    case Operation::kMultiply:
    case Operation::kDivide:
    case Operation::kRemainder:
    case Operation::kMinimum:
    case Operation::kMaximum:
      return CheckArithmetic(step);
    case Operation::kEqual:
    case Operation::kNotEqual:
    case Operation::kLess:
    case Operation::kLessOrEqual:
    case Operation::kGreater:
    case Operation::kGreaterOrEqual:
      return CheckComparison(step);
    case Operation::kAnd:
    case Operation::kOr:
      return CheckLogic(step);
    case Operation::kSkipIfFalse:
    case Operation::kSkipIfTrue:
    case Operation::kBranch:
      return CheckSkip(step);
    case Operation::kElse:
      return true;
    case Operation::kConditional:
      return CheckConditional(step);
    case Operation::kListStart:
      return Push({ValueType::kBool, false, step.offset});
    case Operation::kListElement:
      return CheckListElement(step);
    case Operation::kListEnd:
      operands_.pop_back();
      operands_.back() = {ValueType::kBool, false, operands_.back().offset};
      return true;
  }
  return Fail(step.offset, "an unknown operation");
}

bool Checker::CheckLiteral(const Step& step) {
  Instruction& literal = Current();
  literal.number = step.number;
  if (step.type == ValueType::kString) {
    literal.operand = static_cast<uint32_t>(program_->texts.size());
    literal.extent = static_cast<uint32_t>(step.text.size());
    program_->texts += step.text;
  }
  return Push({step.type, false, step.offset, &step, program_->instructions.size() - 1});
}

bool Checker::CheckField(const Step& step) {
  const absl::optional<FieldDirectory::Entry> entry = fields_.Find(step.text);
  if (!entry.has_value()) {
    const std::vector<int> members = fields_.FieldsUnder(step.text);
    if (members.empty()) return Fail(step.offset, UnknownField(fields_, step.text));
    return Fail(step.offset, GroupWithoutValue(fields_, step.text, members));
  }
  program_->fields.push_back(entry->index);
  Current().type = entry->type;
  Current().operand = static_cast<uint32_t>(entry->index);
  return Push({entry->type, true, step.offset, &step, program_->instructions.size() - 1, true});
}

bool Checker::CheckHas(const Step& step) {
  const auto [known, is_new] = groups_.try_emplace(step.text);
  auto& [start, extent] = known->second;
  if (is_new) {
    std::vector<int> members = fields_.FieldsUnder(step.text);
    if (const absl::optional<FieldDirectory::Entry> entry = fields_.Find(step.text)) members = {entry->index};
    if (members.empty()) return Fail(step.offset, UnknownField(fields_, step.text));
    start = static_cast<uint32_t>(program_->groups.size());
    extent = static_cast<uint32_t>(members.size());
    program_->groups.insert(program_->groups.end(), members.begin(), members.end());
    program_->tested_fields.insert(program_->tested_fields.end(), members.begin(), members.end());
  }
  Current().operand = start;
  Current().extent = extent;
  return Push({ValueType::kBool, true, step.offset});
}

bool Checker::CheckPopulation(const Step& step) {
  if (!IsAgeBand(step.text)) {
    return Fail(step.offset,
                absl::StrCat(Quoted(step.text), " is no age band: write one such as \"18-64\" or \"65+\""));
  }
  const PopulationKey key{step.text, step.weighted};
  const auto place = std::find(populations_.begin(), populations_.end(), key);
  Current().operand = static_cast<uint32_t>(place - populations_.begin());
  if (place == populations_.end()) populations_.push_back(key);
  return Push({ValueType::kDouble, true, step.offset});
}

bool Checker::NeedBool(const Operand& operand, absl::string_view where) {
  if (operand.type == ValueType::kBool) return true;
  return Fail(operand.offset, absl::StrCat(where, " takes true or false, not ", Describe(operand),
                                           operand.type == ValueType::kString || operand.type == ValueType::kChoice
                                               ? ": compare it, such as x == \"...\""
                                               : ": compare it, such as x > 0"));
}

bool Checker::CheckUnary(const Step& step) {
  Operand operand = Pop();
  if (step.operation == Operation::kNot) {
    if (!NeedBool(operand, "'!'")) return false;
  } else if (!IsNumber(operand.type)) {
    return Fail(operand.offset, NoNumber(Symbol(step.operation), operand));
  }
  Current().type = operand.type;
  Operand outcome{operand.type, operand.involves_field, step.offset};
  outcome.truncates = operand.truncates;
  return Push(outcome);
}

bool Checker::CheckArithmetic(const Step& step) {
  const Operand right = Pop();
  const Operand left = Pop();
  for (const Operand& operand : {left, right}) {
    if (IsNumber(operand.type)) continue;
    return Fail(operand.offset, NoNumber(Symbol(step.operation), operand));
  }
  ValueType& type = Current().type;
  if (!MeetAsNumbers(step, Symbol(step.operation), left, right, &type)) return false;
  if (step.operation == Operation::kRemainder && type != ValueType::kInt) {
    return Fail(step.offset, absl::StrCat("'%' takes ints, not ", Describe(left.type == ValueType::kInt ? right : left),
                                          ": doubles have no remainder"));
  }
  Operand outcome{type, left.involves_field || right.involves_field, left.offset};
  outcome.truncates =
      type == ValueType::kInt && (step.operation == Operation::kDivide || left.truncates || right.truncates);
  return Push(outcome);
}

bool Checker::MeetAsNumbers(const Step& step, absl::string_view symbol, const Operand& left, const Operand& right,
                            ValueType* type) {
  *type = MeetNumbers(left, right);
  const std::string problem = CannotMix(symbol, left, right);
  return problem.empty() || Fail(step.offset, problem);
}

bool Checker::ResolveChoice(const Operand& choice, const Operand& name) {
  Instruction& literal = program_->instructions[name.instruction];
  const int field_index = static_cast<int>(program_->instructions[choice.instruction].operand);
  const absl::optional<int> number = fields_.FindChoice(field_index, name.step->text);
  if (!number.has_value()) {
    return Fail(name.offset, absl::StrCat(Quoted(name.step->text), " is no choice of ", choice.step->text,
                                          ": write the name or label of one of its values"));
  }
  literal.type = ValueType::kChoice;
  literal.number = Decimal::FromInteger(*number);
  return true;
}

bool Checker::Meet(const Step& step, const Operand& left, const Operand& right, ValueType* type) {
  *type = left.type;
  if (IsNumber(left.type) && IsNumber(right.type)) {
    return MeetAsNumbers(step, Symbol(step.operation), left, right, type);
  }
  const bool on_left = left.type == ValueType::kChoice;
  if (on_left || right.type == ValueType::kChoice) {
    const Operand& choice = on_left ? left : right;
    const Operand& name = on_left ? right : left;
    *type = ValueType::kChoice;
    if (!IsTextLiteral(name)) return Fail(step.offset, MismatchedTypes(step.operation, left, right));
    if (step.operation == Operation::kListElement && !on_left) {
      return Fail(step.offset, absl::StrCat("a list of choices needs the choice before `in`: write ", choice.step->text,
                                            " == ", Quoted(name.step->text)));
    }
    return ResolveChoice(choice, name);
  }
  return left.type == right.type || Fail(step.offset, MismatchedTypes(step.operation, left, right));
}

bool Checker::CheckComparison(const Step& step) {
  const Operand right = Pop();
  const Operand left = Pop();
  ValueType type;
  if (!Meet(step, left, right, &type)) return false;
  if (type == ValueType::kChoice && step.operation != Operation::kEqual && step.operation != Operation::kNotEqual) {
    return Fail(step.offset,
                absl::StrCat("choices have no order: ", Symbol(step.operation), " compares numbers and texts"));
  }
  Current().type = type;
  return Push({ValueType::kBool, left.involves_field || right.involves_field, left.offset});
}

bool Checker::CheckListElement(const Step& step) {
  const Operand element = Pop();
  const Operand& wanted = operands_[operands_.size() - 2];
  ValueType type;
  if (!Meet(step, wanted, element, &type)) return false;
  Current().type = type;
  return true;
}

bool Checker::CheckSkip(const Step& step) {
  if (step.operation == Operation::kBranch) return NeedBool(Pop(), "what stands before '?'");
  return NeedBool(operands_.back(), step.operation == Operation::kSkipIfFalse ? "'&&'" : "'||'");
}

bool Checker::CheckLogic(const Step& step) {
  const Operand right = Pop();
  const Operand left = Pop();
  return NeedBool(right, Symbol(step.operation)) &&
         Push({ValueType::kBool, left.involves_field || right.involves_field, left.offset});
}

bool Checker::CheckConditional(const Step& step) {
  const Operand otherwise = Pop();
  const Operand chosen = Pop();
  ValueType type = chosen.type;
  if (chosen.type == ValueType::kChoice || otherwise.type == ValueType::kChoice) {
    return Fail(step.offset,
                "a choice cannot be what '?' gives: compare it on each side, such as x ? a == \"...\" : b == \"...\"");
  }
  if (IsNumber(chosen.type) && IsNumber(otherwise.type)) {
    if (!MeetAsNumbers(step, "'?:'", chosen, otherwise, &type)) return false;
  } else if (chosen.type != otherwise.type) {
    return Fail(step.offset, absl::StrCat("'?' gives ", Describe(chosen), " or ", Describe(otherwise),
                                          ": both must be of one type"));
  }
  Operand outcome{type, chosen.involves_field || otherwise.involves_field, chosen.offset};
  outcome.truncates = type == ValueType::kInt && (chosen.truncates || otherwise.truncates);
  return Push(outcome);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExpressionProgram>> CheckExpression(absl::string_view source,
                                                                   const std::vector<Step>& steps,
                                                                   const FieldDirectory& fields,
                                                                   std::vector<PopulationKey>* populations) {
  return Checker(source, fields, populations).Run(steps);
}

}  // namespace quartermaster
