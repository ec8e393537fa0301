#include "client/blank_form.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "client/input_tables.h"
#include "client/return_keys.h"

namespace quartermaster::client {
namespace {

// The keys may be filled in by `qm template` itself.
bool HasValues(const CellTable& table) {
  if (!table.ragged_rows().empty()) return true;
  for (size_t column = 0; column < table.headings().size(); ++column) {
    if (IsKeyHeading(table.headings()[column])) continue;
    for (size_t row = 0; row < table.row_count(); ++row) {
      if (!table.cell(row, column).empty()) return true;
    }
  }
  return false;
}

bool IsBlankForm(const std::string& path, absl::string_view bytes) {
  if (bytes.empty()) return true;
  const InputTables input = ReadInputTables(path, bytes, /*keys=*/{});
  const auto lacks_rows = [](const v1::Finding& problem) { return problem.rule_id() == "empty-file"; };
  const auto has_values = [](const auto& source) { return HasValues(source->table()); };
  return std::all_of(input.problems.begin(), input.problems.end(), lacks_rows) &&
         std::none_of(input.tables.begin(), input.tables.end(), has_values) &&
         std::none_of(input.other_sheets.begin(), input.other_sheets.end(), has_values);
}

}  // namespace

absl::Status CheckHoldsNoValues(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
  if (!bytes.ok()) return bytes.status();
  if (IsBlankForm(path, *bytes)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--output-file: ", path,
                   " is there and is no blank form, so it is left as it is. Name another file, or remove it."));
}

}  // namespace quartermaster::client
