#include "client/cell_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/formula_guard.h"
#include "client/hidden_characters.h"
#include "client/text.h"

namespace quartermaster::client {

std::string TablePlace::Describe() const { return is_sheet() ? absl::StrCat(file, " sheet ", sheet) : file; }

void TablePlace::Set(v1::Finding* finding) const {
  finding->set_file(file);
  finding->set_sheet(sheet);
}

CellTableBuilder::CellTableBuilder(TablePlace place, CellTable::Kind kind)
    : place_(std::move(place)), table_(std::make_shared<CellTable>()) {
  table_->kind_ = kind;
  table_->cell_ends_.push_back(0);
}

// A row's cells are appended to the table as they come, and taken off again if the row turns out to be blank or is not
// to be kept.
void CellTableBuilder::AddCell(absl::string_view text, bool is_without_value) {
  if (is_stopped()) return;
  text = UnguardFormula(Trim(text));
  if (is_without_value) table_->without_value_.insert(static_cast<uint32_t>(cell_count()));
  ++row_cells_;
  row_has_text_ = row_has_text_ || !text.empty();
  table_->text_.append(text.data(), text.size());
  table_->cell_ends_.push_back(static_cast<uint32_t>(table_->text_.size()));
}

void CellTableBuilder::EndRow(uint32_t number, bool is_padded, bool is_hidden) {
  if (is_stopped()) return;
  if (!row_has_text_) {
    DropRow();
  } else if (!has_heading()) {
    TakeHeading(number);
  } else {
    while (is_padded && row_cells_ < table_->headings_.size()) AddCell("");
    TakeRow(number);
    if (is_hidden && table_->hidden_.row_count++ == 0) table_->hidden_.first_row = number;
  }
  row_cells_ = 0;
  row_has_text_ = false;
}

void CellTableBuilder::NoteHidden(const std::vector<bool>& columns, bool is_whole_sheet) {
  table_->hidden_.is_whole_sheet = is_whole_sheet;
  for (size_t column = 0; column < std::min(columns.size(), table_->headings_.size()); ++column) {
    if (columns[column] && !table_->headings_[column].empty()) table_->hidden_.columns.push_back(column);
  }
}

void CellTableBuilder::Stop(v1::Finding reason) {
  if (!stopped_) stopped_ = std::move(reason);
}

TableResult CellTableBuilder::Finish() {
  const absl::string_view noun = place_.is_sheet() ? "sheet" : "file";
  if (!has_heading()) {
    Stop(FileFinding("empty-file", place_, 0, absl::StrCat("The ", noun, " is empty."),
                     "Its first row should hold the headings: participant, period and the fields."));
  }
  if (table_->rows_.empty() && table_->ragged_rows_.empty()) {
    Stop(FileFinding("empty-file", place_, 0, absl::StrCat("The ", noun, " has a heading and no rows below it."),
                     "Give a row for each return."));
  }
  if (stopped_) return {nullptr, {*std::move(stopped_)}};
  return {table_, {}};
}

absl::string_view CellTableBuilder::RowCell(size_t column) const {
  const size_t first = cell_count() - row_cells_;
  const uint32_t begin = table_->cell_ends_[first + column];
  return absl::string_view(table_->text_).substr(begin, table_->cell_ends_[first + column + 1] - begin);
}

void CellTableBuilder::DropRow() {
  const size_t first = cell_count() - row_cells_;
  for (size_t cell = first; cell < cell_count() && !table_->without_value_.empty(); ++cell) {
    table_->without_value_.erase(static_cast<uint32_t>(cell));
  }
  table_->cell_ends_.resize(first + 1);
  table_->text_.resize(table_->cell_ends_.back());
}

void CellTableBuilder::TakeHeading(uint32_t number) {
  std::vector<std::string> headings;
  for (size_t column = 0; column < row_cells_; ++column) headings.push_back(VisibleText(RowCell(column)));
  DropRow();
  while (!headings.empty() && headings.back().empty()) headings.pop_back();
  if (headings.empty()) return;  // Only characters that nobody sees.
  table_->heading_row_number_ = number;
  table_->headings_ = std::move(headings);
  CheckHeadings();
}

void CellTableBuilder::CheckHeadings() {
  std::vector<std::pair<std::string, size_t>> sorted;
  for (size_t column = 0; column < table_->headings_.size(); ++column) {
    const std::string& heading = table_->headings_[column];
    if (!heading.empty()) sorted.emplace_back(absl::AsciiStrToLower(heading), column);
  }
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].first != sorted[i - 1].first) continue;
    v1::Finding reason = FileFinding("duplicate-heading", place_, table_->heading_row_number_,
                                     absl::StrCat("Columns ", ColumnLetters(sorted[i - 1].second), " and ",
                                                  ColumnLetters(sorted[i].second), " have the same heading."),
                                     "Keep one of the two columns.");
    SetColumn(*table_, sorted[i].second, &reason);
    return Stop(std::move(reason));
  }
}

