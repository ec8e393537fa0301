// Random expressions as trees that know how they are written and, naively, what they mean: the second implementation
// that the compiled one is compared with.
#ifndef QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TREE_H_
#define QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TREE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "validation/expression.h"

namespace quartermaster {

// What a node of a tree gives: a value of its type, or an error.
struct TreeValue {
  EvaluationError error = EvaluationError::kNone;
  int64_t whole = 0;  // int; bool as 0 or 1; the number of a choice
  Decimal number;     // double
  std::string text;

  static TreeValue Whole(int64_t whole) { return {EvaluationError::kNone, whole, Decimal(), ""}; }
  static TreeValue Number(Decimal number) { return {EvaluationError::kNone, 0, number, ""}; }
  static TreeValue Text(std::string text) { return {EvaluationError::kNone, 0, Decimal(), std::move(text)}; }
  static TreeValue Error(EvaluationError error) { return {error, 0, Decimal(), ""}; }
  bool failed() const { return error != EvaluationError::kNone; }
};

class Tree {
 public:
  Tree(std::string symbol, ValueType type) : symbol_(std::move(symbol)), type_(type) {}

  ValueType type() const { return type_; }
  // Whether a quotient of ints meets a double somewhere, for which the expression is refused.
  bool is_refused() const { return is_refused_; }
  // The source, with no more brackets than it needs, or sometimes more; blanks at random.
  std::string Write(std::mt19937* random) const;
  EvaluationResult Evaluate(const EvaluationInput& input) const;
  // Those outside and inside has().
  void CollectFields(std::set<int>* fields, std::set<int>* tested_fields) const;
  // The populations that trees ask for.
  static std::vector<PopulationKey> Populations();

 private:
  friend class TreeMaker;
  bool MixesQuotientWith(const Tree& other) const {
    return (truncates_ && other.type_ == ValueType::kDouble) || (type_ == ValueType::kDouble && other.truncates_);
  }
  TreeValue Value(const EvaluationInput& input) const;
  TreeValue LogicValue(const EvaluationInput& input) const;
  TreeValue ListValue(const EvaluationInput& input) const;
  TreeValue NumberValue(const EvaluationInput& input) const;
  TreeValue CompareValue(const EvaluationInput& input) const;
  TreeValue LeafValue(const EvaluationInput& input) const;
  int Precedence() const;
  std::string WriteChild(size_t child, int least_precedence, std::mt19937* random) const;

  // An operator, a function, "literal", "field", "has" or "population".
  std::string symbol_;
  ValueType type_;
  bool involves_field_ = false;
  bool truncates_ = false;  // an int with a quotient of ints in it
  bool is_refused_ = false;
  int index_ = 0;  // of a field or population
  TreeValue literal_;
  std::string written_;  // a leaf
  std::vector<std::unique_ptr<Tree>> children_;
};

// Of a number or a condition, a few levels deep.
std::unique_ptr<Tree> RandomTree(std::mt19937* random);

// A return with values, extremes and gaps, and populations for Tree::Populations().
class RandomReturn {
 public:
  explicit RandomReturn(std::mt19937* random);
  EvaluationInput input() const { return {fields_, populations_}; }
  std::string Describe() const;

 private:
  std::vector<FieldValue> fields_;
  std::vector<absl::optional<Decimal>> populations_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TREE_H_
