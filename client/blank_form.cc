#include "client/blank_form.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/cell_table.h"
#include "client/csv.h"
#include "client/input_file.h"
#include "client/return_keys.h"
#include "client/template_sheets.h"
#include "client/workbook.h"
#include "client/zip_archive.h"

namespace quartermaster::client {
namespace {

// As TemplateTable makes it: the keys and then the fields, and one row, in which at most keys are filled in.
bool IsUntouched(const CellTable& table) {
  const std::vector<std::string>& headings = table.headings();
  if (headings.size() <= kTemplateKeys ||
      !std::all_of(headings.begin(), headings.begin() + kTemplateKeys, IsKeyHeading)) {
    return false;
  }
  if (table.row_count() != 1 || !table.ragged_rows().empty()) return false;
  for (size_t column = kTemplateKeys; column < headings.size(); ++column) {
    if (!table.cell(0, column).empty()) return false;
  }
  return true;
}

bool IsBlankForm(const std::string& path, absl::string_view bytes) {
  if (!LooksLikeZip(bytes)) {
    const TableResult csv = ReadCsv(path, bytes);
    return csv.table != nullptr && IsUntouched(*csv.table);
  }
  const WorkbookResult workbook = ReadWorkbook(path, bytes);
  return workbook.problems.empty() &&
         std::all_of(workbook.sheets.begin(), workbook.sheets.end(), [](const WorkbookSheet& sheet) {
           const bool is_form = sheet.result.table != nullptr && IsUntouched(*sheet.result.table);
           return is_form || IsOwnExplanation(sheet.headings);
         });
}

}  // namespace

absl::Status CheckHoldsNoValues(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
  if (!bytes.ok()) return bytes.status();
  if (bytes->empty() || IsBlankForm(path, *bytes)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--output-file: ", path,
                   " is there and is no blank form, so it is left as it is. Name another file, or remove it."));
}

}  // namespace quartermaster::client
