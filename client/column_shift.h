// Finds a row whose values, from some column on, stand one or two columns beside those that they were meant for: a cell
// was inserted or deleted, or a comma made two cells of one.
//
// Such a row has a mistake in nearly every cell after that column, and naming each would hide the one cause. It is
// taken for shifted only where the cells themselves say so, since naming a shift that is none would hide real mistakes:
// - at least kMinMovedIntoPlace values that do not suit their column suit the one to which they would move;
// - nearly no value of the row is left unsuited, or becomes it;
// - one of those values at least is of another kind than its column asks for. Numbers that are only out of range may be
//   in the wrong unit; it takes kMinNumbersMovedIntoPlace of them.
// A row that has just as many cells too many or too few needs one value less, for that is a sign of its own.
#ifndef QUARTERMASTER_CLIENT_COLUMN_SHIFT_H_
#define QUARTERMASTER_CLIENT_COLUMN_SHIFT_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/cell_fit.h"

namespace quartermaster::client {

struct ColumnShift {
  // The first column that certainly does not hold its own value, or at which a blank cell seems to be inserted.
  size_t first_column;
  // How many columns the values stand too far to the right; negative: to the left. Never 0.
  int offset;
  // The shift may begin as early as this: the values from here on suit their columns either way.
  size_t earliest_column;
  // Of a shift to the right: the cells that are too many at first_column have no text.
  bool gap_is_blank;
};

constexpr int kMaxColumnShift = 2;  // More than two cells at once are a file for something else.
constexpr int kMinMovedIntoPlace = 3;
constexpr int kMinNumbersMovedIntoPlace = 5;
constexpr int kMovedPerUnexplained = 4;  // For so many values that a shift explains, one may be wrong in itself.

// How well a text suits a column. Null for a column without a heading, which nothing suits.
using ColumnTest = std::function<CellFit(absl::string_view text)>;

// `cells` may be more or fewer than `columns`. Nothing where the row is not shifted.
absl::optional<ColumnShift> FindColumnShift(const std::vector<ColumnTest>& columns,
                                            const std::vector<absl::string_view>& cells);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COLUMN_SHIFT_H_
