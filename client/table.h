// Rows of text, printed in aligned columns for people or as CSV for programs.
#ifndef QUARTERMASTER_CLIENT_TABLE_H_
#define QUARTERMASTER_CLIENT_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace quartermaster::client {

struct Column {
  std::string heading;
  bool is_number = false;  // Numbers are aligned at the right.
};

struct Table {
  std::vector<Column> columns;
  // Each has as many cells as there are columns.
  std::vector<std::vector<std::string>> rows;
};

// Aligned by what the terminal shows, two spaces between columns, an empty cell as "-". Control characters, which may
// come from somebody else's file, do not reach the terminal.
void PrintAligned(const Table& table, std::ostream& out);

// RFC 4180 with line feeds; cells are quoted only where they must be. Text that a spreadsheet would run as a formula
// has an apostrophe before it (client/formula_guard.h).
void PrintCsv(const Table& table, std::ostream& out);

// The same for one line at a time: the headings, then each row.
void PrintCsvHeadings(const std::vector<Column>& columns, std::ostream& out);
void PrintCsvRow(const std::vector<std::string>& cells, std::ostream& out);

// With so many places, and without the sign of a zero; empty where there is no value.
std::string FormatNumber(absl::optional<double> value, uint32_t decimals);

// The shortest digits that read back as the same number, with an exponent only from 10^15 on and below 10^-9; empty
// where there is none.
std::string FormatExact(absl::optional<double> value);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TABLE_H_
