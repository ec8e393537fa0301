// A CSV file as a table of cells (client/cell_table.h).
//
// Comma-separated, UTF-8 with or without a byte order mark, lines ended by LF, CRLF or CR, cells quoted as RFC 4180
// says. Whatever else a person may send under this name (another encoding, other separators) is recognised, and the
// finding says where it is and what to do. A cell with a line break in it is still one row.
#ifndef QUARTERMASTER_CLIENT_CSV_H_
#define QUARTERMASTER_CLIENT_CSV_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/cell_table.h"

namespace quartermaster::client {

// The file without the byte order mark and the line "sep=," that Excel may have before the heading. Excel does not show
// that line, so it is no row.
absl::string_view WithoutExcelPrefix(absl::string_view bytes);

// Reads the whole file from memory; `file_name` goes into the findings. Requires less than 4 GiB of bytes.
TableResult ReadCsv(const std::string& file_name, absl::string_view bytes);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CSV_H_
