// The grammar of expressions. The parser writes operations in the order in which they are done (postfix), so that
// checking and running them are loops, whatever the shape of the source.
//
//   Conditional = Or ["?" Or ":" Conditional]
//   Or          = And {"||" And}
//   And         = Relation {"&&" Relation}
//   Relation    = Sum {("==" | "!=" | "<" | "<=" | ">" | ">=") Sum | "in" List}
//   Sum         = Product {("+" | "-") Product}
//   Product     = Unary {("*" | "/" | "%") Unary}
//   Unary       = {"-" | "!"} Primary
//   Primary     = INT | DOUBLE | STRING | "true" | "false" | Path | Call | "(" Conditional ")"
//   Call        = "has" "(" Path ")" | "population" "(" STRING ["," STRING] ")"
//               | "abs" "(" Conditional ")" | ("min" | "max") "(" Conditional "," Conditional {"," Conditional} ")"
//   List        = "[" [Conditional {"," Conditional} [","]] "]"
//   Path        = IDENTIFIER {"." IDENTIFIER}
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_PARSER_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_PARSER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "validation/decimal.h"
#include "validation/expression_program.h"

namespace quartermaster {

// One operation as it was written. Operands are on the stack.
struct Step {
  Operation operation;
  size_t offset;          // of the operator, literal or path in the source
  size_t target = 0;      // of the skipping ones: the step to go to
  size_t end_target = 0;  // of kBranch: the step to go to with an error

  ValueType type = ValueType::kBool;  // of a literal
  Decimal number;                     // of a literal
  std::string text;                   // of a text literal; the path of kField and kHas; the age band of kPopulation
  absl::string_view source;           // of a number, as it was written
  bool weighted = false;              // of kPopulation
};

// INVALID_ARGUMENT, with line and column, if `source` is not of the grammar.
absl::StatusOr<std::vector<Step>> ParseExpression(absl::string_view source);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_PARSER_H_
