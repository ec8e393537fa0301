// What Compare tells of an expression that compares two numbers, and that it keeps silent about any other.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"
#include "validation/expression.h"

namespace quartermaster {
namespace {

// "3 at most 2", or "absent". Populations are not registered but for 18-64, which is 1000.
std::string Compared(absl::string_view source, absl::string_view given) {
  std::vector<PopulationKey> keys;
  const absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &keys);
  if (!expression.ok()) return std::string(expression.status().message());
  std::vector<absl::optional<Decimal>> populations(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].age_band == "18-64") populations[i] = Decimal::FromInteger(1000);
  }
  const std::vector<FieldValue> fields = ReadReturn(given);
  const absl::optional<ComparedNumbers> compared = expression->Compare({fields, populations});
  if (!compared) return "absent";
  return absl::StrCat(compared->left.ToString(), " ", compared->expected, " ", compared->right.ToString());
}

void ExpectCompared(absl::Span<const Row> rows) {
  for (const Row& row : rows) EXPECT_EQ(Compared(row.source, row.given), row.outcome) << row.source << " " << row.given;
}

TEST(ExpressionCompare, EachComparison) {
  ExpectCompared({
      {"beds < admissions", "beds=3 admissions=2", "3 less than 2"},
      {"beds <= admissions", "beds=3 admissions=2", "3 at most 2"},
      {"beds > admissions", "beds=3 admissions=4", "3 more than 4"},
      {"beds >= admissions", "beds=3 admissions=4", "3 at least 4"},
      {"beds == admissions", "beds=3 admissions=4", "3 exactly 4"},
      {"beds <= admissions", "beds=2 admissions=3", "2 at most 3"},  // Whether it holds does not matter.
      {"occupied <= available", "occupied=10.5 available=10.25", "10.5 at most 10.25"},
      {"beds <= occupied", "beds=3 occupied=2.5", "3 at most 2.5"},
      {"beds <= 100", "beds=101", "101 at most 100"},
      {"100 >= beds", "beds=101", "100 at least 101"},
      {"1 < 2", "", "1 less than 2"},
      {"((beds) <= (admissions))", "beds=3 admissions=2", "3 at most 2"},
  });
}

TEST(ExpressionCompare, ArithmeticOnEitherSide) {
  ExpectCompared({
      {"beds + admissions <= discharges", "beds=3 admissions=4 discharges=5", "7 at most 5"},
      {"discharges <= beds + admissions", "beds=3 admissions=4 discharges=9", "9 at most 7"},
      {"beds - admissions == admissions - beds", "beds=5 admissions=3", "2 exactly -2"},
      {"beds * (admissions + 1) <= discharges / 2", "beds=2 admissions=3 discharges=9", "8 at most 4"},
      {"beds % 2 == 0", "beds=5", "1 exactly 0"},
      {"(beds + (admissions - (discharges + 1))) < (1 + (2 * 3))", "beds=9 admissions=8 discharges=7", "9 less than 7"},
      {"1 + 2 + 3 + 4 <= 1 * 2 * 3", "", "10 at most 6"},
      {"occupied / beds < 10", "occupied=5 beds=4", "1.25 less than 10"},
      {"occupied / 3 <= 1.5", "occupied=5", "1.666666667 at most 1.5"},
  });
}

TEST(ExpressionCompare, SignsAndFunctions) {
  ExpectCompared({
      {"-beds <= -admissions", "beds=1 admissions=2", "-1 at most -2"},
      {"-(beds + 1) <= admissions", "beds=1 admissions=-9", "-2 at most -9"},
      {"beds <= - - admissions", "beds=3 admissions=2", "3 at most 2"},
      {"abs(beds - admissions) <= 2", "beds=1 admissions=9", "8 at most 2"},
      {"2 >= abs(beds - admissions)", "beds=1 admissions=9", "2 at least 8"},
      {"max(beds, admissions, discharges) <= min(7, 8)", "beds=1 admissions=9 discharges=3", "9 at most 7"},
      {"min(beds, max(admissions, -discharges)) > -abs(-beds)", "beds=1 admissions=2 discharges=3", "1 more than -1"},
      {"beds <= population('18-64')", "beds=1001", "1001 at most 1000"},
      {"population('18-64') / 10 >= beds", "beds=101", "100 at least 101"},
  });
}

TEST(ExpressionCompare, IsAbsentForAnyOtherExpression) {
  const char* kBoth = "beds=3 admissions=2 open=true accredited=false note=a manager=b team=CRISIS";
  ExpectCompared({
      {"beds != admissions", kBoth, "absent"},  // There is nothing that it should be.
      {"beds < admissions && beds < 5", kBoth, "absent"},
      {"beds < admissions || open", kBoth, "absent"},
      {"!(beds < admissions)", kBoth, "absent"},
      {"open", kBoth, "absent"},
      {"has(beds)", kBoth, "absent"},
      {"beds in [1, 2]", kBoth, "absent"},
      {"open ? beds < admissions : beds < 9", kBoth, "absent"},
      {"(open ? beds : admissions) < 2", kBoth, "absent"},  // Which side was taken would have to be said.
      {"2 > (open ? beds : admissions)", kBoth, "absent"},
      {"note == manager", kBoth, "absent"},
      {"note < 'b'", kBoth, "absent"},
      {"open == accredited", kBoth, "absent"},
      {"beds < admissions == true", kBoth, "absent"},
      {"true == (beds < admissions)", kBoth, "absent"},
      {"team == 'general'", kBoth, "absent"},
      {"beds + admissions", kBoth, "absent"},
  });
}

TEST(ExpressionCompare, IsAbsentWhereASideGivesAnError) {
  ExpectCompared({
      {"beds <= admissions", "beds=3", "absent"},
      {"beds <= admissions", "admissions=3", "absent"},
      {"beds <= admissions", "beds=3 admissions=NA", "absent"},
      {"beds <= admissions", "beds=3 admissions=?", "absent"},
      {"beds / admissions <= 1", "beds=3 admissions=0", "absent"},
      {"1 >= beds % admissions", "beds=3 admissions=0", "absent"},
      {"9223372036854775807 + beds > 0", "beds=1", "absent"},
      {"beds <= population('65+')", "beds=3", "absent"},
  });
}

TEST(ExpressionCompare, AgreesWithEvaluate) {
  for (const char* source : {"beds < admissions", "beds <= admissions", "beds > admissions", "beds >= admissions",
                             "beds == admissions", "-beds + 2 * admissions <= max(beds, admissions)"}) {
    std::vector<PopulationKey> keys;
    const absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &keys);
    ASSERT_TRUE(expression.ok()) << expression.status();
    for (const char* given : {"beds=1 admissions=2", "beds=2 admissions=2", "beds=3 admissions=2"}) {
      const std::vector<FieldValue> fields = ReadReturn(given);
      const absl::optional<ComparedNumbers> compared = expression->Compare({fields, {}});
      ASSERT_TRUE(compared.has_value()) << source;
      const Decimal left = compared->left;
      const Decimal right = compared->right;
      const bool holds = compared->expected == "less than"   ? left < right
                         : compared->expected == "at most"   ? left <= right
                         : compared->expected == "more than" ? left > right
                         : compared->expected == "at least"  ? left >= right
                                                             : left == right;
      EXPECT_EQ(expression->Evaluate({fields, {}}).is_true(), holds) << source << " given " << given;
    }
  }
}

}  // namespace
}  // namespace quartermaster
