// Merged cells of a sheet. Only the first of them is shown; Excel empties the others, and other programs may keep what
// was in them. Nobody would know that such a value was sent, so it is a finding.
#ifndef QUARTERMASTER_CLIENT_MERGED_CELLS_H_
#define QUARTERMASTER_CLIENT_MERGED_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/optional.h"
#include "client/cell_table.h"

namespace quartermaster::client {

// Both ends included. Rows count from 1, columns from 0.
struct MergedRange {
  uint32_t first_row;
  uint32_t last_row;
  size_t first_column;
  size_t last_column;
};

// Each of them costs a search; a sheet that is laid out by hand has some hundreds.
constexpr size_t kMaxMergedRanges = 65'536;

// The first value below the heading that a merged cell hides; or that the ranges overlap, which no spreadsheet lets
// them do, and so much that looking at all of them would take more than `max_cells` cells. Nothing where all is well.
absl::optional<v1::Finding> FindHiddenValue(const TablePlace& place, const CellTable& table,
                                            const std::vector<MergedRange>& ranges, size_t max_cells);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_MERGED_CELLS_H_
