// Rows whose values stand beside their columns, and rows that are only wrong.
#include "client/column_shift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cell_value.h"

namespace quartermaster::client {
namespace {

// A letter a column: n takes numbers from 0 to 100, w whole numbers from 0 to 100, b any number, y yes or no, c red or
// blue, t any text, _ has no heading.
std::vector<ColumnTest> Columns(const std::string& letters) {
  std::vector<ColumnTest> columns;
  for (const char letter : letters) {
    if (letter == '_') {
      columns.emplace_back();
      continue;
    }
    columns.emplace_back([letter](absl::string_view text) {
      const absl::optional<double> number = ParseNumber(text);
      switch (letter) {
        case 'b':
          return number ? CellFit::kFits : CellFit::kWrongKind;
        case 'n':
        case 'w':
          if (!number || (letter == 'w' && !ParseWholeNumber(text))) return CellFit::kWrongKind;
          return *number < 0 || *number > 100 ? CellFit::kOutOfRange : CellFit::kFits;
        case 'y':
          return ParseYesNo(text) ? CellFit::kFits : CellFit::kWrongKind;
        case 'c':
          return text == "red" || text == "blue" ? CellFit::kFits : CellFit::kWrongKind;
        default:
          return CellFit::kUnknown;
      }
    });
  }
  return columns;
}

// "from 2: 1", "from 2, perhaps 1: -1"; "not shifted".
std::string Find(const std::string& columns, const std::string& row) {
  const std::vector<absl::string_view> cells = absl::StrSplit(row, ',');
  const absl::optional<ColumnShift> shift = FindColumnShift(Columns(columns), cells);
  if (!shift) return "not shifted";
  const bool sure = shift->earliest_column == shift->first_column;
  return absl::StrCat("from ", shift->first_column, sure ? "" : absl::StrCat(", perhaps ", shift->earliest_column),
                      ": ", shift->offset);
}

TEST(ColumnShiftTest, FindsShiftedRows) {
  const struct {
    const char* what;
    const char* columns;
    const char* row;
    const char* expected;
  } kCases[] = {
      {"a blank cell was inserted", "nycnycn", "5,,yes,red,5,no,blue", "from 1: 1"},
      {"two blank cells were inserted", "nycnycny", "5,,,yes,red,5,no,blue", "from 1: 2"},
      {"a cell was deleted", "nycnycn", "5,red,5,no,blue,5,", "from 1: -1"},
      {"two cells were deleted", "nycnycny", "5,5,no,blue,5,,,", "from 1: -2"},
      {"the first cell was deleted", "nycnycn", "yes,red,5,no,blue,5,", "from 0: -1"},
      {"a cell was inserted, the row is one too long", "nycnycn", "5,7,yes,red,5,no,blue,5", "from 0: 1"},
      {"a comma made two cells of one, in a row of few kinds", "bbbyb", "1,234,5,6,yes,7", "from 2, perhaps 0: 1"},
      {"a row one too short", "nycnycn", "5,red,5,no,blue,5", "from 1: -1"},
      {"where it begins is not certain", "bbbnycn", "1,2,3,yes,red,5,", "from 3, perhaps 0: -1"},
      {"a value was inserted and the last fell off", "nnnycnycn", "5,5,5,5,yes,red,5,no,blue", "from 2, perhaps 0: 1"},
      {"one value is wrong as well", "nycnycnyc", "5,,yes,red,lots,no,blue,5,yes", "from 1: 1"},
      {"numbers that are only too large, but many", "nbnbnbnbnbnb", "500,5,500,5,500,5,500,5,500,5,500,", "from 0: -1"},
      {"a text column among them", "nyctnycn", "5,,yes,red,busy,5,no,blue", "from 1: 1"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Find(c.columns, c.row), c.expected) << c.what;
}

TEST(ColumnShiftTest, LeavesOrdinaryMistakesAlone) {
  const struct {
    const char* what;
    const char* columns;
    const char* row;
  } kCases[] = {
      {"nothing is wrong", "nycnycn", "5,yes,red,5,no,blue,5"},
      {"nothing is there", "nycnycn", ",,,,,,"},
      {"two values would move into place", "nycnn", "yes,red,,5,"},
      {"three mistakes of a kind", "nnnnnn", "x,y,z,4,5,6"},
      {"three mistakes of different kinds", "nycnycn", "lots,maybe,green,5,no,blue,5"},
      {"every value is wrong", "nycnycn", "x,x,x,x,x,x,x"},
      {"numbers with units, as people write them", "nnnyc",
       "5%,\xC2\xA3"
       "5,7 beds,yes,red"},
      {"three numbers in another unit", "nbnbnbnb", "500,5,500,5,500,5,5,"},
      {"numbers too large in neighbouring columns alike", "nnnnnnnn", "500,600,700,800,900,1000,1100,"},
      {"texts beside columns that take any text", "ntntnt", "unknown,,unknown,,unknown,"},
      {"three mistakes, and the rest would be pushed out of place", "cncncnnnn", "5,5,5,5,5,5,200,5,5"},
      {"a row that is cut off", "nycnycn", "5,yes,red"},
      {"a row with a remark at its end", "nycnycn", "5,yes,red,5,no,blue,5,see note"},
      {"a row with a total at its end", "bbbbb", "1,2,3,4,5,15"},
      {"not available everywhere", "nycnycn", "NA,NA,NA,NA,NA,NA,NA"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Find(c.columns, c.row), "not shifted") << c.what;
}

// What a value of the column looks like.
std::string Value(char column, std::mt19937& random) {
  switch (column) {
    case 'y':
      return random() % 2 == 0 ? "yes" : "no";
    case 'c':
      return random() % 2 == 0 ? "red" : "blue";
    case 'w':
      return absl::StrCat(random() % 100);
    default:
      return absl::StrCat(random() % 100, ".5");
  }
}

TEST(ColumnShiftTest, TellsShiftsFromMistakesInRandomRows) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const std::string kinds = "nwyc";
  int found = 0;
  constexpr int kRows = 500;
  for (int i = 0; i < kRows; ++i) {
    std::string columns;
    std::vector<std::string> good;
    for (int column = 0; column < 20; ++column) {
      columns += kinds[random() % kinds.size()];
      good.push_back(Value(columns.back(), random));
    }
    EXPECT_EQ(Find(columns, absl::StrJoin(good, ",")), "not shifted");
    // Wrong values that nobody has moved.
    std::vector<std::string> wrong = good;
    for (size_t mistakes = 3 + random() % 5; mistakes > 0; --mistakes) {
      constexpr const char* kMistakes[] = {"about 5", "-3", "1e9", "unknown", "", "12;5", "5%", "#REF!"};
      wrong[random() % wrong.size()] = kMistakes[random() % std::size(kMistakes)];
    }
    EXPECT_EQ(Find(columns, absl::StrJoin(wrong, ",")), "not shifted") << columns << " " << absl::StrJoin(wrong, ",");
    // The same row with a cell deleted, wherever that leaves enough to tell by.
    std::vector<std::string> shifted = good;
    const size_t first = random() % 8;
    shifted.erase(shifted.begin() + static_cast<ptrdiff_t>(first));
    shifted.emplace_back();
    const absl::optional<ColumnShift> shift =
        FindColumnShift(Columns(columns), std::vector<absl::string_view>(shifted.begin(), shifted.end()));
    if (!shift) continue;
    ++found;
    EXPECT_EQ(shift->offset, -1);
    EXPECT_LE(shift->earliest_column, first);
    EXPECT_GE(shift->first_column, first);
  }
  EXPECT_GT(found, kRows * 9 / 10);
}

}  // namespace
}  // namespace quartermaster::client
