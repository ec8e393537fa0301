#include "client/misplaced_rows.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kQuoteCommas =
    "A comma in a number or name shifts the cells after it: put such a cell in quotation marks.";

constexpr absl::string_view kAddCommas =
    "Give the row a cell for each heading: also blank ones at its end have their comma.";

constexpr absl::string_view kHeadingOrNothing = "Give the column its heading, or delete what stands in it.";

// "one cell", "2 cells".
std::string CountOf(int count, absl::string_view noun) {
  return count == 1 ? absl::StrCat("one ", noun) : absl::StrCat(count, " ", noun, "s");
}

// "stand one column too far to the right".
std::string DescribeOffset(int offset) {
  return absl::StrCat("stand ", CountOf(std::abs(offset), "column"), " too far to the ", offset > 0 ? "right" : "left");
}

std::string DescribeShift(const CellTable& table, const ColumnShift& shift) {
  return absl::StrCat("From column ", DescribeColumn(table, shift.first_column), " on, the values ",
                      DescribeOffset(shift.offset), ".");
}

// Mended at the wrong place, the row could be accepted with wrong values; so it says how sure the place is.
std::string ShiftHint(const TablePlace& place, const CellTable& table, const ColumnShift& shift) {
  const int cells = std::abs(shift.offset);
  const bool too_many = shift.offset > 0;
  std::string hint = absl::StrCat(too_many ? "Delete " : "Insert ",
                                  cells == 1 ? "the cell that is " : absl::StrCat("the ", cells, " cells that are "),
                                  too_many ? "too many" : "missing");
  if (shift.earliest_column == shift.first_column) {
    absl::StrAppend(&hint, too_many && !shift.gap_is_blank ? " at or next to column " : " at column ",
                    DescribeColumn(table, shift.first_column), ".");
  } else {
    absl::StrAppend(&hint, ". It may be as far back as column ", DescribeColumn(table, shift.earliest_column),
                    ", since the values from there on suit their columns either way: compare them with where they come "
                    "from.");
  }
  // No comma splits the cell of a workbook.
  if (too_many && !shift.gap_is_blank && !place.is_sheet()) absl::StrAppend(&hint, " ", kQuoteCommas);
  return hint;
}

}  // namespace

MisplacedRows::MisplacedRows(TablePlace place, const CellTable& table)
    : place_(std::move(place)), table_(table), ragged_(table.ragged_rows().size()) {}

MisplacedRows::Likeness MisplacedRows::OfMostRows() const {
  const size_t total = table_.row_count() + table_.ragged_rows().size();
  std::vector<Likeness> candidates;
  const auto count = [&candidates](int offset, size_t column, size_t rows) {
    const auto known = std::find_if(candidates.begin(), candidates.end(), [&](const Likeness& candidate) {
      return candidate.offset == offset && candidate.column == column;
    });
    if (known == candidates.end()) {
      candidates.push_back({offset, column, rows});
    } else {
      known->rows += rows;
    }
  };
  for (const auto& [shape, rows] : table_.ragged_shapes()) {
    count(shape.surplus, shape.surplus == 0 ? shape.column : 0, rows);
  }
  for (const ShiftedRow& row : shifted_) count(row.shift.offset, 0, 1);
  for (const Likeness& candidate : candidates) {
    if (candidate.rows >= kMinRowsAlike && 2 * candidate.rows > total) return candidate;
  }
  return {};
}

