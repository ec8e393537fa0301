#include "client/input_tables.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/csv.h"
#include "client/published_sheet.h"
#include "client/return_keys.h"
#include "client/return_objects.h"
#include "client/template_sheets.h"
#include "client/text.h"
#include "client/zip_archive.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxListed = 5;  // What a person reads at a glance.

std::string ListOfSheets(const SourceTables& sheets) {
  std::vector<std::string> names;
  for (size_t i = 0; i < sheets.size() && i < kMaxListed; ++i) names.push_back(sheets[i]->place().sheet);
  const size_t more = sheets.size() - names.size();
  return absl::StrCat(absl::StrJoin(names, ", "), more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

bool AreHeadingsOfReturns(const std::vector<std::string>& headings) {
  const auto has = [&headings](absl::string_view name) {
    return std::any_of(headings.begin(), headings.end(),
                       [name](const std::string& heading) { return FoldedName(heading) == name; });
  };
  return (has("participant") && has("period")) || (has("field") && has("value"));
}

// That the headings stand below a title, where they do: then every row would be said to be wrong.
absl::optional<v1::Finding> FindLateHeadings(const SourceTable& source) {
  constexpr size_t kMaxTitleRows = 20;
  const CellTable& table = source.table();
  if (AreHeadingsOfReturns(table.headings())) return absl::nullopt;
  const auto describe = [&](uint32_t row) {
    return FileFinding("title-row", source.place(), table.heading_row_number(),
                       absl::StrCat("The headings stand in row ", row, ", below a title."),
                       absl::StrCat("Delete what is above row ", row, ": the first row with a text has the headings."));
  };
  for (size_t row = 0; row < std::min(table.row_count(), kMaxTitleRows); ++row) {
    std::vector<std::string> cells;
    for (size_t column = 0; column < table.headings().size(); ++column) cells.emplace_back(table.cell(row, column));
    if (AreHeadingsOfReturns(cells)) return describe(table.row_number(row));
  }
  for (size_t row = 0; row < std::min(table.ragged_rows().size(), kMaxTitleRows); ++row) {
    const std::vector<absl::string_view> cells = table.RaggedCells(row);
    if (AreHeadingsOfReturns({cells.begin(), cells.end()})) return describe(table.ragged_rows()[row].number);
  }
  return absl::nullopt;
}

void Append(std::vector<v1::Finding> more, std::vector<v1::Finding>* findings) {
  std::move(more.begin(), more.end(), std::back_inserter(*findings));
}

// What was published, and saved as it is, is said of each sheet of which it is true.
std::vector<v1::Finding> DescribePublishedSheets(const SourceTables& sheets, const KeyOptions& keys) {
  std::vector<v1::Finding> findings;
  for (const auto& source : sheets) {
    const absl::optional<PublishedSheet> published = RecognisePublishedSheet(source->table());
    if (!published) continue;
    findings.push_back(DescribePublishedSheet(*published, source->place(), keys.collection, keys.service));
  }
  return findings;
}

InputTables ReadSheets(const std::string& name, absl::string_view bytes, const KeyOptions& keys) {
  WorkbookResult workbook = ReadWorkbook(name, bytes);
  InputTables result;
  result.problems = std::move(workbook.problems);
  std::vector<v1::Finding> without_rows;  // Sheets of a form that were not needed.
  std::vector<v1::Finding> of_others;
  for (WorkbookSheet& sheet : workbook.sheets) {
    if (IsOwnExplanation(sheet.headings)) continue;
    const bool holds_returns = AreHeadingsOfReturns(sheet.headings);
    if (sheet.result.table != nullptr) {
      SourceTables& tables = holds_returns ? result.tables : result.other_sheets;
      tables.push_back(
          std::make_shared<const SourceTable>(TablePlace(name, sheet.name), std::move(sheet.result.table)));
    } else if (holds_returns) {
      const bool lacks_rows = sheet.result.problems.front().rule_id() == "empty-file";
      Append(std::move(sheet.result.problems), lacks_rows ? &without_rows : &result.problems);
    } else {
      Append(std::move(sheet.result.problems), &of_others);
    }
  }
  if (!result.tables.empty() || !result.problems.empty()) return result;
  if (!without_rows.empty()) {
    result.problems = std::move(without_rows);
    return result;
  }
  for (const auto& sheet : result.other_sheets) {
    if (absl::optional<v1::Finding> late = FindLateHeadings(*sheet)) result.problems.push_back(*std::move(late));
  }
  if (result.problems.empty()) result.problems = DescribePublishedSheets(result.other_sheets, keys);
  if (result.problems.empty() && result.other_sheets.empty()) result.problems = std::move(of_others);
  if (result.problems.empty() && result.other_sheets.size() == 1) result.tables.swap(result.other_sheets);
  return result;
}

InputTables ReadText(const std::string& name, absl::string_view bytes, const KeyOptions& keys) {
  InputTables result;
  TableResult csv = ReadCsv(name, bytes);
  std::shared_ptr<const SourceTable> source;
  absl::optional<v1::Finding> late;
  if (csv.table != nullptr) {
    source = std::make_shared<const SourceTable>(name, std::move(csv.table));
    late = FindLateHeadings(*source);
  }
  if (late) {
    result.problems.push_back(*std::move(late));
  } else if (const absl::optional<PublishedSheet> sheet = RecognisePublishedSheet(WithoutExcelPrefix(bytes))) {
    result.problems.push_back(DescribePublishedSheet(*sheet, name, keys.collection, keys.service));
  } else {
    result.problems = std::move(csv.problems);
    if (source != nullptr) result.tables.push_back(std::move(source));
  }
  return result;
}

InputTables ReadObjects(const std::string& name, ReturnObjects objects) {
  InputTables result;
  result.problems = std::move(objects.result.problems);
  if (objects.result.table != nullptr) {
    result.tables.push_back(
        std::make_shared<const SourceTable>(name, std::move(objects.result.table), std::move(objects.beside)));
  }
  return result;
}

bool IsFieldOf(const Schemas& schemas, absl::string_view heading, NamesOfServices* names) {
  for (const auto& [id, schema] : schemas) {
    for (const auto& service : schema->services()) {
      if (!names->Of(*service).FindAll(heading).empty()) return true;
    }
  }
  return false;
}

}  // namespace

InputTables ReadInputTables(const std::string& name, absl::string_view bytes, const KeyOptions& keys) {
  if (HasBinaryName(name)) return ReadObjects(name, ReadBinaryReturns(name, bytes, keys));
  if (LooksLikeZip(bytes)) return ReadSheets(name, bytes, keys);
  if (LooksLikeJson(bytes)) return ReadObjects(name, ReadJsonReturns(name, bytes));
  return ReadText(name, bytes, keys);
}

bool HasHeadingsOf(const Schemas& schemas, const SourceTable& source, NamesOfServices* names) {
  size_t total = 0;
  size_t keys = 0;
  size_t fields = 0;
  for (const std::string& heading : source.table().headings()) {
    if (heading.empty()) continue;
    ++total;
    if (IsKeyHeading(heading)) {
      ++keys;
    } else if (IsFieldOf(schemas, heading, names)) {
      ++fields;
    }
  }
  return fields > 0 && (keys + fields > 1 || total == 1);
}

v1::Finding DescribeNoSheet(const std::string& name, const SourceTables& sheets) {
  return FileFinding(
      "no-sheet", name, 0,
      absl::StrCat("No sheet of the workbook has a heading that fits a return: ", ListOfSheets(sheets), "."),
      "The first row of a sheet should hold the headings: participant, period and the fields; "
      "'qm template' makes such a workbook.");
}

std::string DescribeHidden(const SourceTable& sheet) {
  const HiddenCells& hidden = sheet.table().hidden();
  std::vector<std::string> parts;
  if (hidden.is_whole_sheet) parts.push_back("the whole sheet");
  if (hidden.row_count > 0) {
    parts.push_back(absl::StrCat(Count(hidden.row_count, "row"), " from row ", hidden.first_row, " on"));
  }
  for (size_t i = 0; i < hidden.columns.size() && i < kMaxListed; ++i) {
    parts.push_back(absl::StrCat("column ", DescribeColumn(sheet.table(), hidden.columns[i])));
  }
  if (hidden.columns.size() > kMaxListed) {
    parts.push_back(absl::StrCat(Count(hidden.columns.size() - kMaxListed, "more column")));
  }
  return absl::StrCat(sheet.place().Describe(),
                      ": read like all others, though the spreadsheet hides them: ", absl::StrJoin(parts, ", "), ".");
}

std::string DescribeLeftOut(const SourceTables& sheets) {
  return absl::StrCat(sheets.front()->place().file, ": left out, since the headings fit no return: ",
                      sheets.size() == 1 ? "the sheet " : "the sheets ", ListOfSheets(sheets), ".");
}

}  // namespace quartermaster::client
