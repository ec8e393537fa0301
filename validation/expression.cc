// See expression.h. Compiling is parsing (expression_parser.h) and checking (expression_checker.h); what is left here
// is to run the program.
#include "validation/expression.h"

#include <cassert>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "validation/expression_checker.h"
#include "validation/expression_lexer.h"
#include "validation/expression_parser.h"
#include "validation/expression_program.h"

namespace quartermaster {
namespace {

constexpr Int128 kIntMax = Int128{std::numeric_limits<int64_t>::max()} * Decimal::kOne;
constexpr Int128 kIntMin = Int128{std::numeric_limits<int64_t>::min()} * Decimal::kOne;

// A value of the stack, of a type that its instruction knows. It has no initializers so that the stack costs nothing
// until it is used.
struct Slot {
  Int128 raw;  // of a Decimal
  const char* text;
  uint32_t text_bytes;
  EvaluationError error;

  static Slot OfRaw(Int128 raw) { return {raw, nullptr, 0, EvaluationError::kNone}; }
  static Slot OfBool(bool value) { return OfRaw(value ? Decimal::kOne : 0); }
  static Slot OfText(absl::string_view text) {
    return {0, text.data(), static_cast<uint32_t>(text.size()), EvaluationError::kNone};
  }
  static Slot OfError(EvaluationError error) { return {0, nullptr, 0, error}; }
  static Slot OfDouble(const std::optional<Decimal>& value) {
    return value.has_value() ? OfRaw(value->raw()) : OfError(EvaluationError::kOverflow);
  }
  static Slot OfInt(Int128 raw) {
    return raw >= kIntMin && raw <= kIntMax ? OfRaw(raw) : OfError(EvaluationError::kOverflow);
  }

  bool failed() const { return error != EvaluationError::kNone; }
  bool is_true() const { return !failed() && raw != 0; }
  bool is_false() const { return !failed() && raw == 0; }
};

// Ints are counts of 10^-9 as well, always whole ones, so a quotient of two is a plain number.
Slot CalculateInt(Operation operation, Int128 a, Int128 b) {
  Int128 product;
  switch (operation) {
    case Operation::kAdd:
      return Slot::OfInt(a + b);
    case Operation::kSubtract:
      return Slot::OfInt(a - b);
    case Operation::kMultiply:
      return __builtin_mul_overflow(a / Decimal::kOne, b, &product) ? Slot::OfError(EvaluationError::kOverflow)
                                                                    : Slot::OfInt(product);
    case Operation::kDivide:
      return b == 0 ? Slot::OfError(EvaluationError::kDivisionByZero) : Slot::OfInt(a / b * Decimal::kOne);
    default:
      if (b == 0) return Slot::OfError(EvaluationError::kDivisionByZero);
      // CEL refuses the remainder where it refuses the quotient.
      if (a == kIntMin && b == -Decimal::kOne) return Slot::OfError(EvaluationError::kOverflow);
      return Slot::OfRaw(a % b);
  }
}

Slot CalculateDouble(Operation operation, Decimal a, Decimal b) {
  switch (operation) {
    case Operation::kAdd:
      return Slot::OfDouble(Add(a, b));
    case Operation::kSubtract:
      return Slot::OfDouble(Subtract(a, b));
    case Operation::kMultiply:
      return Slot::OfDouble(Multiply(a, b));
    default:
      return b.raw() == 0 ? Slot::OfError(EvaluationError::kDivisionByZero) : Slot::OfDouble(Divide(a, b));
  }
}

// Below, at or above 0 as a is less than, equal to or more than b.
int Compare(ValueType type, const Slot& a, const Slot& b) {
  if (type == ValueType::kString) {
    return absl::string_view(a.text, a.text_bytes).compare(absl::string_view(b.text, b.text_bytes));
  }
  return a.raw < b.raw ? -1 : a.raw > b.raw ? 1 : 0;
}

Slot CalculateUnary(const Instruction& instruction, const Slot& a) {
  if (a.failed()) return a;
  if (instruction.operation == Operation::kNot) return Slot::OfBool(a.is_false());
  if (instruction.operation == Operation::kAbs && a.raw >= 0) return a;
  if (instruction.type == ValueType::kInt) return Slot::OfInt(-a.raw);
  return Slot::OfDouble(Subtract(Decimal(), Decimal::FromRaw(a.raw)));
}

Slot CalculateBinary(const Instruction& instruction, const Slot& a, const Slot& b) {
  // Of two errors the left one is told.
  if (a.failed()) return a;
  if (b.failed()) return b;
  switch (instruction.operation) {
    case Operation::kMinimum:
      return b.raw < a.raw ? b : a;
    case Operation::kMaximum:
      return b.raw > a.raw ? b : a;
    case Operation::kEqual:
      return Slot::OfBool(Compare(instruction.type, a, b) == 0);
    case Operation::kNotEqual:
      return Slot::OfBool(Compare(instruction.type, a, b) != 0);
    case Operation::kLess:
      return Slot::OfBool(Compare(instruction.type, a, b) < 0);
    case Operation::kLessOrEqual:
      return Slot::OfBool(Compare(instruction.type, a, b) <= 0);
    case Operation::kGreater:
      return Slot::OfBool(Compare(instruction.type, a, b) > 0);
    case Operation::kGreaterOrEqual:
      return Slot::OfBool(Compare(instruction.type, a, b) >= 0);
    default:
      return instruction.type == ValueType::kInt
                 ? CalculateInt(instruction.operation, a.raw, b.raw)
                 : CalculateDouble(instruction.operation, Decimal::FromRaw(a.raw), Decimal::FromRaw(b.raw));
  }
}

// One evaluation.
class Machine {
 public:
  Machine(const ExpressionProgram& program, const EvaluationInput& input) : program_(program), input_(input) {}

