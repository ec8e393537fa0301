// Recognises a sheet as it is published: a workbook, also one that was saved as CSV cell for cell, with title rows, a
// heading of one or two rows, a row of totals, blank rows and columns, and marks for "no value".
//
// It goes by the shape of the sheet alone and knows no collection. Whatever begins with a heading of ours is none.
#ifndef QUARTERMASTER_CLIENT_PUBLISHED_SHEET_H_
#define QUARTERMASTER_CLIENT_PUBLISHED_SHEET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/cell_table.h"
#include "quartermaster/v1/finding.pb.h"

namespace quartermaster::client {

// Rows count from 1 as in a spreadsheet, columns from 0.
struct PublishedSheet {
  // A heading that stands over several columns.
  struct Group {
    std::string name;
    size_t first_column;
    size_t last_column;
    std::vector<std::string> headings;
  };
  // A row that has no code.
  struct Total {
    uint32_t row;
    std::string name;
  };

  std::vector<uint32_t> title_rows;
  uint32_t group_row = 0;  // 0: the heading has one row.
  uint32_t heading_row = 0;
  std::vector<Group> groups;
  std::vector<std::string> headings;  // by column
  uint32_t first_data_row = 0;        // the totals apart
  uint32_t last_data_row = 0;
  std::vector<Total> totals;
  std::vector<uint32_t> blank_rows;  // between the heading and the last row of data
  std::vector<uint32_t> note_rows;   // below the heading, too short to be data
  uint32_t blank_tail_row = 0;       // From it on all rows are blank; 0: there is none.
  std::vector<size_t> blank_columns;
  std::string no_value_mark;  // "-"
  size_t no_value_cells = 0;
  absl::optional<size_t> participant_column;
  std::vector<size_t> period_columns;       // Together they say the period.
  std::vector<std::string> period_periods;  // What the first row of data probably means, as we write it.
};

// Of a CSV file, and of a sheet of a workbook that was read as if its first row were the heading. Nothing where it is
// no such sheet.
absl::optional<PublishedSheet> RecognisePublishedSheet(absl::string_view bytes);
absl::optional<PublishedSheet> RecognisePublishedSheet(const CellTable& table);

// What was found, a line each, and how to proceed. `collection` and `service` go into the advice; either may be empty.
v1::Finding DescribePublishedSheet(const PublishedSheet& sheet, const TablePlace& place, const std::string& collection,
                                   const std::string& service);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_PUBLISHED_SHEET_H_
