// See expression_parser.h for the grammar; each rule of it is one method here.
#include "validation/expression_parser.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "validation/expression.h"
#include "validation/expression_lexer.h"
#include "validation/expression_literals.h"

namespace quartermaster {
namespace {

struct BinaryOperator {
  absl::string_view symbol;
  Operation operation;
};
constexpr BinaryOperator kRelations[] = {{"==", Operation::kEqual},          {"!=", Operation::kNotEqual},
                                         {"<=", Operation::kLessOrEqual},    {"<", Operation::kLess},
                                         {">=", Operation::kGreaterOrEqual}, {">", Operation::kGreater}};
constexpr BinaryOperator kSums[] = {{"+", Operation::kAdd}, {"-", Operation::kSubtract}};
constexpr BinaryOperator kProducts[] = {
    {"*", Operation::kMultiply}, {"/", Operation::kDivide}, {"%", Operation::kRemainder}};

// Each method of the grammar reads its rule and writes its steps, or sets `error_` and returns false.
class Parser {
 public:
  Parser(absl::string_view source, std::vector<Token> tokens) : source_(source), tokens_(std::move(tokens)) {}

  absl::StatusOr<std::vector<Step>> Run() {
    if (!Conditional()) return error_;
    if (Current().kind != TokenKind::kEnd) {
      Unexpected("an operator or the end");
      return error_;
    }
    return std::move(steps_);
  }

 private:
  const Token& Current() const { return tokens_[at_]; }
  bool At(absl::string_view symbol) const { return Current().kind == TokenKind::kSymbol && Current().source == symbol; }
  bool AtWord(absl::string_view word) const {
    return Current().kind == TokenKind::kIdentifier && Current().source == word;
  }
  // The one of `operators` that stands here, or null.
  const BinaryOperator* FindOperator(absl::Span<const BinaryOperator> operators) const {
    for (const BinaryOperator& candidate : operators) {
      if (At(candidate.symbol)) return &candidate;
    }
    return nullptr;
  }
  // kEnd is never passed: it is no symbol, identifier or literal.
  void Advance() { ++at_; }

  bool Fail(size_t offset, absl::string_view message) {
    error_ = ErrorAt(source_, offset, message);
    return false;
  }
  bool Unexpected(absl::string_view expected, absl::string_view advice = "");
  bool Expect(absl::string_view symbol) {
    if (!At(symbol)) return Unexpected(absl::StrCat("'", symbol, "'"));
    Advance();
    return true;
  }

  // Every recursion of the grammar passes here.
  bool Enter(size_t offset) {
    if (++depth_ <= Expression::kMaxDepth) return true;
    return Fail(offset, absl::StrCat("brackets and conditionals are nested deeper than ", Expression::kMaxDepth,
                                     ": split the expression"));
  }
  bool Leave() {
    --depth_;
    return true;
  }

  Step& Emit(Operation operation, size_t offset) {
    Step& step = steps_.emplace_back();
    step.operation = operation;
    step.offset = offset;
    return step;
  }
  // Of the literal that stands here; it is written from `offset` on, which may be a minus before it.
  bool EmitLiteral(ValueType type, size_t offset, Decimal number);

  bool Conditional();
  bool Or();
  bool And();
  bool Relation();
  bool Sum();
  bool Product();
  bool Unary();
  bool Primary(bool negative);
  bool List();
  bool PathOrCall();
  bool Path(std::string* path);
  bool Has();
  bool Population(size_t offset);
  bool Absolute(size_t offset);
  bool Extreme(Operation operation, size_t offset);

  // Operand {operator Operand}, from the left.
  bool Chain(bool (Parser::*operand)(), absl::Span<const BinaryOperator> operators) {
    return (this->*operand)() && ContinueChain(operand, operators);
  }
  bool ContinueChain(bool (Parser::*operand)(), absl::Span<const BinaryOperator> operators);
  // Operand {symbol Operand}, each right side skipped as its left side decides.
  bool LogicChain(bool (Parser::*operand)(), absl::string_view symbol, Operation skip, Operation combine);