v1::Finding MisplacedRows::DescribeMostRows(const Likeness& likeness) const {
  const std::string rows =
      absl::StrCat(likeness.rows, " of ", table_.row_count() + table_.ragged_rows().size(), " rows");
  uint32_t first_row = UINT32_MAX;
  absl::optional<size_t> first_column;  // None is before the cell that is too many or missing.
  const auto look_at = [&](uint32_t number, const absl::optional<ColumnShift>& shift) {
    first_row = std::min(first_row, number);
    if (!shift || shift->offset != likeness.offset) return;
    first_column = first_column ? std::min(*first_column, shift->first_column) : shift->first_column;
  };
  for (size_t i = 0; i < table_.ragged_rows().size(); ++i) {
    const RaggedRow& row = table_.ragged_rows()[i];
    if (likeness.Covers(row.shape)) look_at(row.number, ragged_[i].shift);
  }
  for (const ShiftedRow& row : shifted_) {
    if (likeness.Covers(row.shift)) look_at(row.number, row.shift);
  }
  constexpr absl::string_view kNothingTaken = " No row of this file is taken until then.";
  if (likeness.offset == 0) {
    v1::Finding finding = FileFinding(
        "ragged-row", place_, first_row,
        absl::StrCat(rows, " have a value in ", DescribeColumn(table_, likeness.column), ", a column without heading."),
        absl::StrCat("Give the column its heading, or delete it.", kNothingTaken));
    SetColumn(table_, likeness.column, &finding);
    return finding;
  }
  if (!first_column) {
    return FileFinding("ragged-row", place_, first_row,
                       absl::StrCat(rows, " have ", CountOf(std::abs(likeness.offset), "cell"),
                                    likeness.offset > 0 ? " more" : " fewer", " than the heading."),
                       absl::StrCat("Compare the heading with a row, cell by cell: a heading is ",
                                    likeness.offset > 0 ? "missing" : "too many",
                                    place_.is_sheet() ? "." : ", or a comma splits a cell that needs quotation marks.",
                                    kNothingTaken));
  }
  v1::Finding finding =
      FileFinding("shifted-column", place_, first_row,
                  absl::StrCat("In ", rows, " the values ", DescribeOffset(likeness.offset), ", from column ",
                               DescribeColumn(table_, *first_column), " on."),
                  absl::StrCat("Compare the heading with a row, cell by cell, up to this column: ",
                               likeness.offset > 0 ? "a heading is missing, or each row has a cell too many."
                                                   : "a heading is too many, or each row lacks a cell.",
                               kNothingTaken));
  finding.set_field(table_.ColumnName(*first_column));
  SetColumn(table_, *first_column, &finding);
  return finding;
}

v1::Finding MisplacedRows::DescribeRagged(const RaggedRow& row, const absl::optional<ColumnShift>& shift) const {
  const RaggedShape& shape = row.shape;
  const std::string message = shape.surplus < 0
                                  ? absl::StrCat("The row has ", CountOf(static_cast<int>(shape.column), "cell"),
                                                 " and the heading has ", table_.headings().size(), ".")
                                  : absl::StrCat("The row has a value in column ", DescribeColumn(table_, shape.column),
                                                 ", which has no heading.");
  v1::Finding finding = FileFinding("ragged-row", place_, row.number,
                                    shift ? absl::StrCat(message, " ", DescribeShift(table_, *shift)) : message,
                                    shift               ? ShiftHint(place_, table_, *shift)
                                    : place_.is_sheet() ? std::string(kHeadingOrNothing)
                                    : shape.surplus < 0 ? std::string(kAddCommas)
                                                        : std::string(kQuoteCommas));
  if (shift) {
    SetColumn(table_, shift->first_column, &finding);
  } else if (shape.surplus >= 0) {
    SetColumn(table_, shape.column, &finding);
  }
  return finding;
}

v1::Finding MisplacedRows::DescribeShifted(const ShiftedRow& row) const {
  v1::Finding finding = FileFinding("shifted-column", place_, row.number, DescribeShift(table_, row.shift),
                                    ShiftHint(place_, table_, row.shift));
  finding.set_field(table_.ColumnName(row.shift.first_column));
  SetColumn(table_, row.shift.first_column, &finding);
  return finding;
}

MisplacementFindings MisplacedRows::Describe() const {
  MisplacementFindings findings;
  const Likeness most = OfMostRows();
  if (most.rows > 0) {
    findings.most_rows_alike = true;
    findings.of_file.push_back(DescribeMostRows(most));
  }
  findings.too_many = !findings.most_rows_alike && table_.ragged_rows().size() > kMaxRowProblems;
  size_t left_out = 0;  // Rows that are no longer named.
  for (size_t i = 0; i < ragged_.size(); ++i) {
    const RaggedRow& row = table_.ragged_rows()[i];
    if (ragged_[i].is_left_out || most.Covers(row.shape)) continue;
    if (ragged_[i].file_return && !findings.too_many) {
      findings.of_returns.emplace_back(*ragged_[i].file_return, DescribeRagged(row, ragged_[i].shift));
    } else if (findings.of_file.size() < kMaxRowProblems) {
      findings.of_file.push_back(DescribeRagged(row, ragged_[i].shift));
    } else {
      ++left_out;
    }
  }
  for (const ShiftedRow& row : shifted_) {
    if (!most.Covers(row.shift)) findings.of_returns.emplace_back(row.file_return, DescribeShifted(row));
  }
  if (left_out > 0) {
    findings.of_file.push_back(
        FileFinding("ragged-row", place_, 0, absl::StrCat(left_out, " more rows do not fit the heading."),
                    place_.is_sheet() ? std::string(kHeadingOrNothing)
                                      : "Compare the number of commas in the heading with that in the rows."));
  }
  return findings;
}

}  // namespace quartermaster::client