  EvaluationResult Run() { return Run(0, static_cast<uint32_t>(program_.instructions.size())); }

  // Runs a part that gives one value.
  EvaluationResult Run(uint32_t begin, uint32_t end) {
    waiting_ = 0;
    for (uint32_t next = begin; next < end;) {
      const Instruction& instruction = program_.instructions[next];
      next = Do(instruction, next + 1);
    }
    assert(waiting_ == 1);
    return {stack_[0].error, Decimal::FromRaw(stack_[0].raw)};
  }

 private:
  // Does the instruction and gives the number of the next one, which is `following` unless it skips.
  uint32_t Do(const Instruction& instruction, uint32_t following);

  void Push(const Slot& slot) {
    assert(waiting_ < kMaxWaitingValues);
    stack_[waiting_++] = slot;
  }
  Slot Pop() {
    assert(waiting_ > 0);
    return stack_[--waiting_];
  }
  Slot& Top() { return stack_[waiting_ - 1]; }

  Slot Literal(const Instruction& instruction) const;
  Slot Field(const Instruction& instruction) const;
  Slot Has(const Instruction& instruction) const;
  Slot Population(const Instruction& instruction) const;
  void CombineLogic(Operation operation);
  void CombineListElement(const Instruction& instruction);

  const ExpressionProgram& program_;
  const EvaluationInput& input_;
  int waiting_ = 0;
  Slot stack_[kMaxWaitingValues];
};

Slot Machine::Literal(const Instruction& instruction) const {
  if (instruction.type != ValueType::kString) return Slot::OfRaw(instruction.number.raw());
  return Slot::OfText(absl::string_view(program_.texts).substr(instruction.operand, instruction.extent));
}

Slot Machine::Field(const Instruction& instruction) const {
  assert(instruction.operand < input_.fields.size());
  const FieldValue& field = input_.fields[instruction.operand];
  if (field.presence != Presence::kPresent) return Slot::OfError(EvaluationError::kNoValue);
  return instruction.type == ValueType::kString ? Slot::OfText(field.text) : Slot::OfRaw(field.number.raw());
}

Slot Machine::Has(const Instruction& instruction) const {
  for (uint32_t i = instruction.operand; i < instruction.operand + instruction.extent; ++i) {
    const auto index = static_cast<size_t>(program_.groups[i]);
    assert(index < input_.fields.size());
    if (input_.fields[index].presence == Presence::kPresent) return Slot::OfBool(true);
  }
  return Slot::OfBool(false);
}

Slot Machine::Population(const Instruction& instruction) const {
  assert(instruction.operand < input_.populations.size());
  const absl::optional<Decimal>& population = input_.populations[instruction.operand];
  return population.has_value() ? Slot::OfRaw(population->raw()) : Slot::OfError(EvaluationError::kNoValue);
}

void Machine::CombineLogic(Operation operation) {
  const Slot right = Pop();
  const Slot& left = Top();
  // The value that decides whatever the other side is, an error included.
  const bool decides = operation == Operation::kAnd ? right.is_false() : right.is_true();
  if (decides || !left.failed()) Top() = right;
}

void Machine::CombineListElement(const Instruction& instruction) {
  const Slot element = Pop();
  const Slot& wanted = stack_[waiting_ - 2];
  Slot& found = Top();
  if (found.failed() || wanted.failed()) return;
  if (element.failed()) {
    found = element;  // As in CEL a list with an error in it is an error.
  } else if (Compare(instruction.type, wanted, element) == 0) {
    found = Slot::OfBool(true);
  }
}

uint32_t Machine::Do(const Instruction& instruction, uint32_t following) {
  switch (instruction.operation) {
    case Operation::kLiteral:
      Push(Literal(instruction));
      return following;
    case Operation::kField:
      Push(Field(instruction));
      return following;
    case Operation::kHas:
      Push(Has(instruction));
      return following;
    case Operation::kPopulation:
      Push(Population(instruction));
      return following;
    case Operation::kNegate:
    case Operation::kNot:
    case Operation::kAbs:
      Top() = CalculateUnary(instruction, Top());
      return following;
    case Operation::kAnd:
    case Operation::kOr:
      CombineLogic(instruction.operation);
      return following;
    case Operation::kSkipIfFalse:
      return Top().is_false() ? instruction.operand : following;
    case Operation::kSkipIfTrue:
      return Top().is_true() ? instruction.operand : following;
    case Operation::kBranch: {
      const Slot condition = Pop();
      if (condition.failed()) Push(condition);
      return condition.failed() ? instruction.extent : condition.is_false() ? instruction.operand : following;
    }
    case Operation::kElse:
      return instruction.operand;
    case Operation::kConditional:
      return following;
    case Operation::kListStart:
      Push(Slot::OfBool(false));
      return following;
    case Operation::kListElement:
      CombineListElement(instruction);
      return following;
    case Operation::kListEnd: {
      const Slot found = Pop();
      if (!Top().failed()) Top() = found;
      return following;
    }
    default: {
      const Slot right = Pop();
      Top() = CalculateBinary(instruction, Top(), right);
      return following;
    }
  }
}

// How many values an operation leaves on the stack more than it finds, where it is done after all before it.
int StackEffect(Operation operation) {
  switch (operation) {
    case Operation::kLiteral:
    case Operation::kField:
    case Operation::kHas:
    case Operation::kPopulation:
    case Operation::kListStart:
      return 1;
    case Operation::kNegate:
    case Operation::kNot:
    case Operation::kAbs:
    case Operation::kSkipIfFalse:
    case Operation::kSkipIfTrue:
      return 0;
    default:
      return -1;
  }
}

// What the left side of a comparison should be to the right one; empty for other operations.
absl::string_view ExpectedOf(Operation operation) {
  switch (operation) {
    case Operation::kEqual:
      return "exactly";
    case Operation::kLess:
      return "less than";
    case Operation::kLessOrEqual:
      return "at most";
    case Operation::kGreater:
      return "more than";
    case Operation::kGreaterOrEqual:
      return "at least";
    default:
      return "";
  }
}

// Where the right side of the comparison that ends the program begins; 0 if there is none, or a branch hides it.
uint32_t RightSide(const std::vector<Instruction>& instructions) {
  const Instruction& last = instructions.back();
  if (ExpectedOf(last.operation).empty() || !IsNumber(last.type)) return 0;
  uint32_t begin = 0;
  int waiting = 0;
  for (uint32_t i = 0; i + 1 < instructions.size(); ++i) {
    if (instructions[i].operation == Operation::kBranch) return 0;
    if (waiting == 1) begin = i;  // The last time that the left side alone waits.
    waiting += StackEffect(instructions[i].operation);
  }
  return begin;
}

}  // namespace

absl::StatusOr<Expression> Expression::Compile(absl::string_view source, const FieldDirectory& fields,
                                               std::vector<PopulationKey>* populations) {
  if (source.size() > kMaxSourceBytes) {
    return ErrorAt(source, kMaxSourceBytes,
                   absl::StrCat("the expression is longer than ", kMaxSourceBytes, " bytes: split it into two"));
  }
  const absl::StatusOr<std::vector<Step>> steps = ParseExpression(source);
  if (!steps.ok()) return steps.status();
  std::vector<PopulationKey> asked = *populations;
  absl::StatusOr<std::unique_ptr<ExpressionProgram>> program = CheckExpression(source, *steps, fields, &asked);
  if (!program.ok()) return program.status();
  *populations = std::move(asked);
  return Expression(*std::move(program));
}

Expression::Expression(std::unique_ptr<const ExpressionProgram> program) : program_(std::move(program)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

ValueType Expression::type() const { return program_->type; }
bool Expression::truncates() const { return program_->truncates; }
const std::vector<int>& Expression::fields() const { return program_->fields; }
const std::vector<int>& Expression::tested_fields() const { return program_->tested_fields; }

EvaluationResult Expression::Evaluate(const EvaluationInput& input) const {
  // Most numerators and denominators are a field and no more, and need no machine.
  const Instruction& first = program_->instructions.front();
  if (first.operation == Operation::kField && program_->instructions.size() == 1) {
    const FieldValue& field = input.fields[first.operand];
    if (field.presence != Presence::kPresent) return {EvaluationError::kNoValue, Decimal()};
    return {EvaluationError::kNone, field.number};
  }
  return Machine(*program_, input).Run();
}

absl::optional<ComparedNumbers> Expression::Compare(const EvaluationInput& input) const {
  const uint32_t middle = RightSide(program_->instructions);
  if (middle == 0) return absl::nullopt;
  const auto end = static_cast<uint32_t>(program_->instructions.size() - 1);
  Machine machine(*program_, input);
  const EvaluationResult left = machine.Run(0, middle);
  const EvaluationResult right = machine.Run(middle, end);
  if (left.error != EvaluationError::kNone || right.error != EvaluationError::kNone) return absl::nullopt;
  return ComparedNumbers{left.number, right.number, ExpectedOf(program_->instructions.back().operation)};
}

}  // namespace quartermaster
