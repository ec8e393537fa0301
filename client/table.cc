#include "client/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "client/formula_guard.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kGap = "  ";

std::string Pad(const std::string& text, size_t width, bool left) {
  const size_t own = DisplayWidth(text);
  const std::string padding(width > own ? width - own : 0, ' ');
  return left ? padding + text : text + padding;
}

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

}  // namespace

void PrintAligned(const Table& table, std::ostream& out) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns) lines[0].push_back(column.heading);
  for (const std::vector<std::string>& row : table.rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(cell.empty() ? "-" : Printable(cell));
  }
  std::vector<size_t> widths(table.columns.size());
  for (const std::vector<std::string>& line : lines) {
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(line[i]));
  }
  for (const std::vector<std::string>& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : kGap, Pad(line[i], widths[i], table.columns[i].is_number));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

void PrintCsvRow(const std::vector<std::string>& cells, std::ostream& out) {
  for (size_t i = 0; i < cells.size(); ++i) out << (i == 0 ? "" : ",") << Quoted(GuardFormula(cells[i]));
  out << '\n';
}

void PrintCsvHeadings(const std::vector<Column>& columns, std::ostream& out) {
  std::vector<std::string> headings;
  for (const Column& column : columns) headings.push_back(column.heading);
  PrintCsvRow(headings, out);
}

void PrintCsv(const Table& table, std::ostream& out) {
  PrintCsvHeadings(table.columns, out);
  for (const std::vector<std::string>& row : table.rows) PrintCsvRow(row, out);
}

std::string FormatNumber(absl::optional<double> value, uint32_t decimals) {
  if (!value) return "";
  constexpr uint32_t kMostDecimals = 9;
  std::string text = absl::StrFormat("%.*f", static_cast<int>(std::min(decimals, kMostDecimals)), *value);
  if (text.find_first_not_of("-0.") == std::string::npos && text[0] == '-') text.erase(0, 1);
  return text;
}

std::string FormatExact(absl::optional<double> value) {
  if (!value) return "";
  // Of what is far past any value of a return the digits tell nothing.
  const double magnitude = std::fabs(*value);
  const bool is_plain = magnitude == 0 || (magnitude >= 1e-9 && magnitude < 1e15);
  char buffer[64];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, *value,
                                                 is_plain ? std::chars_format::fixed : std::chars_format::general);
  return std::string(buffer, end.ptr);
}

}  // namespace quartermaster::client
