#include "client/stray_rows.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/field_names.h"
#include "validation/period.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

// "Row 3", "Rows 2, 5 and 1 more".
std::string RowsText(const std::vector<uint32_t>& rows) {
  constexpr size_t kMaxListedRows = 10;  // More are a long file with a total of each field.
  std::string text = rows.size() == 1 ? "Row " : "Rows ";
  for (size_t i = 0; i < rows.size() && i < kMaxListedRows; ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", rows[i]);
  if (rows.size() > kMaxListedRows) absl::StrAppend(&text, " and ", rows.size() - kMaxListedRows, " more");
  return text;
}

std::string ItOrThem(const std::vector<uint32_t>& rows) { return rows.size() == 1 ? "it" : "them"; }

}  // namespace

bool StrayRows::Take(uint32_t row_number, const std::vector<absl::string_view>& cells) {
  if (IsTotal(cells)) {
    totals_.push_back(row_number);
    return true;
  }
  if (!IsNote(cells)) return false;
  if (notes_.empty()) first_note_ = GivenText(cells.front());
  notes_.push_back(row_number);
  return true;
}

bool StrayRows::IsTotal(const std::vector<absl::string_view>& cells) const {
  static const auto& words =
      *new std::set<std::string>{"total",   "totals", "grandtotal", "sum",     "all", "national",
                                 "england", "mean",   "median",     "average", "uk",  "unitedkingdom"};
  if (!keys_.participant.column) return false;
  const absl::string_view participant = keys_.participant.TextAt(cells, 0);
  if (!words.contains(FoldedName(participant))) return false;
  return !ParticipantCodeProblem(participant).empty() || !Period::Parse(keys_.period.TextAt(cells, 0)).ok();
}

bool StrayRows::IsNote(const std::vector<absl::string_view>& cells) const {
  const CellTable& table = source_.table();
  if (table.kind() != CellTable::Kind::kSheet || cells.empty() || table.headings().size() < 2) return false;
  const bool is_alone =
      std::all_of(cells.begin() + 1, cells.end(), [](absl::string_view cell) { return cell.empty(); });
  return is_alone && IsKeyHeading(table.headings().front()) && cells.front().find(' ') != absl::string_view::npos &&
         !Period::Parse(cells.front()).ok();
}

std::vector<v1::Finding> StrayRows::Describe() const {
  std::vector<v1::Finding> findings;
  if (!totals_.empty()) {
    v1::Finding& finding = findings.emplace_back(
        FileFinding("total-row", source_.place(), totals_.front(),
                    absl::StrCat(RowsText(totals_), totals_.size() == 1 ? " looks like a total" : " look like totals",
                                 ": no participant has such a code."),
                    absl::StrCat("Delete ", ItOrThem(totals_), ": totals are made from the returns.")));
    finding.set_field("participant");
    SetColumn(source_.table(), *keys_.participant.column, &finding);
  }
  if (!notes_.empty()) {
    v1::Finding& finding = findings.emplace_back(FileFinding(
        "note-row", source_.place(), notes_.front(),
        absl::StrCat(RowsText(notes_), notes_.size() == 1 ? " holds" : " hold", " a note and nothing else."),
        absl::StrCat("Delete ", ItOrThem(notes_),
                     ", or keep notes in another file: below the headings stand returns.")));
    SetColumn(source_.table(), 0, &finding);
    finding.set_given(first_note_);
  }
  return findings;
}

}  // namespace quartermaster::client
