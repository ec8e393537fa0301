#include "client/workbook.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/merged_cells.h"
#include "client/workbook_parts.h"
#include "client/workbook_sheet.h"
#include "client/zip_archive.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kSaveAsXlsx =
    "Open it in Excel, choose File, Save As, and the type \"Excel Workbook (.xlsx)\".";

v1::Finding Problem(const TablePlace& place, const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return FileFinding("not-workbook", place, 0, std::string(status.message()), std::string(kSaveAsXlsx));
    case absl::StatusCode::kPermissionDenied:
      return FileFinding("locked-workbook", place, 0, absl::StrCat("The workbook has a password: ", status.message()),
                         "Save it as an Excel Workbook (.xlsx) without a password.");
    case absl::StatusCode::kResourceExhausted:
      return FileFinding("workbook-too-large", place, 0, absl::StrCat("The workbook is too large: ", status.message()),
                         "Keep only the sheets, rows and columns that hold returns, or split it.");
    default:
      return FileFinding("damaged-workbook", place, 0, absl::StrCat("The workbook is damaged: ", status.message()),
                         "Open it in Excel and save it again. If Excel cannot open it either, take an earlier copy.");
  }
}

}  // namespace

WorkbookResult ReadWorkbook(const std::string& file_name, absl::string_view bytes) {
  const absl::StatusOr<std::unique_ptr<ZipArchive>> archive = ZipArchive::Open(bytes);
  if (!archive.ok()) return {{}, {Problem(file_name, archive.status())}};
  const absl::StatusOr<WorkbookParts> parts = ReadWorkbookParts(archive->get());
  if (!parts.ok()) return {{}, {Problem(file_name, parts.status())}};

  WorkbookResult result;
  SheetBudget budget{kMaxWorkbookCells, kMaxWorkbookTextBytes};
  for (const WorkbookParts::Sheet& sheet : parts->sheets) {
    const TablePlace place(file_name, sheet.name);
    CellTableBuilder builder(place);
    SheetHandler handler(*parts, budget, &builder);
    const absl::Status status = ParsePart(sheet.part, archive->get(), &handler);
    if (!status.ok()) return {{}, {Problem(place, status)}};
    budget.cells -= builder.cell_count();
    budget.text_bytes -= builder.text_bytes();
    if (!builder.has_heading()) continue;
    builder.NoteHidden(handler.hidden_columns(), sheet.is_hidden);
    TableResult table = builder.Finish();
    if (table.table != nullptr) {
      absl::optional<v1::Finding> hidden =
          FindHiddenValue(place, *table.table, handler.merged_ranges(), kMaxWorkbookCells);
      if (hidden) table = {nullptr, {*std::move(hidden)}};
    }
    result.sheets.push_back({sheet.name, builder.table().headings(), std::move(table)});
  }
  if (result.sheets.empty()) {
    result.problems.push_back(FileFinding("empty-file", file_name, 0,
                                          "No sheet of the workbook has a cell with a value.",
                                          "The first row of a sheet should hold the headings: participant, period and "
                                          "the fields; 'qm template' makes such a workbook."));
  }
  return result;
}

}  // namespace quartermaster::client