  const absl::string_view source_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  std::vector<Step> steps_;
  absl::Status error_;
};

bool Parser::Unexpected(absl::string_view expected, absl::string_view advice) {
  const Token& token = Current();
  std::string found = ", but it ends here";
  if (token.kind == TokenKind::kString) found = absl::StrCat(", found ", Shown(token.source));
  if (token.kind != TokenKind::kString && token.kind != TokenKind::kEnd) {
    found = absl::StrCat(", found '", Shown(token.source), "'");
  }
  if (AtWord("and")) advice = "write && for and";
  if (AtWord("or")) advice = "write || for or";
  if (AtWord("not")) advice = "write ! for not";
  return Fail(token.offset, absl::StrCat("expected ", expected, found, advice.empty() ? "" : ": ", advice));
}

bool Parser::Conditional() {
  if (!Or()) return false;
  if (!At("?")) return true;
  const size_t question = Current().offset;
  Advance();
  const size_t branch = steps_.size();
  Emit(Operation::kBranch, question);
  if (!Enter(question) || !Or()) return false;
  if (At("?")) return Fail(Current().offset, "a conditional between ? and : needs brackets around it");
  if (!Expect(":")) return false;
  const size_t otherwise = steps_.size();
  Emit(Operation::kElse, question);
  steps_[branch].target = steps_.size();
  if (!Conditional()) return false;
  steps_[otherwise].target = steps_.size();
  steps_[branch].end_target = steps_.size();
  Emit(Operation::kConditional, question);
  return Leave();
}

bool Parser::LogicChain(bool (Parser::*operand)(), absl::string_view symbol, Operation skip, Operation combine) {
  if (!(this->*operand)()) return false;
  while (At(symbol)) {
    const size_t offset = Current().offset;
    Advance();
    const size_t skipping = steps_.size();
    Emit(skip, offset);
    if (!(this->*operand)()) return false;
    Emit(combine, offset);
    steps_[skipping].target = steps_.size();
  }
  return true;
}

bool Parser::ContinueChain(bool (Parser::*operand)(), absl::Span<const BinaryOperator> operators) {
  while (const BinaryOperator* found = FindOperator(operators)) {
    const size_t offset = Current().offset;
    Advance();
    if (!(this->*operand)()) return false;
    Emit(found->operation, offset);
  }
  return true;
}

bool Parser::Or() { return LogicChain(&Parser::And, "||", Operation::kSkipIfTrue, Operation::kOr); }
bool Parser::And() { return LogicChain(&Parser::Relation, "&&", Operation::kSkipIfFalse, Operation::kAnd); }
bool Parser::Sum() { return Chain(&Parser::Product, kSums); }
bool Parser::Product() { return Chain(&Parser::Unary, kProducts); }

bool Parser::Relation() {
  if (!Chain(&Parser::Sum, kRelations)) return false;
  while (AtWord("in")) {
    // Relations of both kinds take turns, all from the left.
    if (!List() || !ContinueChain(&Parser::Sum, kRelations)) return false;
  }
  return true;
}

bool Parser::List() {
  const size_t offset = Current().offset;
  Advance();
  if (!At("[")) return Unexpected("a list such as [1, 2]");
  Advance();
  Emit(Operation::kListStart, offset);
  if (!Enter(offset)) return false;
  while (!At("]")) {
    const size_t element = Current().offset;
    if (!Conditional()) return false;
    Emit(Operation::kListElement, element);
    if (!At(",")) break;
    Advance();
  }
  if (!Expect("]")) return false;
  Emit(Operation::kListEnd, offset);
  return Leave();
}

bool Parser::Unary() {
  const size_t first = at_;
  while (At("-") || At("!")) Advance();
  const size_t behind = at_;
  const bool number = Current().kind == TokenKind::kInt || Current().kind == TokenKind::kDouble;
  // The minus before a number is a part of it, or the smallest int could not be written.
  const bool negative = number && behind > first && tokens_[behind - 1].source == "-";
  if (!Primary(negative)) return false;
  for (size_t i = negative ? behind - 1 : behind; i > first; --i) {
    const Token& token = tokens_[i - 1];
    Emit(token.source == "-" ? Operation::kNegate : Operation::kNot, token.offset);
  }
  return true;
}

bool Parser::Primary(bool negative) {
  const Token& token = Current();
  switch (token.kind) {
    case TokenKind::kInt:
      if (!negative && token.number.raw() == kLargestIntMagnitude * Decimal::kOne) {
        return Fail(token.offset, "this number is too large: an int is at most 9223372036854775807");
      }
      [[fallthrough]];
    case TokenKind::kDouble:
      return EmitLiteral(token.kind == TokenKind::kInt ? ValueType::kInt : ValueType::kDouble,
                         negative ? tokens_[at_ - 1].offset : token.offset,
                         negative ? Decimal::FromRaw(-token.number.raw()) : token.number);
    case TokenKind::kString:
      return EmitLiteral(ValueType::kString, token.offset, Decimal());
    case TokenKind::kIdentifier:
      if (AtWord("true") || AtWord("false")) {
        return EmitLiteral(ValueType::kBool, token.offset, Decimal::FromInteger(AtWord("true") ? 1 : 0));
      }
      if (AtWord("null")) return Fail(token.offset, "there is no null: ask has(field) whether a field has a value");
      if (AtWord("in") || AtWord("not")) return Unexpected("a value");
      return PathOrCall();
    case TokenKind::kSymbol:
      if (At("[")) return Fail(token.offset, "a list stands only behind 'in'");
      if (!At("(")) return Unexpected("a value");
      Advance();
      return Enter(token.offset) && Conditional() && Expect(")") && Leave();
    case TokenKind::kEnd:
      break;
  }
  return Unexpected("a value");
}

bool Parser::Path(std::string* path) {
  if (Current().kind != TokenKind::kIdentifier) return Unexpected("the name of a field");
  *path = std::string(Current().source);
  Advance();
  while (At(".")) {
    Advance();
    if (Current().kind != TokenKind::kIdentifier) return Unexpected("a name behind '.'");
    absl::StrAppend(path, ".", Current().source);
    Advance();
  }
  return true;
}

bool Parser::EmitLiteral(ValueType type, size_t offset, Decimal number) {
  const Token& token = Current();
  Step& step = Emit(Operation::kLiteral, offset);
  step.type = type;
  step.number = number;
  step.text = token.text;
  step.source = source_.substr(offset, token.offset + token.source.size() - offset);
  Advance();
  return true;
}

bool Parser::PathOrCall() {
  const size_t offset = Current().offset;
  std::string name;
  if (!Path(&name)) return false;
  if (!At("(")) {
    Emit(Operation::kField, offset).text = std::move(name);
    return true;
  }
  Advance();
  if (name == "has") return Has();
  if (name == "population") return Population(offset);
  if (name == "abs") return Absolute(offset);
  if (name == "min") return Extreme(Operation::kMinimum, offset);
  if (name == "max") return Extreme(Operation::kMaximum, offset);
  return Fail(offset,
              absl::StrCat("there is no function ", Quoted(name), ": there are abs, has, max, min, population"));
}

bool Parser::Has() {
  const size_t offset = Current().offset;
  std::string path;
  if (!Path(&path)) return false;
  if (!At(")")) return Unexpected("')'", "has() asks for one field, such as has(beds)");
  Advance();
  Emit(Operation::kHas, offset).text = std::move(path);
  return true;
}

bool Parser::Population(size_t offset) {
  if (Current().kind != TokenKind::kString)
    return Unexpected("an age band in quotes", "write one such as population(\"18-64\")");
  Step& step = Emit(Operation::kPopulation, offset);
  step.text = Current().text;
  Advance();
  if (At(",")) {
    Advance();
    if (Current().kind != TokenKind::kString || Current().text != "weighted")
      return Unexpected("\"weighted\" or nothing");
    step.weighted = true;
    Advance();
  }
  return Expect(")");
}

bool Parser::Absolute(size_t offset) {
  if (!Enter(offset) || !Conditional()) return false;
  if (!At(")")) return Unexpected("')'", "abs() takes one number");
  Advance();
  Emit(Operation::kAbs, offset);
  return Leave();
}

bool Parser::Extreme(Operation operation, size_t offset) {
  if (!Enter(offset) || !Conditional()) return false;
  if (!At(",")) return Unexpected("','", "min() and max() take two or more numbers");
  while (At(",")) {
    Advance();
    if (!Conditional()) return false;
    Emit(operation, offset);
  }
  return Expect(")") && Leave();
}

}  // namespace

absl::StatusOr<std::vector<Step>> ParseExpression(absl::string_view source) {
  absl::StatusOr<std::vector<Token>> tokens = Tokenize(source);
  if (!tokens.ok()) return tokens.status();
  return Parser(source, *std::move(tokens)).Run();
}

}  // namespace quartermaster
