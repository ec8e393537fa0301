// The random side of expression_tree.h: trees, and returns to evaluate them on.
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"
#include "tests/validation/expression_tree.h"

namespace quartermaster {
namespace {

constexpr int64_t kLargestLiteral = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallestLiteral = std::numeric_limits<int64_t>::min();

}  // namespace

// Makes trees of a type.
class TreeMaker {
 public:
  explicit TreeMaker(std::mt19937* random) : random_(*random) {}

  using Made = std::unique_ptr<Tree>;
  Made Make(ValueType type, int depth) {
    if (type == ValueType::kBool) return MakeBool(depth);
    if (type == ValueType::kString) return MakeText(depth);
    return MakeNumber(type, depth);
  }

 private:
  uint32_t Below(uint32_t bound) { return random_() % bound; }

  Made Join(std::string symbol, ValueType type, std::vector<Made> children) {
    Made tree = std::make_unique<Tree>(std::move(symbol), type);
    // A condition says nothing of the type of what it chooses.
    const size_t first = tree->symbol_ == "?" ? 1 : 0;
    const bool is_list = tree->symbol_ == "in";
    tree->truncates_ = tree->symbol_ == "/" && type == ValueType::kInt;
    for (size_t i = 0; i < children.size(); ++i) {
      tree->is_refused_ |= children[i]->is_refused_;
      if (i < first) continue;
      tree->involves_field_ |= children[i]->involves_field_;
      tree->truncates_ |= type == ValueType::kInt && children[i]->truncates_;
      for (size_t j = first; j < (is_list ? 1 : i); ++j) {
        tree->is_refused_ |= children[i]->MixesQuotientWith(*children[j]);
      }
    }
    tree->children_ = std::move(children);
    return tree;
  }
  template <typename... Children>
  Made Join(std::string symbol, ValueType type, Made child, Children... others) {
    std::vector<Made> children;
    children.push_back(std::move(child));
    (children.push_back(std::move(others)), ...);
    return Join(std::move(symbol), type, std::move(children));
  }

  Made Leaf(std::string symbol, ValueType type, std::string written, TreeValue literal) {
    Made tree = std::make_unique<Tree>(std::move(symbol), type);
    tree->written_ = std::move(written);
    tree->literal_ = std::move(literal);
    return tree;
  }

  Made Field(ValueType type) {
    for (;;) {
      const uint32_t index = Below(static_cast<uint32_t>(TestFields::All().size()));
      const TestField& field = TestFields::All()[index];
      if (field.type != type) continue;
      Made tree = Leaf("field", type, std::string(field.path), TreeValue());
      tree->index_ = static_cast<int>(index);
      tree->involves_field_ = true;
      return tree;
    }
  }

  Made Literal(ValueType type) {
    if (type == ValueType::kInt) {
      const int64_t extremes[] = {
          kLargestLiteral, kSmallestLiteral, kLargestLiteral / 2, kSmallestLiteral + 1, 0, 1, -1};
      const int64_t value = Below(5) == 0 ? extremes[Below(7)] : static_cast<int64_t>(Below(30)) - 10;
      return Leaf("literal", type, absl::StrCat(value), TreeValue::Whole(value));
    }
    const Decimal value = Decimal::FromScaled(static_cast<int64_t>(Below(4000)) - 1000, static_cast<int>(Below(10)));
    std::string written = value.ToString();
    if (written.find('.') == std::string::npos) written += Below(2) == 0 ? ".0" : "e0";
    return Leaf("literal", type, written, TreeValue::Number(value));
  }

  // A second number that may stand beside `left`, so that the two meet in `type`.
  Made Partner(const Tree& left, ValueType type, int depth) {
    if (type == ValueType::kDouble && left.type_ == ValueType::kInt)
      return MakeNumber(ValueType::kDouble, depth, !left.involves_field_);
    Made right = MakeNumber(type == ValueType::kInt || Below(3) == 0 ? ValueType::kInt : type, depth);
    if (right->type_ == left.type_ || right->involves_field_ || left.involves_field_) return right;
    return Field(ValueType::kInt);
  }

  Made MakeNumber(ValueType type, int depth, bool must_involve_field = false) {
    if (must_involve_field) {
      return Below(2) == 0 || depth == 0 ? Field(type) : Join("+", type, Field(type), MakeNumber(type, depth - 1));
    }
    const uint32_t kind = depth == 0 ? Below(5) : 3 + Below(12);
    if (kind < 2) return Literal(type);
    if (kind == 2 && type == ValueType::kDouble) return Population();
    if (kind < 5) return Field(type);
    if (kind == 5) return Join("-", type, MakeNumber(type, depth - 1));
    if (kind == 6) return Join("abs", type, MakeNumber(type, depth - 1));
    Made left = MakeNumber(type == ValueType::kDouble && Below(3) == 0 ? ValueType::kInt : type, depth - 1);
    Made right = Partner(*left, type, depth - 1);
    if (kind == 7) return Join("?", type, MakeBool(depth - 1), std::move(left), std::move(right));
    if (kind == 8) {
      const char* const symbol = Below(2) == 0 ? "min" : "max";
      if (Below(2) == 0) return Join(symbol, type, std::move(left), std::move(right));
      return Join(symbol, type, std::move(left), std::move(right), Field(ValueType::kInt));
    }
    const char* const symbols[] = {"+", "-", "*", "/", "%"};
    return Join(symbols[Below(type == ValueType::kInt ? 5 : 4)], type, std::move(left), std::move(right));
  }

  Made Population() {
    const uint32_t index = Below(2);
    Made tree = Leaf("population", ValueType::kDouble,
                     index == 0 ? "population('0-17')" : "population(\"18-64\", 'weighted')", TreeValue());
    tree->index_ = static_cast<int>(index);
    tree->involves_field_ = true;
    return tree;
  }

