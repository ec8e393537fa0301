// The cells of a CSV file, row by row as a spreadsheet shows them, blank ones included, without a notion of a heading.
// It is for finding out what a file is that does not begin with one.
#ifndef QUARTERMASTER_CLIENT_RAW_SHEET_H_
#define QUARTERMASTER_CLIENT_RAW_SHEET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/cell_table.h"

namespace quartermaster::client {

// Without surrounding spaces, and without the blank cells at the end of the row.
using RawRow = std::vector<std::string>;

constexpr size_t kMaxSheetRows = 1'048'576;   // Excel's own limit.
constexpr size_t kMaxSheetCells = 1'000'000;  // Thrice what the largest published sheets have; bounds the memory.

// Row i of the sheet is [i - 1]. Nothing where the bytes are no CSV in UTF-8 or there are more cells than that. Stops
// after `max_filled_rows` rows that are not blank.
absl::optional<std::vector<RawRow>> ReadRawSheet(absl::string_view bytes, size_t max_filled_rows = kMaxSheetRows);

// The same of a table: its heading and all rows where they stand. Nothing where there are more cells than that.
absl::optional<std::vector<RawRow>> RawRowsOf(const CellTable& table);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RAW_SHEET_H_
