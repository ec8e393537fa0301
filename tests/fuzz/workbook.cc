// The bytes of a workbook to its sheets. The first byte says what the others are: a whole file, or one part of a sound
// one, since a changed byte of an archive hardly ever gets by its checksum.
#include "client/workbook.h"

#include <array>
#include <string>

#include "tests/client/workbook_parts.h"
#include "tests/fuzz/fuzz.h"
#include "validation/utf8.h"

namespace quartermaster::fuzz {
namespace {

constexpr std::array<const char*, 5> kParts = {"xl/worksheets/sheet0.xml", "xl/sharedStrings.xml", "xl/styles.xml",
                                               "xl/workbook.xml", "xl/_rels/workbook.xml.rels"};

std::string File(absl::string_view input) {
  const size_t part = static_cast<uint8_t>(input.front()) % (kParts.size() + 1);
  const std::string bytes(input.substr(1));
  return part == kParts.size() ? bytes : client::MakeWorkbookWith(kParts[part], bytes);
}

void RequireSoundSheet(const client::WorkbookSheet& sheet) {
  Require((sheet.result.table == nullptr) == !sheet.result.problems.empty(),
          "a sheet is a table, or there is a reason");
  for (const v1::Finding& problem : sheet.result.problems) RequireSound(problem);
  if (sheet.result.table == nullptr) return;
  const client::CellTable& table = *sheet.result.table;
  uint32_t before = table.heading_row_number();
  for (size_t row = 0; row < table.row_count(); ++row) {
    Require(table.row_number(row) > before, "rows are below the heading and in order");
    before = table.row_number(row);
    Require(before <= client::kMaxSheetRowNumber, "a row has a number that Excel has");
    for (size_t column = 0; column < table.headings().size(); ++column) {
      Require(IsUtf8(table.cell(row, column)), "a cell is UTF-8");
    }
  }
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  if (size == 0) return 0;
  const client::WorkbookResult result = client::ReadWorkbook("f.xlsx", File(AsText(data, size)));
  Require(result.problems.empty() || result.sheets.empty(), "what cannot be read has no sheets");
  for (const v1::Finding& problem : result.problems) RequireSound(problem);
  for (const client::WorkbookSheet& sheet : result.sheets) RequireSoundSheet(sheet);
  return 0;
}
