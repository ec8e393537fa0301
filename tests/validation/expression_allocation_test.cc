// Evaluation and comparison allocate nothing: this program counts every `new`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "tests/validation/expression_test_fields.h"
#include "tests/validation/expression_tree.h"
#include "validation/expression.h"

namespace {
thread_local int64_t allocations = 0;
}  // namespace

// Not inlined, or GCC takes the pair for a mismatched one.
[[gnu::noinline]] void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace quartermaster {
namespace {

constexpr int kCountedExpressions = 500;

TEST(ExpressionAllocation, EvaluationHasNone) {
  std::mt19937 random(1);  // Any trees do, and always the same ones: the count is what is tested.
  std::vector<PopulationKey> populations = Tree::Populations();
  std::vector<Expression> expressions;
  const int64_t before_compiling = allocations;
  for (int i = 0; i < kCountedExpressions; ++i) {
    absl::StatusOr<Expression> expression =
        Expression::Compile(RandomTree(&random)->Write(&random), TestFields(), &populations);
    if (expression.ok()) expressions.push_back(*std::move(expression));
  }
  for (const char* source :
       {"note in ['closed for good and all, with a long text', 'moved'] || note < manager",
        "has(caseload) && team == 'crisis' ? beds / population('0-17') : occupied % 2 == 0 ? 1 : 0"}) {
    absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &populations);
    if (expression.ok()) expressions.push_back(*std::move(expression));
  }
  EXPECT_GT(allocations - before_compiling, kCountedExpressions) << "the count does not count";
  EXPECT_GT(expressions.size(), kCountedExpressions / 2u);

  for (int i = 0; i < 10; ++i) {
    const RandomReturn given(&random);
    const EvaluationInput input = given.input();
    const int64_t before = allocations;
    for (const Expression& expression : expressions) expression.Evaluate(input);
    EXPECT_EQ(allocations, before);
    for (const Expression& expression : expressions) expression.Compare(input);
    EXPECT_EQ(allocations, before);
  }
}

// Random trees seldom end in a comparison of numbers, so these do.
TEST(ExpressionAllocation, ComparisonHasNone) {
  std::vector<PopulationKey> populations = Tree::Populations();
  std::vector<Expression> expressions;
  for (const char* source : {"beds + admissions * 2 <= discharges - 1", "abs(occupied) > max(available, 1, 2)",
                             "beds == population('18-64')", "note == manager", "open ? beds < 1 : beds > 1"}) {
    absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &populations);
    ASSERT_TRUE(expression.ok()) << expression.status();
    expressions.push_back(*std::move(expression));
  }
  const std::vector<FieldValue> fields = ReadReturn("beds=1 admissions=2 discharges=3 occupied=4 available=5");
  const std::vector<absl::optional<Decimal>> registered(populations.size(), Decimal::FromInteger(6));
  int compared = 0;
  const int64_t before = allocations;
  for (const Expression& expression : expressions) compared += expression.Compare({fields, registered}) ? 1 : 0;
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(compared, 3);
}

}  // namespace
}  // namespace quartermaster
