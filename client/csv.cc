// libcsv in strict mode tells cells and rows apart; this file counts them and names what is wrong. libcsv calls back
// from C, so nothing here throws.
#include "client/csv.h"

#include <csv.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "client/file_kind.h"
#include "client/formula_guard.h"
#include "client/hidden_characters.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kSaveAsUtf8 =
    "In Excel choose File, Save As, and the type \"CSV UTF-8 (Comma delimited)\".";

}  // namespace

// The state of one reading. A row's cells are appended to the table as they come, and taken off again if the row turns
// out to be blank or is not to be kept.
class CsvReader {
 public:
  explicit CsvReader(std::string file_name) : file_name_(std::move(file_name)), table_(std::make_shared<CsvTable>()) {
    table_->cell_ends_.push_back(0);
  }

  CsvResult Read(absl::string_view bytes);

 private:
  static void OnCell(void* bytes, size_t size, void* self) {
    static_cast<CsvReader*>(self)->AddCell(
        UnguardFormula(Trim(absl::string_view(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size))));
  }
  static void OnRowEnd(int character, void* self) { static_cast<CsvReader*>(self)->EndRow(character); }

  void AddCell(absl::string_view text);
  void EndRow(int character);
  void TakeHeading();
  void TakeRow();
  absl::string_view RowCell(size_t column) const;
  void DropRow();
  void Stop(v1::Finding reason);
  // A reason to stop at the cell in which the reading stands.
  void StopHere(absl::string_view rule_id, std::string message, std::string hint) {
    v1::Finding reason = FileFinding(rule_id, file_name_, row_number_, std::move(message), std::move(hint));
    SetColumn(*table_, row_cells_, &reason);
    Stop(std::move(reason));
  }

  const std::string file_name_;
  const std::shared_ptr<CsvTable> table_;
  absl::optional<v1::Finding> stopped_;  // Nothing after it is looked at.
  bool have_heading_ = false;
  uint32_t row_number_ = 1;
  size_t row_cells_ = 0;
  bool row_has_text_ = false;
  bool after_carriage_return_ = false;
};

CsvResult CsvReader::Read(absl::string_view bytes) {
  csv_parser parser;
  // REPALL_NL: blank lines are reported too, so that rows are counted as a spreadsheet counts them.
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
    return {nullptr,
            {FileFinding("not-csv", file_name_, 0, "There is not enough memory to read the file.", "Split the file.")}};
  }
  csv_set_blk_size(&parser, 64 * 1024);  // A cell that never ends grows in steps of this many bytes.
  const size_t parsed = csv_parse(&parser, bytes.data(), bytes.size(), OnCell, OnRowEnd, this);
  if (parsed != bytes.size()) {
    StopHere("quotes", "A quotation mark stands in the middle of a cell.",
             "Put the whole cell in quotation marks and double those within it: \"the \"\"old\"\" ward\".");
  } else if (csv_fini(&parser, OnCell, OnRowEnd, this) != 0) {
    StopHere("quotes", "A quotation mark opens this cell and none closes it before the end of the file.",
             "Close the cell with a quotation mark, or take the first one out.");
  }
  csv_free(&parser);

  if (!stopped_ && !have_heading_) {
    Stop(FileFinding("empty-file", file_name_, 0, "The file is empty.",
                     "Its first row should hold the headings: participant, period and the fields."));
  }
  if (!stopped_ && table_->rows_.empty() && table_->ragged_rows_.empty()) {
    Stop(FileFinding("empty-file", file_name_, 0, "The file has a heading and no rows below it.",
                     "Give a row for each return."));
  }
  if (stopped_) return {nullptr, {*std::move(stopped_)}};
  return {table_, {}};
}

void CsvReader::Stop(v1::Finding reason) {
  if (!stopped_) stopped_ = std::move(reason);
}

