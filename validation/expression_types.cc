// See expression_types.h.
#include "validation/expression_types.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "validation/expression_literals.h"

namespace quartermaster {
namespace {

constexpr size_t kMembersInHint = 3;

absl::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kInt:
      return "int";
    case ValueType::kDouble:
      return "double";
    case ValueType::kBool:
      return "bool";
    case ValueType::kString:
      return "string";
    case ValueType::kChoice:
      return "choice";
  }
  return "unknown";
}

bool LooksLikeNumber(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,-+ ") == absl::string_view::npos;
}

// What to write instead of a comparison between these two.
std::string Advice(const Operand& left, const Operand& right) {
  const auto either = [&](ValueType type) { return left.type == type || right.type == type; };
  for (const Operand* operand : {&left, &right}) {
    if (!IsTextLiteral(*operand)) continue;
    const std::string& text = operand->step->text;
    if (either(ValueType::kBool)) return "compare it with true or false, without quotes";
    if (LooksLikeNumber(text)) return "write the number without quotes";
  }
  if (either(ValueType::kChoice)) return "a choice compares with the quoted names of its own values only";
  for (const Operand* operand : {&left, &right}) {
    if (operand->type != ValueType::kBool) continue;
    return operand->step == nullptr ? "comparisons do not chain, write a < b && b < c"
                                    : "compare it with true or false, or write x ? 1 : 0 for a number";
  }
  return "compare numbers with numbers and texts with quoted texts";
}

}  // namespace

bool IsTextLiteral(const Operand& operand) {
  return operand.type == ValueType::kString && operand.step != nullptr && !operand.field;
}

ValueType MeetNumbers(const Operand& left, const Operand& right) {
  return left.type == right.type ? left.type : ValueType::kDouble;
}

absl::string_view Symbol(Operation operation) {
  switch (operation) {
    case Operation::kNegate:
    case Operation::kSubtract:
      return "'-'";
    case Operation::kAbs:
      return "abs()";
    case Operation::kAdd:
      return "'+'";
    case Operation::kMultiply:
      return "'*'";
    case Operation::kDivide:
      return "'/'";
    case Operation::kRemainder:
      return "'%'";
    case Operation::kMinimum:
      return "min()";
    case Operation::kMaximum:
      return "max()";
    case Operation::kEqual:
      return "'=='";
    case Operation::kNotEqual:
      return "'!='";
    case Operation::kLess:
      return "'<'";
    case Operation::kLessOrEqual:
      return "'<='";
    case Operation::kGreater:
      return "'>'";
    case Operation::kGreaterOrEqual:
      return "'>='";
    case Operation::kAnd:
      return "'&&'";
    case Operation::kOr:
      return "'||'";
    case Operation::kListElement:
      return "'in'";
    default:
      return "this";
  }
}

std::string Describe(const Operand& operand) {
  const absl::string_view type = TypeName(operand.type);
  if (operand.step == nullptr) return absl::StrCat(operand.type == ValueType::kInt ? "an " : "a ", type);
  if (operand.field) return absl::StrCat(operand.step->text, " (", type, ")");
  if (operand.type == ValueType::kString) return absl::StrCat(Quoted(operand.step->text), " (", type, ")");
  return absl::StrCat(operand.step->source, " (", type, ")");
}

std::string NoNumber(absl::string_view symbol, const Operand& operand) {
  absl::string_view advice = "texts have no arithmetic";
  if (operand.type == ValueType::kBool) advice = "write x ? 1 : 0 for a number";
  if (operand.type == ValueType::kChoice) advice = "write x == \"...\" ? 1 : 0 for a number";
  if (IsTextLiteral(operand) && LooksLikeNumber(operand.step->text)) advice = "write the number without quotes";
  return absl::StrCat(symbol, " takes numbers, not ", Describe(operand), ": ", advice);
}

std::string CannotMix(absl::string_view symbol, const Operand& left, const Operand& right) {
  if (left.type == right.type) return "";
  const Operand& whole = left.type == ValueType::kInt ? left : right;
  if (whole.truncates) {
    return absl::StrCat(symbol, " does not mix ", Describe(&whole == &left ? right : left),
                        " and a quotient of ints, which has no fraction: write 1.0 * a / b for a / b");
  }
  if (left.involves_field || right.involves_field) return "";
  const bool decimal_digits = whole.step != nullptr && !absl::StrContains(whole.step->source, 'x');
  return absl::StrCat(symbol, " does not mix ", Describe(left), " and ", Describe(right), ": write ",
                      decimal_digits ? absl::StrCat(whole.step->source, ".0 for ", whole.step->source)
                                     : "whole numbers with a decimal point, such as 1.0");
}

std::string MismatchedTypes(Operation operation, const Operand& left, const Operand& right) {
  return absl::StrCat(Symbol(operation), " cannot compare ", Describe(left), " with ", Describe(right), ": ",
                      Advice(left, right));
}

std::string UnknownField(const FieldDirectory& fields, absl::string_view path) {
  const std::string suggestion = fields.Suggest(path);
  return absl::StrCat("there is no field ", Quoted(path),
                      suggestion.empty() ? "" : absl::StrCat(": did you mean ", suggestion, "?"));
}

std::string GroupWithoutValue(const FieldDirectory& fields, absl::string_view path, const std::vector<int>& members) {
  std::vector<std::string> named;
  for (size_t i = 0; i < members.size() && i < kMembersInHint; ++i) {
    std::string member = fields.PathOf(members[i]);
    if (!member.empty()) named.push_back(std::move(member));
  }
  const std::string hint = named.empty() ? "" : absl::StrCat(" such as ", absl::StrJoin(named, ", "));
  return absl::StrCat(Quoted(path), " is a group of fields without a value of its own: name a field of it", hint);
}

}  // namespace quartermaster
