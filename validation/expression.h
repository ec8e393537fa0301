// Expressions over the fields of one return: the conditions of rules, the numerators and denominators of indicators.
//
// The language is the CEL subset that numbers, presence and choices need. An expression is parsed and type-checked
// once, when its collection is published, and evaluated for every return without allocating.
//
// Types: int (64 bits, overflow is an error), double (held as an exact Decimal), bool, string, and choices, which
// compare with the quoted names and labels of their own enum only. As in CEL, int and double do not mix in literals (1
// + 1.5 is refused); where a field's type makes it plain (double_field <= 100, int_field * double_field) the int
// becomes a double. Division of ints truncates, so that a quotient of ints meets no double; division by zero is an
// error. A field that is absent, not available or unreadable is an error as well, and && || ?: absorb errors as CEL
// says: has(x) && x > 3 is false without x.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "validation/decimal.h"

namespace quartermaster {

enum class ValueType : uint8_t { kInt, kDouble, kBool, kString, kChoice };

inline bool IsNumber(ValueType type) { return type == ValueType::kInt || type == ValueType::kDouble; }

// How a field came: only kPresent has a value.
enum class Presence : uint8_t { kAbsent, kPresent, kNotAvailable, kUnreadable };

// The value of one field. Ints and doubles are in `number`; bool is 0 or 1; a choice is its enum number; a string lies
// in `text`, which points into the message that was read.
struct FieldValue {
  Presence presence = Presence::kAbsent;
  Decimal number;
  absl::string_view text;
};

// The fields of one return, or of a period as if it were one, in the order of ServiceSchema::fields().
using FieldRow = std::vector<FieldValue>;

// What an expression may name. Paths are dotted: "caseload_by_ethnicity.white".
class FieldDirectory {
 public:
  struct Entry {
    int index;  // into the FieldValues of a return
    ValueType type;
  };
  virtual ~FieldDirectory() = default;
  virtual absl::optional<Entry> Find(absl::string_view path) const = 0;
  // Whether the path is a group of fields; has(group) asks whether any of them is present.
  virtual std::vector<int> FieldsUnder(absl::string_view path) const = 0;
  // The enum number of a choice by its value name, the name without its prefix in lower case, or its label.
  virtual absl::optional<int> FindChoice(int field_index, absl::string_view name) const = 0;
  // The path of a field that FieldsUnder gave, for messages.
  virtual std::string PathOf(int field_index) const = 0;
  // The known path that looks most like `path`, or empty: "did you mean ...?".
  virtual std::string Suggest(absl::string_view path) const = 0;
};

// One registered population that an expression asks for.
struct PopulationKey {
  std::string age_band;  // "18-64", "65+"
  bool weighted = false;
  friend auto operator<=>(const PopulationKey&, const PopulationKey&) = default;
};

// What the evaluation of one return reads. `populations` answers the keys that were given to Compile, in their order;
// one that is not registered is absent.
struct EvaluationInput {
  absl::Span<const FieldValue> fields;
  absl::Span<const absl::optional<Decimal>> populations;
};

enum class EvaluationError : uint8_t {
  kNone,
  kNoValue,         // A field or population that it needs has no value.
  kDivisionByZero,  // Or remainder by zero.
  kOverflow,        // Past 64 bits for ints, 128 bits for doubles.
};

// A value of a type that is known at compile time, or an error.
struct EvaluationResult {
  EvaluationError error = EvaluationError::kNone;
  Decimal number;  // ints, doubles; bool as 0 or 1
  bool is_true() const { return number.raw() != 0; }
};

// What a comparison compares. `expected` is what the left side should be to the right one: "at most", "less than".
struct ComparedNumbers {
  Decimal left;
  Decimal right;
  absl::string_view expected;
};

struct ExpressionProgram;  // expression_program.h

// A compiled expression. Immutable, movable, and thread-safe.
class Expression {
 public:
  // Compiles `source`. Each population that it asks for is added to `populations` unless it is there; its place there
  // is where evaluation looks. INVALID_ARGUMENT where it is not of the language or not well typed: the message starts
  // with "line:column: " (both from 1, within `source`), says what is wrong and what to write instead, and
  // `populations` stays as it was. Sources past kMaxSourceBytes and nesting past kMaxDepth are refused.
  static absl::StatusOr<Expression> Compile(absl::string_view source, const FieldDirectory& fields,
                                            std::vector<PopulationKey>* populations);

  static constexpr int kMaxSourceBytes = 4096;  // A screen of text; rules longer than that want to be two rules.
  static constexpr int kMaxDepth = 32;          // Of brackets and conditionals; bounds the recursion of the parser.

  // kInt, kDouble or kBool: text and choices only compare.
  ValueType type() const;
  // Whether it gives an int in which a quotient of ints has lost its fraction.
  bool truncates() const;
  // The fields that it names outside has(), ascending, each once.
  const std::vector<int>& fields() const;
  // The fields that it asks for with has(), ascending, each once.
  const std::vector<int>& tested_fields() const;

  // Both sides of an expression that compares two numbers and nothing else, such as a <= b + c: for telling a person by
  // how much it fails. Absent for any other, and where a side gives an error. Allocates nothing.
  absl::optional<ComparedNumbers> Compare(const EvaluationInput& input) const;

  // Allocates nothing. `input.fields` covers each index that the FieldDirectory gave, `input.populations` each
  // population.
  EvaluationResult Evaluate(const EvaluationInput& input) const;

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

 private:
  explicit Expression(std::unique_ptr<const ExpressionProgram> program);
  std::unique_ptr<const ExpressionProgram> program_;  // Null only when moved from.
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_H_
