// See expression_tree.h.
#include "tests/validation/expression_tree.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"

namespace quartermaster {
namespace {

constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();

TreeValue OverflowIfNone(const std::optional<Decimal>& number) {
  return number.has_value() ? TreeValue::Number(*number) : TreeValue::Error(EvaluationError::kOverflow);
}

// Ints as machines have them, unlike the program, which has them as Decimals.
TreeValue CalculateWhole(const std::string& symbol, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  if (symbol == "+") overflow = __builtin_add_overflow(a, b, &result);
  if (symbol == "-") overflow = __builtin_sub_overflow(a, b, &result);
  if (symbol == "*") overflow = __builtin_mul_overflow(a, b, &result);
  if (symbol == "/" || symbol == "%") {
    if (b == 0) return TreeValue::Error(EvaluationError::kDivisionByZero);
    overflow = a == kSmallest && b == -1;
    if (!overflow) result = symbol == "/" ? a / b : a % b;
  }
  if (symbol == "min") result = std::min(a, b);
  if (symbol == "max") result = std::max(a, b);
  return overflow ? TreeValue::Error(EvaluationError::kOverflow) : TreeValue::Whole(result);
}

TreeValue CalculateNumber(const std::string& symbol, Decimal a, Decimal b) {
  if (symbol == "+") return OverflowIfNone(Add(a, b));
  if (symbol == "-") return OverflowIfNone(Subtract(a, b));
  if (symbol == "*") return OverflowIfNone(Multiply(a, b));
  if (symbol == "min") return TreeValue::Number(std::min(a, b));
  if (symbol == "max") return TreeValue::Number(std::max(a, b));
  return b == Decimal() ? TreeValue::Error(EvaluationError::kDivisionByZero) : OverflowIfNone(Divide(a, b));
}

Decimal AsDecimal(ValueType type, const TreeValue& value) {
  return type == ValueType::kDouble ? value.number : Decimal::FromInteger(value.whole);
}

bool Equal(const Tree& a_tree, const TreeValue& a, const Tree& b_tree, const TreeValue& b) {
  if (a_tree.type() == ValueType::kString && b_tree.type() == ValueType::kString) return a.text == b.text;
  return AsDecimal(a_tree.type(), a) == AsDecimal(b_tree.type(), b);
}

}  // namespace

std::vector<PopulationKey> Tree::Populations() { return {{"0-17", false}, {"18-64", true}}; }

EvaluationResult Tree::Evaluate(const EvaluationInput& input) const {
  const TreeValue value = Value(input);
  return {value.error, AsDecimal(type_, value)};
}

TreeValue Tree::Value(const EvaluationInput& input) const {
  if (children_.empty()) return LeafValue(input);
  if (symbol_ == "&&" || symbol_ == "||" || symbol_ == "?" || symbol_ == "!") return LogicValue(input);
  if (symbol_ == "in") return ListValue(input);
  return type_ == ValueType::kBool ? CompareValue(input) : NumberValue(input);
}

TreeValue Tree::LeafValue(const EvaluationInput& input) const {
  if (symbol_ == "literal") return literal_;
  if (symbol_ == "population") {
    const absl::optional<Decimal>& population = input.populations[static_cast<size_t>(index_)];
    return population.has_value() ? TreeValue::Number(*population) : TreeValue::Error(EvaluationError::kNoValue);
  }
  if (symbol_ == "has") {
    const std::vector<int> members =
        written_ == "has(caseload)" ? TestFields().FieldsUnder("caseload") : std::vector<int>{index_};
    return TreeValue::Whole(std::any_of(members.begin(), members.end(), [&](int member) {
      return input.fields[static_cast<size_t>(member)].presence == Presence::kPresent;
    }));
  }
  const FieldValue& field = input.fields[static_cast<size_t>(index_)];
  if (field.presence != Presence::kPresent) return TreeValue::Error(EvaluationError::kNoValue);
  if (type_ == ValueType::kString) return TreeValue::Text(std::string(field.text));
  return {EvaluationError::kNone, static_cast<int64_t>(field.number.raw() / Decimal::kOne), field.number, ""};
}

TreeValue Tree::LogicValue(const EvaluationInput& input) const {
  const TreeValue first = children_[0]->Value(input);
  if (symbol_ == "!") return first.failed() ? first : TreeValue::Whole(1 - first.whole);
  if (symbol_ == "?") {
    if (first.failed()) return first;
    const Tree& chosen = *children_[first.whole != 0 ? 1 : 2];
    TreeValue value = chosen.Value(input);
    if (type_ == ValueType::kDouble && chosen.type_ == ValueType::kInt)
      value.number = AsDecimal(ValueType::kInt, value);
    return value;
  }
  // Both sides, always: whichever decides decides, be the other what it may.
  const TreeValue second = children_[1]->Value(input);
  const int64_t deciding = symbol_ == "||" ? 1 : 0;
  for (const TreeValue& side : {first, second}) {
    if (!side.failed() && side.whole == deciding) return side;
  }
  return first.failed() ? first : second;
}

TreeValue Tree::ListValue(const EvaluationInput& input) const {
  const TreeValue wanted = children_[0]->Value(input);
  if (wanted.failed()) return wanted;
  bool found = false;
  for (size_t i = 1; i < children_.size(); ++i) {
    const TreeValue element = children_[i]->Value(input);
    if (element.failed()) return element;
    found = found || Equal(*children_[0], wanted, *children_[i], element);
  }
  return TreeValue::Whole(found);
}

TreeValue Tree::NumberValue(const EvaluationInput& input) const {
  TreeValue value = children_[0]->Value(input);
  if (value.failed()) return value;
  if (children_.size() == 1) {
    if (symbol_ == "abs" && AsDecimal(type_, value) >= Decimal()) return value;
    return type_ == ValueType::kInt ? CalculateWhole("-", 0, value.whole)
                                    : CalculateNumber("-", Decimal(), value.number);
  }
  value.number = AsDecimal(children_[0]->type_, value);
  for (size_t i = 1; i < children_.size(); ++i) {
    const TreeValue next = children_[i]->Value(input);
    if (next.failed()) return next;
    value = type_ == ValueType::kInt ? CalculateWhole(symbol_, value.whole, next.whole)
                                     : CalculateNumber(symbol_, value.number, AsDecimal(children_[i]->type_, next));
    if (value.failed()) return value;
  }
  return value;
}

TreeValue Tree::CompareValue(const EvaluationInput& input) const {
  const TreeValue left = children_[0]->Value(input);
  const TreeValue right = children_[1]->Value(input);
  if (left.failed()) return left;
  if (right.failed()) return right;
  const bool equal = Equal(*children_[0], left, *children_[1], right);
  const bool less = children_[0]->type_ == ValueType::kString
                        ? left.text < right.text
                        : AsDecimal(children_[0]->type_, left) < AsDecimal(children_[1]->type_, right);
  if (symbol_ == "==") return TreeValue::Whole(equal);
  if (symbol_ == "!=") return TreeValue::Whole(!equal);
  if (symbol_ == "<") return TreeValue::Whole(less);
  if (symbol_ == "<=") return TreeValue::Whole(less || equal);
  if (symbol_ == ">") return TreeValue::Whole(!less && !equal);
  return TreeValue::Whole(!less);
}

void Tree::CollectFields(std::set<int>* fields, std::set<int>* tested_fields) const {
  if (symbol_ == "field") fields->insert(index_);
  if (symbol_ == "has") {
    const std::vector<int> group = TestFields().FieldsUnder("caseload");
    if (written_ == "has(caseload)") tested_fields->insert(group.begin(), group.end());
    if (written_ != "has(caseload)") tested_fields->insert(index_);
  }
  for (const auto& child : children_) child->CollectFields(fields, tested_fields);
}

int Tree::Precedence() const {
  if (children_.empty()) return absl::StartsWith(written_, "-") ? 6 : 7;
  if (symbol_ == "?") return 0;
  if (symbol_ == "||") return 1;
  if (symbol_ == "&&") return 2;
  if (symbol_ == "in" || (type_ == ValueType::kBool && symbol_ != "!")) return 3;
  if (symbol_ == "!" || (symbol_ == "-" && children_.size() == 1)) return 6;
  if (symbol_ == "+" || symbol_ == "-") return 4;
  if (symbol_ == "*" || symbol_ == "/" || symbol_ == "%") return 5;
  return 7;
}

std::string Tree::WriteChild(size_t child, int least_precedence, std::mt19937* random) const {
  const std::string written = children_[child]->Write(random);
  const char* const blanks[] = {"", "", "", " ", "  ", "\n", " // so\n"};
  const bool bracketed = children_[child]->Precedence() < least_precedence || (*random)() % 12 == 0;
  return absl::StrCat(blanks[(*random)() % 7], bracketed ? "(" : "", written, bracketed ? ")" : "",
                      blanks[(*random)() % 7]);
}

std::string Tree::Write(std::mt19937* random) const {
  if (children_.empty()) return written_;
  const int own = Precedence();
  if (symbol_ == "?") {
    return absl::StrCat(WriteChild(0, 1, random), "?", WriteChild(1, 1, random), ":", WriteChild(2, 0, random));
  }
  if (symbol_ == "in" || own == 7) {
    std::string list;
    for (size_t i = symbol_ == "in" ? 1 : 0; i < children_.size(); ++i) {
      absl::StrAppend(&list, list.empty() ? "" : ",", WriteChild(i, 0, random));
    }
    return symbol_ == "in" ? absl::StrCat(WriteChild(0, 3, random), " in [", list, "]")
                           : absl::StrCat(symbol_, "(", list, ")");
  }
  if (own == 6) return absl::StrCat(symbol_, WriteChild(0, 6, random));
  // From the left: an equal on the right needs brackets. The blank keeps a / from meeting a comment.
  return absl::StrCat(WriteChild(0, own, random), " ", symbol_, " ", WriteChild(1, own + 1, random));
}

}  // namespace quartermaster
