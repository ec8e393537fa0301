// Workbooks of which a test decides every byte: a zip archive of parts as they are given, whole or damaged.
#ifndef QUARTERMASTER_TESTS_CLIENT_WORKBOOK_PARTS_H_
#define QUARTERMASTER_TESTS_CLIENT_WORKBOOK_PARTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"

namespace quartermaster::client {

struct ZipEntry {
  std::string name;
  std::string bytes;
  // What the archive says instead of the truth.
  absl::optional<uint32_t> declared_bytes = {};
  absl::optional<uint32_t> checksum = {};
  bool is_encrypted = false;
  // Deflated rather than stored.
  bool is_packed = false;
};

// The archive of the entries, in their order.
std::string MakeZip(const std::vector<ZipEntry>& entries);

// The entries of a workbook whose sheets (name, rows within sheetData) are given. Shared texts are "alpha" and, in two
// runs with a pronunciation, "beta gamma". The styles are, by number: General, dd/mm/yyyy, mmm-yy, 0.0%, and 14.
std::vector<ZipEntry> WorkbookEntries(const std::vector<std::pair<std::string, std::string>>& sheets);

// The same as an archive.
std::string MakeWorkbook(const std::vector<std::pair<std::string, std::string>>& sheets);

// Its entries with one replaced.
std::string MakeWorkbookWith(const std::string& part, const std::string& bytes);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_TESTS_CLIENT_WORKBOOK_PARTS_H_
