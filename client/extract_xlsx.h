// An extract as an Excel workbook: a sheet for each kind of row ("fields", "values", "statistics", "public"), and
// further ones ("values 2") where a sheet is full. Text is text in it, never a formula. Excel keeps 15 to 16 digits of
// a number; whoever needs all of them takes another form.
#ifndef QUARTERMASTER_CLIENT_EXTRACT_XLSX_H_
#define QUARTERMASTER_CLIENT_EXTRACT_XLSX_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/extract_writer.h"

namespace quartermaster::client {

inline constexpr uint32_t kExcelRows = 1'048'576;  // Excel's own limit, the heading included.

// Rows of sheets that are not finished lie in nameless files in the folder of `file`. `rows_per_sheet` is 2 to
// kExcelRows. OUT_OF_RANGE for a text that is too long for a cell: 32,767 characters.
absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractXlsx(const std::string& file, uint32_t rows_per_sheet);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXTRACT_XLSX_H_
