// The bytes of a file to a table, to the raw cells of a sheet, and to what a published sheet looks like.
#include "client/csv.h"

#include <sstream>

#include "absl/strings/ascii.h"
#include "client/published_sheet.h"
#include "client/raw_sheet.h"
#include "client/table.h"
#include "tests/fuzz/fuzz.h"
#include "validation/utf8.h"

namespace quartermaster::fuzz {
namespace {

using client::CellTable;
using client::TableResult;

void RequireRowsInOrder(const CellTable& table) {
  Require(!table.headings().empty() && !table.headings().back().empty(), "a table ends with a heading");
  Require(table.heading_row_number() > 0, "rows count from 1");
  uint32_t before = table.heading_row_number();
  for (size_t row = 0; row < table.row_count(); ++row) {
    Require(table.row_number(row) > before, "rows are below the heading and in order");
    before = table.row_number(row);
    bool has_text = false;
    for (size_t column = 0; column < table.headings().size(); ++column) {
      const absl::string_view cell = table.cell(row, column);
      Require(IsUtf8(cell), "a cell is UTF-8");
      Require(cell.empty() || !table.headings()[column].empty(), "a value has a heading");
      has_text = has_text || !cell.empty();
    }
    Require(has_text, "a row is not blank");
  }
}

void RequireRaggedApart(const CellTable& table) {
  size_t shaped = 0;
  for (const auto& [shape, count] : table.ragged_shapes()) shaped += count;
  Require(shaped == table.ragged_rows().size(), "each ragged row has a shape");
  for (size_t i = 0; i < table.ragged_rows().size(); ++i) {
    const std::vector<absl::string_view> cells = table.RaggedCells(i);
    const client::RaggedRow& row = table.ragged_rows()[i];
    Require(row.shape.surplus >= 0 ? row.shape.column < cells.size() : row.shape.column == cells.size(),
            "the place of a ragged row lies in it");
    Require(row.shape.surplus >= 0 || cells.size() < table.headings().size(), "what is too short is");
  }
}

// What was read and is printed by us reads as the same cells. What we print begins with a heading of ours, and not with
// one by which the file would be taken for another kind.
void RequireReadsBack(const CellTable& table) {
  const size_t columns = table.headings().size();
  client::Table printed{{{"a heading of ours"}}, {}};
  for (const std::string& heading : table.headings()) printed.columns.push_back({heading});
  for (size_t row = 0; row < table.row_count(); ++row) {
    std::vector<std::string>& cells = printed.rows.emplace_back();
    cells.push_back("1");
    for (size_t column = 0; column < columns; ++column) cells.emplace_back(table.cell(row, column));
  }
  std::ostringstream out;
  client::PrintCsv(printed, out);
  const TableResult again = client::ReadCsv("again.csv", out.str());
  Require(again.table != nullptr && again.table->headings().size() == columns + 1 &&
              again.table->row_count() == table.row_count() && again.table->ragged_rows().empty(),
          "what was printed reads as the same table");
  for (size_t column = 0; column < columns; ++column) {
    Require(again.table->headings()[column + 1] == table.headings()[column], "headings read as the same");
    for (size_t row = 0; row < table.row_count(); ++row) {
      Require(again.table->cell(row, column + 1) == table.cell(row, column), "cells read as the same");
    }
  }
}

void FuzzSheet(absl::string_view bytes) {
  const auto sheet = client::ReadRawSheet(bytes);
  if (sheet) {
    Require(sheet->size() <= client::kMaxSheetRows, "a sheet has as many rows as a spreadsheet");
    for (const client::RawRow& row : *sheet) Require(row.empty() || !row.back().empty(), "a row ends with a value");
  }
  const auto published = client::RecognisePublishedSheet(client::WithoutExcelPrefix(bytes));
  if (!published) return;
  Require(published->first_data_row > published->heading_row && published->last_data_row >= published->first_data_row,
          "data is below the heading");
  RequireSound(client::DescribePublishedSheet(*published, "f.csv", "", "ward"));
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  const absl::string_view bytes = AsText(data, size);
  FuzzSheet(bytes);
  const client::TableResult result = client::ReadCsv("f.csv", bytes);
  Require((result.table == nullptr) == !result.problems.empty(), "a file is a table, or there is a reason");
  for (const v1::Finding& problem : result.problems) {
    RequireSound(problem);
    Require(problem.file() == "f.csv" && problem.severity() == schema::v1::SEVERITY_ERROR, "a problem is of the file");
  }
  if (result.table == nullptr) return 0;
  RequireRowsInOrder(*result.table);
  RequireRaggedApart(*result.table);
  if (result.table->row_count() > 0) RequireReadsBack(*result.table);
  return 0;
}
