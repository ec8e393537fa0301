// An Excel workbook (.xlsx) as tables of cells, one for each sheet that holds any.
//
// A cell is read as it looks to the person who filled it in (client/number_format.h), except that numbers have all
// digits that are stored. A formula is its result. An error (#DIV/0!) and a formula without a result have no value,
// which findings say at the cell. Of merged cells the first has the value; what others hide is a finding. Hidden rows,
// columns and sheets are read like others, and the table says so (HiddenCells); macros, charts, comments and links to
// other files are not looked at.
//
// The file may come from anybody: it is unpacked, parsed and kept within bounds (client/zip_archive.h,
// client/xml_parser.h), and nothing in it makes the program open another file.
#ifndef QUARTERMASTER_CLIENT_WORKBOOK_H_
#define QUARTERMASTER_CLIENT_WORKBOOK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cell_table.h"

namespace quartermaster::client {

struct WorkbookSheet {
  std::string name;
  std::vector<std::string> headings;  // as CellTable has them
  TableResult result;
};

struct WorkbookResult {
  // Those that have a heading, in the order of their tabs.
  std::vector<WorkbookSheet> sheets;
  // Why the workbook cannot be read at all; there are no sheets then.
  std::vector<v1::Finding> problems;
};

constexpr uint32_t kMaxSheetRowNumber = 1'048'576;  // Excel's own limit.

// Cells of all sheets together, with the blank ones among them: 200,000 returns of fifty cells. Four bytes each.
constexpr size_t kMaxWorkbookCells = 10'000'000;

// The texts of all cells; a number has some ten bytes. Many cells may share one long text, so it is no more than an
// archive may unpack to only if somebody counts.
constexpr size_t kMaxWorkbookTextBytes = 256ull << 20;

// Reads the whole workbook from memory; `file_name` goes into the findings. Any bytes may be given.
WorkbookResult ReadWorkbook(const std::string& file_name, absl::string_view bytes);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WORKBOOK_H_
