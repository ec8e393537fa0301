// Finds the parts of a published sheet. How they are described is in published_sheet_text.cc.
#include "client/published_sheet.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cell_value.h"
#include "client/raw_sheet.h"
#include "re2/re2.h"
#include "validation/period.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxRowsAboveData =
    100;                              // Titles fill half a screen; whatever has more above its data is something else.
constexpr size_t kMinTableCells = 3;  // A row of fewer could be a title with what it says.
constexpr size_t kRowsLookedAhead = 6;  // Data goes on below its first row.

using DataColumn = std::vector<absl::string_view>;  // The cells of the data, top down.

size_t FilledCells(const RawRow& row) {
  return static_cast<size_t>(
      std::count_if(row.begin(), row.end(), [](const std::string& cell) { return !cell.empty(); }));
}

absl::string_view CellOf(const RawRow& row, size_t column) {
  return column < row.size() ? absl::string_view(row[column]) : absl::string_view();
}

// Marks that statisticians write where there is no value.
bool IsNoValueMark(absl::string_view text) {
  return text == "-" || text == "\xE2\x80\x93" || text == ".." || text == ":" || text == "." || text == "*" ||
         absl::EqualsIgnoreCase(text, "n/a");
}

// Also with separators and a percent sign, as sheets show numbers. A year may well be a heading.
bool IsFigure(absl::string_view text) {
  static const RE2& year = *new RE2("(19|20)[0-9]{2}");
  const std::string plain = absl::StrReplaceAll(text, {{",", ""}, {"%", ""}, {"\xC2\xA3", ""}});
  return ParseNumber(plain) && !RE2::FullMatch(plain, year);
}

size_t Figures(const RawRow& row) { return static_cast<size_t>(std::count_if(row.begin(), row.end(), IsFigure)); }

bool IsDataRow(const RawRow& row) { return FilledCells(row) >= kMinTableCells && 3 * Figures(row) >= FilledCells(row); }

bool HasCell(const RawRow& row, absl::string_view text) {
  return std::any_of(row.begin(), row.end(),
                     [text](const std::string& cell) { return absl::EqualsIgnoreCase(cell, text); });
}

// Whether the first row is a heading of ours, however wrong the rest of the file is.
bool IsOurHeading(const RawRow& row) {
  return HasCell(row, "participant") || (HasCell(row, "field") && HasCell(row, "value")) ||
         (HasCell(row, "period") && row.size() >= kMinTableCells);
}

bool LooksLikeCode(absl::string_view text) {
  return ParticipantCodeProblem(text).empty() && std::any_of(text.begin(), text.end(), absl::ascii_isupper);
}

// The month that a cell names, from 1; 0 if none.
int MonthOf(absl::string_view text) {
  constexpr absl::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                           "july",    "august",   "september", "october", "november", "december"};
  const std::string word = absl::AsciiStrToLower(text);
  for (int i = 0; i < 12; ++i) {
    if (word.size() >= 3 && absl::StartsWith(kMonths[i], word)) return i + 1;
  }
  return 0;
}

// The calendar year in which a financial year starts that is written 2018-19, 2018/19 or 2018/2019; 0 if it is none.
int FinancialYearOf(absl::string_view text) {
  static const RE2& pattern = *new RE2("(20[0-9]{2})[-/](20)?([0-9]{2})");
  int start = 0;
  int end = 0;
  const bool matches = RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &start, nullptr, &end);
  return matches && end == (start + 1) % 100 ? start : 0;
}

// The financial quarter that a cell names: Q2, Quarter 2; 0 if none.
int QuarterOf(absl::string_view text) {
  static const RE2& pattern = *new RE2("(?i)q(?:uarter)? ?([1-4])");
  int quarter = 0;
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &quarter) ? quarter : 0;
}

// Whether at most one in ten of the cells that are filled fails the test.
template <typename Test>
bool NearlyAll(const DataColumn& cells, const Test& test) {
  const size_t filled = cells.size() - static_cast<size_t>(std::count(cells.begin(), cells.end(), ""));
  size_t failed = 0;
  for (const absl::string_view cell : cells) {
    if (!cell.empty() && !test(cell) && 10 * ++failed > filled) return false;
  }
  return filled > 0;
}

class SheetRecogniser {
 public:
  explicit SheetRecogniser(const std::vector<RawRow>& rows) : rows_(rows) {}

  absl::optional<PublishedSheet> Recognise() {
    if (!FindHeading()) return absl::nullopt;
    FindGroups();
    if (!FindTitles()) return absl::nullopt;
    if (!FindData()) return absl::nullopt;
    FindParticipant();
    FindPeriod();
    FindTotals();
    FindBlanks();
    return std::move(sheet_);
  }

