// Random well-typed expressions, evaluated by the compiled program and by a naive walk over the tree that they were
// written from; and hostile bytes, which must be refused with a place.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "re2/re2.h"
#include "tests/validation/expression_test_fields.h"
#include "tests/validation/expression_tree.h"
#include "validation/expression.h"

namespace quartermaster {
namespace {

constexpr int kExpressions = 20'000;
constexpr int kReturnsPerExpression = 4;
constexpr int kHostileSources = 50'000;

// A run is repeated with QM_TEST_SEED.
uint32_t Seed() {
  const char* const given = std::getenv("QM_TEST_SEED");
  return given != nullptr ? static_cast<uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

TEST(ExpressionRandom, CompiledEqualsNaive) {
  const uint32_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937 random(seed);
  int evaluated = 0;
  int refused = 0;
  std::set<std::pair<int, bool>> outcomes;  // (error, true or false) of conditions, to see that all were met
  for (int i = 0; i < kExpressions; ++i) {
    const std::unique_ptr<Tree> tree = RandomTree(&random);
    const std::string source = tree->Write(&random);
    if (source.size() > Expression::kMaxSourceBytes) continue;
    std::vector<PopulationKey> populations = Tree::Populations();
    const absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &populations);
    ASSERT_EQ(expression.ok(), !tree->is_refused()) << source << "\n" << expression.status();
    if (tree->is_refused()) {
      ++refused;
      continue;
    }
    ASSERT_EQ(populations.size(), Tree::Populations().size());
    ASSERT_EQ(expression->type(), tree->type()) << source;
    for (int j = 0; j < kReturnsPerExpression; ++j) {
      const RandomReturn given(&random);
      const EvaluationResult compiled = expression->Evaluate(given.input());
      const EvaluationResult naive = tree->Evaluate(given.input());
      ASSERT_EQ(compiled.error, naive.error) << source << "\n" << given.Describe();
      if (naive.error == EvaluationError::kNone) {
        ASSERT_EQ(compiled.number, naive.number) << source << "\n" << given.Describe();
      }
      ++evaluated;
      outcomes.insert({static_cast<int>(naive.error), naive.is_true()});
    }
    std::set<int> fields, tested_fields;
    tree->CollectFields(&fields, &tested_fields);
    ASSERT_EQ(expression->fields(), std::vector<int>(fields.begin(), fields.end())) << source;
    ASSERT_EQ(expression->tested_fields(), std::vector<int>(tested_fields.begin(), tested_fields.end())) << source;
  }
  // The trees are worth something: nearly all fit, and every kind of outcome came up.
  EXPECT_GT(evaluated, kExpressions * kReturnsPerExpression / 2);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcomes.size(), 5u);
}

// Compiles what may be anything, and runs it if it is an expression after all.
void Feed(const std::string& source) {
  static const RE2* const kPlaced = new RE2("(?s)[1-9][0-9]*:[1-9][0-9]*: .+");
  std::vector<PopulationKey> populations;
  const absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &populations);
  if (!expression.ok()) {
    ASSERT_EQ(expression.status().code(), absl::StatusCode::kInvalidArgument) << absl::CHexEscape(source);
    // RE2 reads UTF-8 and matches nothing else.
    ASSERT_TRUE(RE2::FullMatch(std::string(expression.status().message()), *kPlaced))
        << absl::CHexEscape(source) << "\n"
        << expression.status();
    ASSERT_LT(expression.status().message().size(), 1000u) << absl::CHexEscape(source);
    return;
  }
  const std::vector<FieldValue> fields = ReadReturn("beds=3 occupied=2.5 open=true note=a team=CRISIS");
  const std::vector<absl::optional<Decimal>> registered(populations.size(), Decimal::FromInteger(7));
  expression->Evaluate({fields, registered});
}

// Words of the language, halves of such, and what does not belong to it.
const std::vector<std::string>& Pieces() {
  static const auto* const kPieces = [] {
    auto* pieces = new std::vector<std::string>(absl::StrSplit(
        "beds occupied open note team caseload . has( abs( min( max( in [ ] ( ) , + - * / % == != < <= > >= && "
        "|| ! ? : 1 2.5 'crisis' \" ' \\ 1e9 0x true null // 9999 e population('18-64') 9223372036854775808",
        ' '));
    pieces->insert(pieces->end(), {" ", "\n", std::string(1, '\0'), "\x80", "\xF0\x9F\x90\xB1"});
    return pieces;
  }();
  return *kPieces;
}

std::string HostileSource(int kind, std::mt19937* random) {
  const auto below = [random](size_t bound) { return (*random)() % bound; };
  std::string source;
  if (kind == 0) {  // Any bytes.
    for (size_t length = below(60); source.size() < length;) source.push_back(static_cast<char>(below(256)));
    return source;
  }
  if (kind == 1) {  // Words in any order.
    for (size_t words = below(30); words > 0; --words) source += Pieces()[below(Pieces().size())];
    return source;
  }
  source = RandomTree(random)->Write(random);  // An expression with a few bytes changed, added or lost.
  for (size_t changes = 1 + below(3); changes > 0; --changes) {
    const size_t at = below(source.size() + 1);
    const std::string& piece = Pieces()[below(Pieces().size())];
    source.replace(at, below(3), below(2) == 0 ? piece : "");
  }
  return source;
}

TEST(ExpressionRandom, HostileBytes) {
  const uint32_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937 random(seed);
  for (int i = 0; i < kHostileSources; ++i) {
    ASSERT_NO_FATAL_FAILURE(Feed(HostileSource(i % 3, &random)));
  }
}

TEST(ExpressionRandom, HostileRepetition) {
  // One piece again and again, up to the limit of a source and past it.
  for (const char* piece : {"(",
                            ")",
                            "[",
                            "1 in [",
                            "-",
                            "!",
                            "?",
                            "true ? ",
                            "true ? 1 : ",
                            "1 + ",
                            "1 +",
                            "a.",
                            "has(",
                            "has(caseload) && ",
                            "abs(",
                            "min(1, ",
                            "'",
                            "\"",
                            "'' == ",
                            "\\",
                            "9",
                            "1.",
                            "0x",
                            "1e",
                            "\n",
                            "//",
                            "\xFF",
                            "\xF0\x9F\x90\xB1",
                            "population('18-64') + ",
                            "1 < ",
                            "1 < 1 + 1 * ("}) {
    for (size_t size : {size_t{1}, size_t{100}, size_t{4000}, size_t{100'000}}) {
      std::string source;
      while (source.size() < size) source += piece;
      ASSERT_NO_FATAL_FAILURE(Feed(source));
      ASSERT_NO_FATAL_FAILURE(Feed(source + "1"));
    }
  }
}

}  // namespace
}  // namespace quartermaster
