// What an expression is compiled into: a list of operations in the order in which they are done, over a stack of
// values.
//
// The parser writes the list without types (expression_parser.h), the checker adds them (expression_checker.h), and
// Expression::Evaluate runs it. The three agree on positions: operation n of the parser is instruction n of the
// program.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_PROGRAM_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "validation/decimal.h"
#include "validation/expression.h"

namespace quartermaster {

// The most values that may wait for their operators at once, ten times what a screen of text ordinarily needs. It sizes
// the evaluator's stack.
inline constexpr int kMaxWaitingValues = 64;

enum class Operation : uint8_t {
  // Push a value.
  kLiteral,
  kField,
  kHas,
  kPopulation,
  // Take one, push one.
  kNegate,
  kNot,
  kAbs,
  // Take two, push one.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kMinimum,
  kMaximum,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kAnd,
  kOr,
  // a && b is: a, kSkipIfFalse over the rest, b, kAnd. An error on the left does not skip, since the right may absorb
  // it.
  kSkipIfFalse,
  kSkipIfTrue,
  // c ? a : b is: c, kBranch, a, kElse, b, kConditional. kBranch takes c; it goes on, or to b, or with an error to
  // kConditional, which does nothing.
  kBranch,
  kElse,
  kConditional,
  // x in [a, b] is: x, kListStart, a, kListElement, b, kListElement, kListEnd. The start pushes false, an element turns
  // it true if it equals x, the end takes x away.
  kListStart,
  kListElement,
  kListEnd,
};

struct Instruction {
  Operation operation;
  ValueType type;        // Of the operands, where operations differ by it. Of numbers that mix it is kDouble.
  uint32_t operand = 0;  // Where to skip; a field or population; where in `texts` or `groups`.
  uint32_t extent = 0;   // Where kBranch goes with an error; how much of `texts` or `groups`.
  Decimal number;        // Of a literal. Ints are Decimals as well, so that they become doubles at no cost.
};

struct ExpressionProgram {
  std::vector<Instruction> instructions;
  std::string texts;        // the text literals, one behind the other
  std::vector<int> groups;  // the fields that each has() asks for, one has() behind the other
  ValueType type = ValueType::kBool;
  bool truncates = false;
  std::vector<int> fields;
  std::vector<int> tested_fields;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_PROGRAM_H_