 private:
  const RawRow& RowAt(uint32_t number) const { return rows_[number - 1]; }
  uint32_t LastFilledRow() const {
    uint32_t last = static_cast<uint32_t>(rows_.size());
    while (last > 0 && RowAt(last).empty()) --last;
    return last;
  }

  // The last row before the first figures, if it is a row of texts as wide as a table.
  bool FindHeading() {
    uint32_t above = 0;  // The last row that is not blank.
    for (uint32_t row = 1; row <= rows_.size() && row <= kMaxRowsAboveData; ++row) {
      if (RowAt(row).empty()) continue;
      if (above > 0 && IsDataRow(RowAt(row)) && GoesOn(row)) {
        const RawRow& heading = RowAt(above);
        if (FilledCells(heading) < kMinTableCells || Figures(heading) > 0) return false;
        sheet_.heading_row = above;
        sheet_.headings = heading;
        return true;
      }
      above = row;
    }
    return false;
  }

  // Whether there is more data below a row of data.
  bool GoesOn(uint32_t row) const {
    size_t seen = 0;
    for (uint32_t next = row + 1; next <= rows_.size() && seen < kRowsLookedAhead; ++next) {
      if (RowAt(next).empty()) continue;
      if (IsDataRow(RowAt(next))) return true;
      ++seen;
    }
    return false;
  }

  // A row right above the heading whose texts each stand over several columns.
  void FindGroups() {
    if (sheet_.heading_row < 2) return;
    const uint32_t above = sheet_.heading_row - 1;
    const RawRow& row = RowAt(above);
    if (row.empty() || Figures(row) > 0 || FilledCells(row) >= FilledCells(sheet_.headings)) return;
    const auto first_filled = [](const RawRow& cells) {
      return std::find_if(cells.begin(), cells.end(), [](const std::string& cell) { return !cell.empty(); }) -
             cells.begin();
    };
    // A text over everything is a title.
    if (FilledCells(row) == 1 && first_filled(row) <= first_filled(sheet_.headings)) return;
    std::vector<PublishedSheet::Group> groups;
    for (size_t column = 0; column < sheet_.headings.size(); ++column) {
      if (!CellOf(row, column).empty()) groups.push_back({std::string(CellOf(row, column)), column, column, {}});
      if (groups.empty() || sheet_.headings[column].empty()) continue;
      groups.back().last_column = column;
      groups.back().headings.push_back(sheet_.headings[column]);
    }
    const bool any_covers_several =
        std::any_of(groups.begin(), groups.end(), [](const auto& group) { return group.headings.size() > 1; });
    if (!any_covers_several) return;
    sheet_.group_row = above;
    sheet_.groups = std::move(groups);
  }

  // Rows above the heading are titles, unless one is as wide as a table. Gives false where the file has no sign of a
  // published sheet.
  bool FindTitles() {
    const uint32_t first = sheet_.group_row > 0 ? sheet_.group_row : sheet_.heading_row;
    for (uint32_t row = 1; row < first; ++row) {
      if (RowAt(row).empty()) continue;
      if (2 * FilledCells(RowAt(row)) > FilledCells(sheet_.headings)) return false;
      sheet_.title_rows.push_back(row);
    }
    return !sheet_.title_rows.empty() || sheet_.group_row > 0;
  }

  // Gives false where all rows below the heading are too short to be data of this sheet.
  bool FindData() {
    std::map<std::string, size_t> marks;
    const uint32_t last = LastFilledRow();
    for (uint32_t row = sheet_.heading_row + 1; row <= last; ++row) {
      if (RowAt(row).empty()) continue;
      if (2 * FilledCells(RowAt(row)) < FilledCells(sheet_.headings)) {
        sheet_.note_rows.push_back(row);
        continue;
      }
      data_.push_back(row);
      for (const std::string& cell : RowAt(row)) {
        if (IsNoValueMark(cell)) ++marks[cell];
      }
    }
    for (const auto& [mark, cells] : marks) {
      if (cells <= sheet_.no_value_cells) continue;
      sheet_.no_value_mark = mark;
      sheet_.no_value_cells = cells;
    }
    return !data_.empty();
  }

  DataColumn Cells(size_t column) const {
    DataColumn cells;
    for (const uint32_t row : data_) cells.push_back(CellOf(RowAt(row), column));
    return cells;
  }

