// What expressions say about a return: presence, groups, choices, populations, and the sources that indicators come
// from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"
#include "validation/expression.h"

namespace quartermaster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ExpressionFields, FieldsAndPresence) {
  ExpectOutcomes({
      {"occupied <= available", "occupied=90 available=100", "true"},
      {"occupied <= available", "occupied=110.5 available=100", "false"},
      {"occupied <= available", "occupied=90", "no value"},
      {"beds + 1", "beds=NA", "no value"},
      {"beds + 1", "beds=?", "no value"},
      {"has(beds)", "beds=0", "true"},
      {"has(beds)", "", "false"},
      {"has(beds)", "beds=NA", "false"},
      {"has(beds)", "beds=?", "false"},
      {"has(beds) && beds > 3", "", "false"},
      {"has(beds) && beds > 3", "beds=4", "true"},
      {"beds > 3 && has(beds)", "", "false"},
      {"!has(beds) || beds > 3", "", "true"},
      {"!has(beds) || beds > 3", "beds=3", "false"},
      {"has(beds) == has(admissions)", "beds=1", "false"},
      {"has(caseload.white)", "caseload.white=1", "true"},
      {"has(caseload)", "", "false"},
      {"has(caseload)", "caseload.other=0", "true"},
      {"has(caseload)", "caseload.other=NA caseload.white=?", "false"},
      {"open", "open=false", "false"},
      {"open && !accredited", "open=true accredited=false", "true"},
      {"open == accredited", "open=true accredited=true", "true"},
      {"open ? beds : admissions", "open=false admissions=7", "int 7"},
      {"note == 'closed' || note == 'moved'", "note=moved", "true"},
      {"note in ['closed', 'moved']", "note=moved", "true"},
      {"note != manager", "note=a manager=a", "false"},
      {"note < manager", "note=a manager=b", "true"},
      {"(open ? note : 'none') == 'none'", "open=false", "true"},
      {"note == ''", "note=", "true"},
  });
}

TEST(ExpressionFields, Choices) {
  ExpectOutcomes({
      {"team == \"TEAM_TYPE_CRISIS\"", "team=CRISIS", "true"},
      {"team == \"crisis\"", "team=CRISIS", "true"},
      {"team == 'Crisis resolution'", "team=GENERAL", "false"},
      {"'crisis' == team", "team=CRISIS", "true"},
      {"(('crisis')) != (team)", "team=CRISIS", "false"},
      {"team != 'general'", "team=GENERAL", "false"},
      {"team in ['crisis', 'general']", "team=GENERAL", "true"},
      {"team in ['crisis']", "team=GENERAL", "false"},
      {"team == 'crisis'", "", "no value"},
      {"team == 'crisis'", "team=NA", "no value"},
      {"has(team) && team == 'crisis'", "", "false"},
      {"team == 'crisis' && second_team == 'crisis'", "team=CRISIS second_team=CRISIS", "true"},
      {"team == 'crises'", "", "1:9: \"crises\" is no choice of team: write the name or label of one of its values"},
      {"team in ['crisis', 'crises']", "",
       "1:20: \"crises\" is no choice of team: write the name or label of one of its values"},
      {"team == second_team", "",
       "1:6: '==' cannot compare team (choice) with second_team (choice): a choice compares with the quoted names of "
       "its "
       "own values only"},
      {"team == note", "",
       "1:6: '==' cannot compare team (choice) with note (string): a choice compares with the quoted names of its own "
       "values only"},
      {"team == 1", "",
       "1:6: '==' cannot compare team (choice) with 1 (int): a choice compares with the quoted names of its own values "
       "only"},
      {"team < 'crisis'", "", "1:6: choices have no order: '<' compares numbers and texts"},
      {"'crisis' in [team, second_team]", "",
       "1:14: a list of choices needs the choice before `in`: write team == \"crisis\""},
      {"open ? team : second_team", "",
       "1:6: a choice cannot be what '?' gives: compare it on each side, such as x ? a == \"...\" : b == \"...\""},
      {"team", "", "1:1: team (choice) is neither a number nor true or false: compare it, such as team == \"...\""},
  });
}

TEST(ExpressionFields, Populations) {
  ExpectOutcomes({
      {"population('18-64')", "", "double 1000"},
      {"population(\"18-64\", \"weighted\")", "", "double 950.25"},
      {"population('65+')", "", "double 250"},
      {"population('18-64') + population('65+')", "", "double 1250"},
      {"population('18-64') - population('18-64')", "", "double 0"},
      {"beds / population('18-64')", "beds=5", "double 0.005"},
      {"population('18-64') / 3", "", "double 333.333333333"},
      {"population('18-64') > 100 ? 1 : 0", "", "int 1"},
      {"population('0-17')", "", "no value"},
      {"population('0-17') > 0 || true", "", "true"},
      {"population('adults')", "", "1:1: \"adults\" is no age band: write one such as \"18-64\" or \"65+\""},
      {"population('64-18')", "", "1:1: \"64-18\" is no age band: write one such as \"18-64\" or \"65+\""},
      {"population('018-64')", "", "1:1: \"018-64\" is no age band: write one such as \"18-64\" or \"65+\""},
      {"population('18-')", "", "1:1: \"18-\" is no age band: write one such as \"18-64\" or \"65+\""},
      {"population('1000+')", "", "1:1: \"1000+\" is no age band: write one such as \"18-64\" or \"65+\""},
      {"population(18)", "",
       "1:12: expected an age band in quotes, found '18': write one such as population(\"18-64\")"},
      {"population('18-64', 'Weighted')", "", "1:21: expected \"weighted\" or nothing, found 'Weighted'"},
      {"population('18-64', 'weighted', 1)", "", "1:31: expected ')', found ','"},
  });
}

