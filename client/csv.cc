// libcsv in strict mode tells cells and rows apart; this file counts them and names what is wrong. libcsv calls back
// from C, so nothing here throws.
#include "client/csv.h"

#include <csv.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "client/file_kind.h"
#include "client/text.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kSaveAsUtf8 =
    "In Excel choose File, Save As, and the type \"CSV UTF-8 (Comma delimited)\".";

// The state of one reading.
class CsvReader {
 public:
  explicit CsvReader(std::string file_name) : file_name_(std::move(file_name)), builder_(file_name_) {}

  TableResult Read(absl::string_view bytes);

 private:
  static void OnCell(void* bytes, size_t size, void* self) {
    static_cast<CsvReader*>(self)->AddCell(
        absl::string_view(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size));
  }
  static void OnRowEnd(int character, void* self) { static_cast<CsvReader*>(self)->EndRow(character); }

  void AddCell(absl::string_view text);
  void EndRow(int character);
  void CheckSeparator();
  // A reason to stop at the cell in which the reading stands.
  void StopHere(absl::string_view rule_id, std::string message, std::string hint) {
    v1::Finding reason = FileFinding(rule_id, file_name_, row_number_, std::move(message), std::move(hint));
    SetColumn(builder_.table(), builder_.row_cells(), &reason);
    builder_.Stop(std::move(reason));
  }

  const std::string file_name_;
  CellTableBuilder builder_;
  uint32_t row_number_ = 1;
  std::string first_cell_;  // Of the row, with its tabs; kept until there is a heading.
  bool after_carriage_return_ = false;
};

TableResult CsvReader::Read(absl::string_view bytes) {
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
  return builder_.Finish();
}

void CsvReader::AddCell(absl::string_view text) {
  after_carriage_return_ = false;
  if (builder_.is_stopped()) return;
  if (builder_.row_cells() >= kMaxColumns) {
    return builder_.Stop(FileFinding("too-many-columns", file_name_, row_number_,
                                     absl::StrCat("The row has more than ", kMaxColumns, " cells."),
                                     "Split the file."));
  }
  if (!IsUtf8(text)) {
    return StopHere("encoding", "The cell has characters that are not UTF-8; the file is probably in Windows-1252.",
                    std::string(kSaveAsUtf8));
  }
  if (!builder_.has_heading() && builder_.row_cells() == 0) first_cell_ = std::string(Trim(text));
  builder_.AddCell(text);
}

void CsvReader::EndRow(int character) {
  // The LF of a CRLF ends nothing of its own.
  if (character == '\n' && after_carriage_return_) {
    after_carriage_return_ = false;
    return;
  }
  after_carriage_return_ = character == '\r';
  if (builder_.is_stopped()) return;
  const bool had_heading = builder_.has_heading();
  builder_.EndRow(row_number_, /*is_padded=*/false);
  if (!had_heading && builder_.has_heading()) CheckSeparator();
  ++row_number_;
}

// A heading of one cell that other programs would take apart.
void CsvReader::CheckSeparator() {
  if (builder_.table().headings().size() != 1) return;
  for (const auto& [separator, name] :
       {std::pair(';', "semicolons"), std::pair('\t', "tabs"), std::pair('|', "bars")}) {
    if (first_cell_.find(separator) == std::string::npos) continue;
    return builder_.Stop(
        FileFinding("separator", file_name_, row_number_,
                    absl::StrCat("The cells are separated by ", name, "; they must be separated by commas."),
                    std::string(kSaveAsUtf8)));
  }
}

}  // namespace

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

TableResult ReadCsv(const std::string& file_name, absl::string_view bytes) {
  if (const absl::optional<NotCsv> other = RecogniseOtherFile(bytes)) {
    return {nullptr, {FileFinding(other->rule_id, file_name, 0, other->message, other->hint)}};
  }
  return CsvReader(file_name).Read(WithoutExcelPrefix(bytes));
}

}  // namespace quartermaster::client