  // The column of codes that differ from row to row; a region has a code as well, but many rows share it.
  void FindParticipant() {
    size_t most = 0;
    for (size_t column = 0; column < sheet_.headings.size(); ++column) {
      const DataColumn cells = Cells(column);
      if (!NearlyAll(cells, LooksLikeCode)) continue;
      std::set<absl::string_view> different(cells.begin(), cells.end());
      different.erase("");
      const size_t filled = cells.size() - static_cast<size_t>(std::count(cells.begin(), cells.end(), ""));
      if (10 * different.size() < 9 * filled || different.size() <= most) continue;
      most = different.size();
      sheet_.participant_column = column;
    }
  }

  void FindPeriod() {
    absl::optional<size_t> year, month, quarter;
    for (size_t column = 0; column < sheet_.headings.size(); ++column) {
      const DataColumn cells = Cells(column);
      if (NearlyAll(cells, [](absl::string_view cell) { return Period::Parse(cell).ok(); })) {
        sheet_.period_columns = {column};
        return;
      }
      if (!year && NearlyAll(cells, FinancialYearOf)) year = column;
      if (!month && NearlyAll(cells, MonthOf)) month = column;
      if (!quarter && NearlyAll(cells, QuarterOf)) quarter = column;
    }
    const absl::optional<size_t>& part = quarter ? quarter : month;
    if (!year || !part) return;
    sheet_.period_columns = {std::min(*year, *part), std::max(*year, *part)};
    for (const uint32_t row : data_) {
      const int start = FinancialYearOf(CellOf(RowAt(row), *year));
      const int named_quarter = QuarterOf(CellOf(RowAt(row), *part));
      const int named_month = MonthOf(CellOf(RowAt(row), *part));
      if (start == 0 || (named_quarter == 0 && named_month == 0)) continue;
      if (named_quarter > 0) {
        sheet_.period_periods = {Period::Quarter(start, named_quarter).ToString()};
        return;
      }
      const Period of_month = Period::Month(named_month < 4 ? start + 1 : start, named_month);
      if (named_month % 3 == 0) sheet_.period_periods.push_back(of_month.Container().ToString());
      sheet_.period_periods.push_back(of_month.ToString());
      return;
    }
  }

  // Rows of figures that are nobody's.
  void FindTotals() {
    for (const uint32_t row : data_) {
      if (sheet_.participant_column && CellOf(RowAt(row), *sheet_.participant_column).empty()) {
        sheet_.totals.push_back({row, NameOf(row)});
        continue;
      }
      if (sheet_.first_data_row == 0) sheet_.first_data_row = row;
      sheet_.last_data_row = row;
    }
  }

  // The first text of a row that is no part of its period.
  std::string NameOf(uint32_t row) const {
    for (size_t column = 0; column < RowAt(row).size(); ++column) {
      const absl::string_view cell = CellOf(RowAt(row), column);
      const bool of_period = std::count(sheet_.period_columns.begin(), sheet_.period_columns.end(), column) > 0;
      if (!cell.empty() && !of_period && !IsFigure(cell) && !IsNoValueMark(cell)) return std::string(cell);
    }
    return "";
  }

  void FindBlanks() {
    const uint32_t last = LastFilledRow();
    for (uint32_t row = sheet_.heading_row + 1; row < last; ++row) {
      if (RowAt(row).empty()) sheet_.blank_rows.push_back(row);
    }
    if (last < rows_.size()) sheet_.blank_tail_row = last + 1;
    for (size_t column = 0; column < sheet_.headings.size(); ++column) {
      const DataColumn cells = Cells(column);
      const bool blank = std::all_of(cells.begin(), cells.end(), [](absl::string_view cell) { return cell.empty(); });
      if (blank && sheet_.headings[column].empty()) sheet_.blank_columns.push_back(column);
    }
  }

  const std::vector<RawRow>& rows_;
  std::vector<uint32_t> data_;  // with the totals
  PublishedSheet sheet_;
};

}  // namespace

absl::optional<PublishedSheet> RecognisePublishedSheet(absl::string_view bytes) {
  const absl::optional<std::vector<RawRow>> first = ReadRawSheet(bytes, 1);
  if (!first || first->empty() || IsOurHeading(first->back())) return absl::nullopt;
  const absl::optional<std::vector<RawRow>> rows = ReadRawSheet(bytes);
  if (!rows) return absl::nullopt;
  return SheetRecogniser(*rows).Recognise();
}

absl::optional<PublishedSheet> RecognisePublishedSheet(const CellTable& table) {
  const absl::optional<std::vector<RawRow>> rows = RawRowsOf(table);
  if (!rows || IsOurHeading(table.headings())) return absl::nullopt;
  return SheetRecogniser(*rows).Recognise();
}

}  // namespace quartermaster::client
