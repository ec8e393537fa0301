// The types of expressions: which go together, and how messages speak of them.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_TYPES_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_TYPES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "validation/expression.h"
#include "validation/expression_parser.h"
#include "validation/expression_program.h"

namespace quartermaster {

// What the checker knows of a value.
struct Operand {
  ValueType type;
  bool involves_field;  // Or a population: its type is plain from the schema, so ints beside it may become doubles.
  size_t offset;        // where it begins in the source
  const Step* step = nullptr;  // of a field or literal; null for what is computed
  size_t instruction = 0;      // of a field or literal
  bool field = false;
  bool truncates = false;  // an int in which a quotient of ints has lost its fraction
};

bool IsTextLiteral(const Operand& operand);

// The type in which two numbers meet.
ValueType MeetNumbers(const Operand& left, const Operand& right);
// What is wrong with two numbers that meet, or "": as in CEL an int and a double do not, unless the type of a field
// makes it plain. A quotient of ints never meets a double: `part / whole <= 0.95` would be true of
// every part below the whole.
std::string CannotMix(absl::string_view symbol, const Operand& left, const Operand& right);

// For messages.
absl::string_view Symbol(Operation operation);  // "'+'"
std::string Describe(const Operand& operand);   // "beds (int)", "a double"
std::string NoNumber(absl::string_view symbol, const Operand& operand);
std::string MismatchedTypes(Operation operation, const Operand& left, const Operand& right);
std::string UnknownField(const FieldDirectory& fields, absl::string_view path);
std::string GroupWithoutValue(const FieldDirectory& fields, absl::string_view path, const std::vector<int>& members);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_TYPES_H_