void CsvReader::AddCell(absl::string_view text) {
  after_carriage_return_ = false;
  if (stopped_) return;
  if (row_cells_ >= kMaxColumns) {
    return Stop(FileFinding("too-many-columns", file_name_, row_number_,
                            absl::StrCat("The row has more than ", kMaxColumns, " cells."), "Split the file."));
  }
  if (!IsUtf8(text)) {
    return StopHere("encoding", "The cell has characters that are not UTF-8; the file is probably in Windows-1252.",
                    std::string(kSaveAsUtf8));
  }
  ++row_cells_;
  row_has_text_ = row_has_text_ || !text.empty();
  table_->text_.append(text.data(), text.size());
  table_->cell_ends_.push_back(static_cast<uint32_t>(table_->text_.size()));
}

void CsvReader::EndRow(int character) {
  // The LF of a CRLF ends nothing of its own.
  if (character == '\n' && after_carriage_return_) {
    after_carriage_return_ = false;
    return;
  }
  after_carriage_return_ = character == '\r';
  if (stopped_) return;
  if (!row_has_text_) {
    DropRow();
  } else if (!have_heading_) {
    TakeHeading();
  } else {
    TakeRow();
  }
  ++row_number_;
  row_cells_ = 0;
  row_has_text_ = false;
}

absl::string_view CsvReader::RowCell(size_t column) const {
  const size_t first = table_->cell_ends_.size() - 1 - row_cells_;
  const uint32_t begin = table_->cell_ends_[first + column];
  return absl::string_view(table_->text_).substr(begin, table_->cell_ends_[first + column + 1] - begin);
}

void CsvReader::DropRow() {
  table_->cell_ends_.resize(table_->cell_ends_.size() - row_cells_);
  table_->text_.resize(table_->cell_ends_.back());
}

void CsvReader::TakeHeading() {
  std::vector<std::string> headings;
  for (size_t column = 0; column < row_cells_; ++column) headings.push_back(VisibleText(RowCell(column)));
  const std::string first(RowCell(0));  // With its tabs.
  DropRow();
  while (!headings.empty() && headings.back().empty()) headings.pop_back();
  if (headings.empty()) return;  // Only characters that nobody sees.
  have_heading_ = true;
  table_->heading_row_number_ = row_number_;

  if (headings.size() == 1) {
    for (const auto& [separator, name] :
         {std::pair(';', "semicolons"), std::pair('\t', "tabs"), std::pair('|', "bars")}) {
      if (first.find(separator) == std::string::npos) continue;
      return Stop(FileFinding("separator", file_name_, row_number_,
                              absl::StrCat("The cells are separated by ", name, "; they must be separated by commas."),
                              std::string(kSaveAsUtf8)));
    }
  }
  table_->headings_ = headings;
  std::vector<std::pair<std::string, size_t>> sorted;
  for (size_t column = 0; column < headings.size(); ++column) {
    if (!headings[column].empty()) sorted.emplace_back(absl::AsciiStrToLower(headings[column]), column);
  }
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].first != sorted[i - 1].first) continue;
    v1::Finding reason = FileFinding("duplicate-heading", file_name_, row_number_,
                                     absl::StrCat("Columns ", ColumnLetters(sorted[i - 1].second), " and ",
                                                  ColumnLetters(sorted[i].second), " have the same heading."),
                                     "Keep one of the two columns.");
    SetColumn(*table_, sorted[i].second, &reason);
    return Stop(std::move(reason));
  }
}

