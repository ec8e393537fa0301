#include "client/raw_sheet.h"

#include <csv.h>

#include <utility>

#include "client/formula_guard.h"
#include "client/text.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

class SheetReader {
 public:
  explicit SheetReader(size_t max_filled_rows) : max_filled_rows_(max_filled_rows) {}

  absl::optional<std::vector<RawRow>> Read(absl::string_view bytes) {
    csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) return absl::nullopt;
    // In steps, so that a look at the first row does not read the whole file.
    constexpr size_t kStepBytes = 16 * 1024;
    while (!bytes.empty() && !IsDone() && !failed_) {
      const absl::string_view step = bytes.substr(0, kStepBytes);
      if (csv_parse(&parser, step.data(), step.size(), OnCell, OnRowEnd, this) != step.size()) failed_ = true;
      bytes.remove_prefix(step.size());
    }
    if (!IsDone() && !failed_) failed_ = csv_fini(&parser, OnCell, OnRowEnd, this) != 0;
    csv_free(&parser);
    if (failed_) return absl::nullopt;
    return std::move(rows_);
  }

 private:
  bool IsDone() const { return filled_rows_ >= max_filled_rows_; }

  static void OnCell(void* bytes, size_t size, void* self) {
    static_cast<SheetReader*>(self)->AddCell(
        UnguardFormula(Trim(absl::string_view(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size))));
  }
  static void OnRowEnd(int character, void* self) { static_cast<SheetReader*>(self)->EndRow(character); }

  void AddCell(absl::string_view text) {
    after_carriage_return_ = false;
    if (IsDone() || failed_) return;
    ++row_cells_;
    if (text.empty()) return;
    cells_ += row_cells_ - row_.size();
    failed_ = cells_ > kMaxSheetCells || !IsUtf8(text);
    if (failed_) return;
    row_.resize(row_cells_);
    row_.back().assign(text.data(), text.size());
  }

  void EndRow(int character) {
    // The LF of a CRLF ends nothing of its own.
    const bool continues = character == '\n' && after_carriage_return_;
    after_carriage_return_ = character == '\r';
    if (continues || IsDone() || failed_) return;
    if (!row_.empty()) ++filled_rows_;
    rows_.push_back(std::exchange(row_, {}));
    row_cells_ = 0;
    failed_ = rows_.size() > kMaxSheetRows;
  }

  const size_t max_filled_rows_;
  std::vector<RawRow> rows_;
  RawRow row_;
  size_t row_cells_ = 0;  // with the blank ones at the end
  size_t cells_ = 0;
  size_t filled_rows_ = 0;
  bool after_carriage_return_ = false;
  bool failed_ = false;
};

}  // namespace

absl::optional<std::vector<RawRow>> ReadRawSheet(absl::string_view bytes, size_t max_filled_rows) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  return SheetReader(max_filled_rows).Read(bytes);
}

absl::optional<std::vector<RawRow>> RawRowsOf(const CellTable& table) {
  std::vector<RawRow> rows;
  size_t cells = 0;
  const auto place = [&rows, &cells](uint32_t number, RawRow row) {
    while (!row.empty() && row.back().empty()) row.pop_back();
    cells += row.size();
    if (rows.size() < number) rows.resize(number);
    rows[number - 1] = std::move(row);
  };
  place(table.heading_row_number(), table.headings());
  for (size_t row = 0; row < table.row_count() && cells <= kMaxSheetCells; ++row) {
    RawRow texts;
    for (size_t column = 0; column < table.headings().size(); ++column) texts.emplace_back(table.cell(row, column));
    place(table.row_number(row), std::move(texts));
  }
  for (size_t row = 0; row < table.ragged_rows().size() && cells <= kMaxSheetCells; ++row) {
    const std::vector<absl::string_view> texts = table.RaggedCells(row);
    place(table.ragged_rows()[row].number, RawRow(texts.begin(), texts.end()));
  }
  if (cells > kMaxSheetCells) return absl::nullopt;
  return rows;
}

}  // namespace quartermaster::client