  Made MakeText(int depth) {
    if (depth > 0 && Below(4) == 0) {
      return Join("?", ValueType::kString, MakeBool(depth - 1), MakeText(depth - 1), MakeText(depth - 1));
    }
    if (Below(2) == 0) return Field(ValueType::kString);
    const std::string texts[] = {"", "a", "ab", "b", "\u00E9"};
    const std::string& text = texts[Below(5)];
    return Leaf("literal", ValueType::kString,
                Below(2) == 0 ? absl::StrCat("'", text, "'") : absl::StrCat("\"", text, "\""), TreeValue::Text(text));
  }

  Made Has() {
    const auto index = static_cast<int>(Below(static_cast<uint32_t>(TestFields::All().size())));
    Made tree = Leaf("has", ValueType::kBool, absl::StrCat("has(", TestFields().PathOf(index), ")"), TreeValue());
    if (Below(5) == 0) tree->written_ = "has(caseload)";
    tree->index_ = index;
    tree->involves_field_ = true;
    return tree;
  }

  Made ChoiceName() {
    const bool crisis = Below(2) == 0;
    return Leaf("literal", ValueType::kChoice, crisis ? "'crisis'" : "\"General\"", TreeValue::Whole(crisis ? 1 : 2));
  }

  Made MakeBool(int depth) {
    const uint32_t kind = depth == 0 ? Below(3) : 1 + Below(14);
    if (kind == 0) {
      const bool value = Below(2) == 0;
      return Leaf("literal", ValueType::kBool, value ? "true" : "false", TreeValue::Whole(value));
    }
    if (kind == 1) return Field(ValueType::kBool);
    if (kind == 2) return Has();
    if (kind == 3) return Join("!", ValueType::kBool, MakeBool(depth - 1));
    if (kind <= 7) {
      return Join(Below(2) == 0 ? "&&" : "||", ValueType::kBool, MakeBool(depth - 1), MakeBool(depth - 1));
    }
    if (kind == 8) {
      return Join("?", ValueType::kBool, MakeBool(depth - 1), MakeBool(depth - 1), MakeBool(depth - 1));
    }
    const char* const relations[] = {"==", "!=", "<", "<=", ">", ">="};
    if (kind == 9) {
      Made choice = Field(ValueType::kChoice);
      if (Below(3) == 0) return Join("in", ValueType::kBool, std::move(choice), ChoiceName(), ChoiceName());
      Made name = ChoiceName();
      if (Below(2) == 0) std::swap(choice, name);
      return Join(relations[Below(2)], ValueType::kBool, std::move(choice), std::move(name));
    }
    const ValueType types[] = {ValueType::kInt, ValueType::kDouble, ValueType::kString, ValueType::kBool};
    const ValueType type = types[Below(4)];
    Made left = Make(type, depth - 1);
    const auto partner = [&] { return IsNumber(type) ? Partner(*left, type, depth - 1) : Make(type, depth - 1); };
    Made right = partner();
    if (kind > 11) return Join(relations[Below(6)], ValueType::kBool, std::move(left), std::move(right));
    Made third = partner();
    return Join("in", ValueType::kBool, std::move(left), std::move(right), std::move(third));
  }

  std::mt19937& random_;
};

std::unique_ptr<Tree> RandomTree(std::mt19937* random) {
  const ValueType types[] = {ValueType::kInt, ValueType::kDouble, ValueType::kBool, ValueType::kBool};
  const ValueType type = types[(*random)() % 4];
  const auto depth = static_cast<int>((*random)() % 6);
  return TreeMaker(random).Make(type, depth);
}

RandomReturn::RandomReturn(std::mt19937* random) {
  const auto below = [random](uint32_t bound) { return (*random)() % bound; };
  for (const TestField& field : TestFields::All()) {
    FieldValue& value = fields_.emplace_back();
    const Presence presences[] = {Presence::kAbsent, Presence::kNotAvailable, Presence::kUnreadable};
    value.presence = below(8) == 0 ? presences[below(3)] : Presence::kPresent;
    if (value.presence != Presence::kPresent) continue;
    const absl::string_view texts[] = {"", "a", "ab", "c", "\u00E9"};
    if (field.type == ValueType::kString) value.text = texts[below(5)];
    if (field.type == ValueType::kBool) value.number = Decimal::FromInteger(below(2));
    if (field.type == ValueType::kChoice) value.number = Decimal::FromInteger(1 + below(2));
    if (field.type == ValueType::kInt) {
      value.number = Decimal::FromInteger(below(20) == 0 ? kLargestLiteral : static_cast<int64_t>(below(20)) - 4);
    }
    if (field.type == ValueType::kDouble) {
      value.number = Decimal::FromScaled(static_cast<int64_t>(below(2000)) - 300, static_cast<int>(below(10)));
    }
  }
  populations_.push_back(below(4) == 0 ? absl::nullopt : absl::optional<Decimal>(Decimal::FromInteger(below(100000))));
  populations_.push_back(Decimal::FromScaled(below(10'000'000), 2));
}

std::string RandomReturn::Describe() const {
  std::string description;
  for (size_t i = 0; i < fields_.size(); ++i) {
    const FieldValue& field = fields_[i];
    absl::StrAppend(&description, TestFields::All()[i].path, "=",
                    field.presence != Presence::kPresent ? "none" : field.number.ToString(), field.text, " ");
  }
  for (const absl::optional<Decimal>& population : populations_) {
    absl::StrAppend(&description, "population=", population.has_value() ? population->ToString() : "none", " ");
  }
  return description;
}

}  // namespace quartermaster
