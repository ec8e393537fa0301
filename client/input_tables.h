// The tables of a file of returns, whatever kind of file it is: one of a CSV file, of JSON or of protobuf's binary
// form, one of each sheet of a workbook that holds returns.
#ifndef QUARTERMASTER_CLIENT_INPUT_TABLES_H_
#define QUARTERMASTER_CLIENT_INPUT_TABLES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/field_names.h"
#include "client/return_file.h"
#include "client/source_table.h"
#include "client/workbook.h"

namespace quartermaster::client {

using SourceTables = std::vector<std::shared_ptr<const SourceTable>>;

struct InputTables {
  // Tables of returns: that of a file without sheets, the only one of a workbook, and each that has the headings
  // participant and period, or field and value.
  SourceTables tables;
  // Other sheets of the workbook. Whether they hold returns, their fields must say (HasHeadingsOf).
  SourceTables other_sheets;
  // Why the file, or a sheet that holds returns, cannot be read.
  std::vector<v1::Finding> problems;
};

// Reads the whole file from memory. `name` goes into the findings; what `keys` say, into advice about published sheets.
InputTables ReadInputTables(const std::string& name, absl::string_view bytes, const KeyOptions& keys);

// Whether a heading of the table is a field of a service of the schemas, and it is the only one or another is a field
// or key as well: a list of participants or a log of changes has none.
bool HasHeadingsOf(const Schemas& schemas, const SourceTable& source, NamesOfServices* names);

// A workbook of which no sheet holds returns. Requires a sheet.
v1::Finding DescribeNoSheet(const std::string& name, const SourceTables& sheets);

// "f.xlsx sheet Beds: read like all others, though the spreadsheet hides them: 3 rows from row 5 on, column F (beds)."
// Requires that something is hidden.
std::string DescribeHidden(const SourceTable& sheet);

// "f.xlsx: left out, since the headings fit no return: the sheets Notes, Sources." Requires a sheet; all are of one
// file.
std::string DescribeLeftOut(const SourceTables& sheets);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_INPUT_TABLES_H_