// The callers write such sources for the parts of indicators.
TEST(ExpressionFields, Indicators) {
  ExpectOutcomes({
      {"team == \"CRISIS\" ? 1 : 0", "team=CRISIS", "int 1"},
      {"team == \"CRISIS\" ? 1 : 0", "team=GENERAL", "int 0"},
      {"team == \"CRISIS\" ? 1 : 0", "", "no value"},
      {"open ? 1 : 0", "open=true", "int 1"},
      {"1.0 * caseload.white / (caseload.white + caseload.mixed)", "caseload.white=3 caseload.mixed=1", "double 0.75"},
      {"caseload.white / (caseload.white + caseload.mixed)", "caseload.white=0 caseload.mixed=0", "division by zero"},
      {"(has(caseload.white) ? caseload.white : 0) + (has(caseload.mixed) ? caseload.mixed : 0)", "caseload.mixed=4",
       "int 4"},
      {"(has(caseload.share) ? caseload.share : 0) + (has(caseload.white) ? caseload.white : 0)", "caseload.white=4",
       "double 4"},
      {"has(occupied) ? occupied : 0", "", "double 0"},
      {"has(occupied) ? 0 : occupied", "occupied=1.25", "double 0"},
      {"has(occupied) ? occupied : 0", "occupied=1.25", "double 1.25"},
  });
}

TEST(ExpressionFields, NamesItsFieldsApart) {
  struct {
    const char* source;
    std::vector<int> fields;
    std::vector<int> tested_fields;
  } const rows[] = {
      {"1 < 2", {}, {}},
      {"occupied <= available && beds > occupied", {0, 3, 4}, {}},
      {"has(beds)", {}, {0}},
      {"has(beds) && has(beds) && beds > 1", {0}, {0}},
      {"has(caseload) ? admissions : caseload.mixed", {1, 12}, {11, 12, 13, 14, 15}},
      {"has(note) && has(caseload)", {}, {7, 11, 12, 13, 14, 15}},
      {"team in ['crisis']", {9}, {}},
  };
  for (const auto& row : rows) {
    std::vector<PopulationKey> populations;
    const absl::StatusOr<Expression> expression = Expression::Compile(row.source, TestFields(), &populations);
    ASSERT_TRUE(expression.ok()) << expression.status();
    EXPECT_EQ(expression->fields(), row.fields) << row.source;
    EXPECT_EQ(expression->tested_fields(), row.tested_fields) << row.source;
  }
}

TEST(ExpressionFields, SharesPopulationsAmongExpressions) {
  std::vector<PopulationKey> populations = {{"0-17", false}};
  const auto first = Expression::Compile("population('65+') + population('0-17')", TestFields(), &populations);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second =
      Expression::Compile("population('65+', 'weighted') - population('65+')", TestFields(), &populations);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(populations,
              ElementsAre(PopulationKey{"0-17", false}, PopulationKey{"65+", false}, PopulationKey{"65+", true}));
  const absl::optional<Decimal> registered[] = {Decimal::FromInteger(1), Decimal::FromInteger(20),
                                                Decimal::FromInteger(300)};
  EXPECT_EQ(first->Evaluate({{}, registered}).number, Decimal::FromInteger(21));
  EXPECT_EQ(second->Evaluate({{}, registered}).number, Decimal::FromInteger(280));
}

TEST(ExpressionFields, AsksForNoPopulationIfItDoesNotCompile) {
  std::vector<PopulationKey> populations;
  EXPECT_FALSE(Expression::Compile("population('65+') + 'a'", TestFields(), &populations).ok());
  EXPECT_THAT(populations, IsEmpty());
}

TEST(ExpressionFields, MovesWithItsTexts) {
  std::vector<PopulationKey> populations;
  absl::StatusOr<Expression> compiled = Expression::Compile("note == 'a'", TestFields(), &populations);
  ASSERT_TRUE(compiled.ok());
  Expression moved = *std::move(compiled);
  std::vector<Expression> kept;
  kept.push_back(std::move(moved));
  EXPECT_TRUE(kept[0].Evaluate({ReadReturn("note=a"), {}}).is_true());
  EXPECT_FALSE(kept[0].Evaluate({ReadReturn("note=b"), {}}).is_true());
}

}  // namespace
}  // namespace quartermaster