void CellTableBuilder::TakeRow(uint32_t number) {
  const size_t columns = table_->headings_.size();
  size_t misplaced = row_cells_;  // The first value that has no heading.
  size_t end = 0;                 // Past the last value.
  for (size_t column = 0; column < row_cells_; ++column) {
    if (RowCell(column).empty()) continue;
    end = column + 1;
    const bool has_heading = column < columns && !table_->headings_[column].empty();
    if (!has_heading && misplaced == row_cells_) misplaced = column;
  }
  const uint32_t first_cell = static_cast<uint32_t>(cell_count() - row_cells_);
  if (row_cells_ >= columns && misplaced == row_cells_) {
    // Blank cells past the last heading are the tail that spreadsheets write.
    table_->cell_ends_.resize(table_->cell_ends_.size() - (row_cells_ - columns));
    table_->rows_.push_back({number, first_cell});
    return;
  }
  RaggedShape shape{end > columns ? static_cast<int>(end - columns) : 0, misplaced};
  if (row_cells_ < columns) shape = {static_cast<int>(row_cells_) - static_cast<int>(columns), row_cells_};
  ++table_->ragged_shapes_[shape];
  table_->ragged_rows_.push_back({number, shape});
  table_->ragged_cells_.push_back({first_cell, static_cast<uint32_t>(row_cells_)});
}

std::string CellTable::ColumnName(size_t column) const {
  if (column < headings_.size() && !headings_[column].empty()) return headings_[column];
  return ColumnLetters(column);
}

absl::string_view CellTable::CellAt(size_t index) const {
  return absl::string_view(text_).substr(cell_ends_[index], cell_ends_[index + 1] - cell_ends_[index]);
}

absl::string_view CellTable::cell(size_t row, size_t column) const { return CellAt(rows_[row].first_cell + column); }

bool CellTable::IsWithoutValue(size_t row, size_t column) const {
  return !without_value_.empty() && without_value_.contains(static_cast<uint32_t>(rows_[row].first_cell + column));
}

std::vector<absl::string_view> CellTable::RaggedCells(size_t ragged_row) const {
  std::vector<absl::string_view> cells;
  for (size_t i = 0; i < RaggedCellCount(ragged_row); ++i) cells.push_back(RaggedCell(ragged_row, i));
  return cells;
}

v1::Finding FileFinding(absl::string_view rule_id, const TablePlace& place, uint32_t row, std::string message,
                        std::string hint) {
  v1::Finding finding;
  finding.set_rule_id(std::string(rule_id));
  finding.set_class_(schema::v1::CLASS_STRUCTURE);
  finding.set_severity(schema::v1::SEVERITY_ERROR);
  place.Set(&finding);
  if (row != 0) finding.set_row(row);
  finding.set_message(std::move(message));
  finding.set_hint(std::move(hint));
  return finding;
}

std::string GivenText(absl::string_view text) { return std::string(FirstCharacters(text, kMaxGivenCharacters)); }

void SetColumn(const CellTable& table, size_t column, v1::Finding* finding) {
  finding->set_column(table.ColumnName(column));
  if (table.kind() == CellTable::Kind::kSheet) finding->set_column_letter(ColumnLetters(column));
}

std::string DescribeColumn(absl::string_view name, absl::string_view letters) {
  if (letters.empty() || name == letters) return std::string(name);
  return absl::StrCat(name, " (", letters, ")");
}

std::string DescribeColumn(const CellTable& table, size_t column) {
  return DescribeColumn(table.ColumnName(column), table.kind() == CellTable::Kind::kSheet ? ColumnLetters(column) : "");
}

}  // namespace quartermaster::client
