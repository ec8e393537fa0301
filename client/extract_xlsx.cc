#include "client/extract_xlsx.h"

#include <xlsxwriter.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/excel_text.h"
#include "client/extract_rows.h"
#include "client/table.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {
namespace {

constexpr double kColumnWidth = 16;  // In characters; a period, a code or a figure fits.

class ExtractXlsx : public ExtractWriter {
 public:
  ExtractXlsx(const std::string& file, uint32_t rows_per_sheet)
      : file_(file), folder_(FolderOf(file)), rows_per_sheet_(rows_per_sheet) {
    lxw_workbook_options options = {};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder_.data();
    workbook_ = workbook_new_opt(file.c_str(), &options);
    if (workbook_ == nullptr) return;
    heading_ = workbook_add_format(workbook_);
    format_set_bold(heading_);
  }

  ~ExtractXlsx() override {
    if (workbook_ != nullptr) lxw_workbook_free(workbook_);
  }

  absl::Status Write(const v1::ExtractRow& row) override {
    const absl::StatusOr<Sheet*> sheet = SheetFor(row.row_case());
    if (!sheet.ok()) return sheet.status();
    const std::vector<ExtractCell> cells = ExtractCells(row);
    for (size_t i = 0; i < cells.size(); ++i) {
      const absl::Status status = WriteCell(cells[i], static_cast<lxw_col_t>(i), **sheet);
      if (!status.ok()) return status;
    }
    ++(*sheet)->rows;
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    // A workbook has a sheet.
    if (sheets_.empty()) {
      const absl::StatusOr<Sheet*> sheet = SheetFor(v1::ExtractRow::kValue);
      if (!sheet.ok()) return sheet.status();
    }
    // The library does not look whether the rows that it set aside were written.
    for (const lxw_worksheet* worksheet : worksheets_) {
      if (std::fflush(worksheet->optimize_tmpfile) != 0 || std::ferror(worksheet->optimize_tmpfile) != 0) {
        return WriteProblem(file_);
      }
    }
    lxw_workbook* const workbook = workbook_;
    workbook_ = nullptr;  // Closing frees it, whatever it gives.
    const lxw_error error = workbook_close(workbook);
    return error == LXW_NO_ERROR ? absl::OkStatus() : Problem(error);
  }

 private:
  struct Sheet {
    lxw_worksheet* worksheet = nullptr;
    lxw_row_t rows = 0;  // The heading included.
    int number = 0;      // Of the sheets of this kind, from 1.
  };

  static std::string FolderOf(const std::string& file) {
    const std::string folder = std::filesystem::path(file).parent_path().string();
    return folder.empty() ? "." : folder;
  }

  absl::Status Problem(lxw_error error) const {
    return absl::UnknownError(absl::StrCat(file_, ": cannot be written: ", lxw_strerror(error), "."));
  }

  // The sheet that the next row of the kind goes to, with its heading.
  absl::StatusOr<Sheet*> SheetFor(ExtractKind kind) {
    Sheet& sheet = sheets_[kind];
    if (sheet.worksheet != nullptr && sheet.rows < rows_per_sheet_) return &sheet;
    ++sheet.number;
    const bool has_plural = kind == v1::ExtractRow::kField || kind == v1::ExtractRow::kValue;
    std::string name = absl::StrCat(ExtractKindName(kind), has_plural ? "s" : "");
    if (sheet.number > 1) absl::StrAppend(&name, " ", sheet.number);
    sheet.worksheet = workbook_ == nullptr ? nullptr : workbook_add_worksheet(workbook_, name.c_str());
    if (sheet.worksheet == nullptr || sheet.worksheet->optimize_tmpfile == nullptr) {
      return absl::UnknownError(absl::StrCat(file_, ": cannot be written: no file can be made in ", folder_, "."));
    }
    worksheets_.push_back(sheet.worksheet);
    const absl::Span<const absl::string_view> columns = ExtractColumns(kind);
    worksheet_freeze_panes(sheet.worksheet, 1, 0);
    worksheet_set_column(sheet.worksheet, 0, static_cast<lxw_col_t>(columns.size() - 1), kColumnWidth, nullptr);
    for (size_t i = 0; i < columns.size(); ++i) {
      worksheet_write_string(sheet.worksheet, 0, static_cast<lxw_col_t>(i), std::string(columns[i]).c_str(), heading_);
    }
    sheet.rows = 1;
    return &sheet;
  }

  absl::Status WriteCell(const ExtractCell& cell, lxw_col_t column, const Sheet& sheet) {
    lxw_error error = LXW_NO_ERROR;
    if (const double* number = std::get_if<double>(&cell); number != nullptr && std::isfinite(*number)) {
      error = worksheet_write_number(sheet.worksheet, sheet.rows, column, *number, nullptr);
    } else if (number != nullptr) {
      // Excel has no such number.
      error = worksheet_write_string(sheet.worksheet, sheet.rows, column, FormatExact(*number).c_str(), nullptr);
    } else if (const std::string* text = std::get_if<std::string>(&cell)) {
      error = worksheet_write_string(sheet.worksheet, sheet.rows, column, ExcelText(*text).c_str(), nullptr);
    }
    if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED) {
      return absl::OutOfRangeError(
          "a text is longer than a cell of Excel can be. Write a .csv or .jsonl file instead.");
    }
    return error == LXW_NO_ERROR ? absl::OkStatus() : Problem(error);
  }

  const std::string file_;
  std::string folder_;
  const uint32_t rows_per_sheet_;
  lxw_workbook* workbook_ = nullptr;
  lxw_format* heading_ = nullptr;
  std::map<ExtractKind, Sheet> sheets_;
  std::vector<const lxw_worksheet*> worksheets_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractXlsx(const std::string& file, uint32_t rows_per_sheet) {
  return std::make_unique<ExtractXlsx>(file, rows_per_sheet);
}

}  // namespace quartermaster::client