void CsvReader::TakeRow() {
  const size_t columns = table_->headings_.size();
  size_t misplaced = row_cells_;  // The first value that has no heading.
  size_t end = 0;                 // Past the last value.
  for (size_t column = 0; column < row_cells_; ++column) {
    if (RowCell(column).empty()) continue;
    end = column + 1;
    const bool has_heading = column < columns && !table_->headings_[column].empty();
    if (!has_heading && misplaced == row_cells_) misplaced = column;
  }
  const uint32_t first_cell = static_cast<uint32_t>(table_->cell_ends_.size() - 1 - row_cells_);
  if (row_cells_ >= columns && misplaced == row_cells_) {
    // Blank cells past the last heading are the tail that spreadsheets write.
    table_->cell_ends_.resize(table_->cell_ends_.size() - (row_cells_ - columns));
    table_->rows_.push_back({row_number_, first_cell});
    return;
  }
  RaggedShape shape{end > columns ? static_cast<int>(end - columns) : 0, misplaced};
  if (row_cells_ < columns) shape = {static_cast<int>(row_cells_) - static_cast<int>(columns), row_cells_};
  ++table_->ragged_shapes_[shape];
  table_->ragged_rows_.push_back({row_number_, shape});
  table_->ragged_cells_.push_back({first_cell, static_cast<uint32_t>(row_cells_)});
}

std::string CsvTable::ColumnName(size_t column) const {
  if (column < headings_.size() && !headings_[column].empty()) return headings_[column];
  return ColumnLetters(column);
}

absl::string_view CsvTable::CellAt(size_t index) const {
  return absl::string_view(text_).substr(cell_ends_[index], cell_ends_[index + 1] - cell_ends_[index]);
}

absl::string_view CsvTable::cell(size_t row, size_t column) const { return CellAt(rows_[row].first_cell + column); }

std::vector<absl::string_view> CsvTable::RaggedCells(size_t ragged_row) const {
  const CellRange& range = ragged_cells_[ragged_row];
  std::vector<absl::string_view> cells;
  for (uint32_t i = 0; i < range.count; ++i) cells.push_back(CellAt(range.first + i));
  return cells;
}

absl::string_view WithoutExcelPrefix(absl::string_view bytes) {
  absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF");
  absl::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
  const size_t line_size = line.size();
  // Excel's own lines have no quotation marks; those of other programs may.
  if (absl::ConsumePrefix(&line, "\"")) absl::ConsumeSuffix(&line, "\"");
  constexpr size_t kLineCharacters = sizeof("sep=,") - 1;
  while (line.size() > kLineCharacters && line.back() == ',') line.remove_suffix(1);  // The blank cells of a table.
  if (line.size() != kLineCharacters || !absl::StartsWithIgnoreCase(line, "sep=")) return bytes;
  bytes.remove_prefix(line_size);
  if (!absl::ConsumePrefix(&bytes, "\r\n") && !bytes.empty()) bytes.remove_prefix(1);
  return bytes;
}

CsvResult ReadCsv(const std::string& file_name, absl::string_view bytes) {
  if (const absl::optional<NotCsv> other = RecogniseOtherFile(bytes)) {
    return {nullptr, {FileFinding(other->rule_id, file_name, 0, other->message, other->hint)}};
  }
  return CsvReader(file_name).Read(WithoutExcelPrefix(bytes));
}

v1::Finding FileFinding(absl::string_view rule_id, const std::string& file_name, uint32_t row, std::string message,
                        std::string hint) {
  v1::Finding finding;
  finding.set_rule_id(std::string(rule_id));
  finding.set_class_(schema::v1::CLASS_STRUCTURE);
  finding.set_severity(schema::v1::SEVERITY_ERROR);
  finding.set_file(file_name);
  if (row != 0) finding.set_row(row);
  finding.set_message(std::move(message));
  finding.set_hint(std::move(hint));
  return finding;
}

std::string GivenText(absl::string_view text) { return std::string(FirstCharacters(text, kMaxGivenCharacters)); }

void SetColumn(const CsvTable& table, size_t column, v1::Finding* finding) {
  finding->set_column(table.ColumnName(column));
  finding->set_column_letter(ColumnLetters(column));
}

std::string DescribeColumn(absl::string_view name, absl::string_view letters) {
  if (letters.empty() || name == letters) return std::string(name);
  return absl::StrCat(name, " (", letters, ")");
}

std::string DescribeColumn(const CsvTable& table, size_t column) {
  return DescribeColumn(table.ColumnName(column), ColumnLetters(column));
}

}  // namespace quartermaster::client
