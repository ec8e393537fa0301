// What is said about a published sheet.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/csv.h"
#include "client/published_sheet.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxListedItems = 5;       // Of rows, columns, groups or headings; the rest is plain from these.
constexpr size_t kMaxShownCharacters = 60;  // Of a heading or name.

std::string Shown(absl::string_view text) { return std::string(FirstCharacters(text, kMaxShownCharacters)); }

// "a", "a and b", "a, b and c", "a, b, c, d, e and 3 more".
std::string List(std::vector<std::string> items) {
  if (items.size() > kMaxListedItems) {
    const size_t more = items.size() - kMaxListedItems;
    items.resize(kMaxListedItems);
    items.push_back(absl::StrCat(more, " more"));
  }
  if (items.size() < 2) return absl::StrJoin(items, "");
  const std::string last = std::move(items.back());
  items.pop_back();
  return absl::StrCat(absl::StrJoin(items, ", "), " and ", last);
}

// "row 3", "rows 3 and 4", "rows 2 to 13"; rows that follow each other, blank ones between them included, are a range.
std::string Rows(const std::vector<uint32_t>& rows, bool as_range) {
  if (rows.size() > 2 && (as_range || rows.back() - rows.front() + 1 == rows.size())) {
    return absl::StrCat("rows ", rows.front(), " to ", rows.back());
  }
  std::vector<std::string> numbers;
  for (const uint32_t row : rows) numbers.push_back(absl::StrCat(row));
  return absl::StrCat(rows.size() == 1 ? "row " : "rows ", List(std::move(numbers)));
}

std::string NameOfColumn(const PublishedSheet& sheet, size_t column) {
  return DescribeColumn(Shown(sheet.headings[column]), ColumnLetters(column));
}

std::string DescribeGroups(const PublishedSheet& sheet) {
  std::vector<std::string> groups;
  const std::vector<std::string>* headings_before = nullptr;
  for (const PublishedSheet::Group& group : sheet.groups) {
    std::string text = absl::StrCat("\"", Shown(group.name), "\"", groups.empty() ? " stands" : "", " over ",
                                    ColumnLetters(group.first_column), " to ", ColumnLetters(group.last_column));
    if (headings_before != nullptr && *headings_before == group.headings) {
      absl::StrAppend(&text, " (the same)");
    } else {
      std::vector<std::string> headings;
      for (const std::string& heading : group.headings) headings.push_back(Shown(heading));
      absl::StrAppend(&text, " (", List(std::move(headings)), ")");
    }
    headings_before = &group.headings;
    groups.push_back(std::move(text));
  }
  return List(std::move(groups));
}

std::string DescribeHeading(const PublishedSheet& sheet) {
  if (sheet.group_row == 0) return absl::StrCat("Row ", sheet.heading_row, " is the heading.");
  return absl::StrCat("Rows ", sheet.group_row, " and ", sheet.heading_row, " are the heading: ", DescribeGroups(sheet),
                      ".");
}

std::string DescribeTotals(const PublishedSheet& sheet) {
  std::vector<std::string> totals;
  for (const PublishedSheet::Total& total : sheet.totals) {
    totals.push_back(total.name.empty() ? absl::StrCat(total.row)
                                        : absl::StrCat(total.row, " (", Shown(total.name), ")"));
  }
  const bool one = totals.size() == 1;
  return absl::StrCat(one ? "Row " : "Rows ", List(std::move(totals)), one ? " has" : " have", " no code and ",
                      one ? "looks like a total." : "look like totals.");
}

std::string DescribeRows(const PublishedSheet& sheet) {
  std::string text = absl::StrCat("Rows ", sheet.first_data_row, " to ", sheet.last_data_row, " are the data.");
  if (!sheet.note_rows.empty()) {
    absl::StrAppend(&text, " Notes stand in ", Rows(sheet.note_rows, false), ".");
  }
  if (!sheet.blank_rows.empty()) {
    absl::StrAppend(&text, " Blank: ", Rows(sheet.blank_rows, false), ".");
  }
  if (sheet.blank_tail_row > 0) absl::StrAppend(&text, " From row ", sheet.blank_tail_row, " on there is nothing.");
  return text;
}

// Empty where there is nothing to say.
std::string DescribeGaps(const PublishedSheet& sheet) {
  std::string text;
  if (!sheet.blank_columns.empty()) {
    std::vector<std::string> letters;
    for (const size_t column : sheet.blank_columns) letters.push_back(ColumnLetters(column));
    const bool one = letters.size() == 1;
    text = absl::StrCat(one ? "Column " : "Columns ", List(std::move(letters)), one ? " is" : " are", " blank.");
  }
  if (sheet.no_value_cells > 0) {
    absl::StrAppend(&text, text.empty() ? "" : " ", sheet.no_value_cells,
                    sheet.no_value_cells == 1 ? " cell holds \"" : " cells hold \"", sheet.no_value_mark,
                    "\" for no value.");
  }
  return text;
}

std::string DescribeKeys(const PublishedSheet& sheet) {
  std::string text = sheet.participant_column ? absl::StrCat("Column ", NameOfColumn(sheet, *sheet.participant_column),
                                                             " looks like the participant: its values look like codes.")
                                              : "No column looks like the code of the participant.";
  if (sheet.period_columns.size() == 1) {
    absl::StrAppend(&text, " Column ", NameOfColumn(sheet, sheet.period_columns[0]), " looks like the period.");
  } else if (sheet.period_columns.size() == 2) {
    absl::StrAppend(&text, " ", NameOfColumn(sheet, sheet.period_columns[0]), " and ",
                    NameOfColumn(sheet, sheet.period_columns[1]), " together look like the period.");
  } else {
    absl::StrAppend(&text, " No column looks like the period; --period gives it for a whole file.");
  }
  return text;
}

std::string DescribeWayOn(const PublishedSheet& sheet, const std::string& collection, const std::string& service) {
  std::string text =
      "Make a file with one heading row, participant,period,<field>,..., and below it a row for each return.";
  if (sheet.participant_column) {
    absl::StrAppend(&text, " ", NameOfColumn(sheet, *sheet.participant_column), " becomes participant.");
  }
  if (!sheet.period_periods.empty()) {
    absl::StrAppend(
        &text, " The period is written ", sheet.period_periods.front(),
        sheet.period_periods.size() > 1 ? absl::StrCat(", or ", sheet.period_periods[1], " if it is a month") : "",
        ".");
  }
  absl::StrAppend(&text, " Each measure that is asked for gets the heading of its field: 'qm collection show ",
                  collection.empty() ? "C" : collection, " --service ", service.empty() ? "S" : service,
                  "' lists the fields. Leave a cell without value blank, and leave out the rest",
                  sheet.totals.empty() ? "." : ", the totals too.");
  return text;
}

}  // namespace

v1::Finding DescribePublishedSheet(const PublishedSheet& sheet, const TablePlace& place, const std::string& collection,
                                   const std::string& service) {
  std::vector<std::string> lines = {
      "This is a sheet as it is published, not a file of returns; nothing in it was taken."};
  if (!sheet.title_rows.empty()) {
    std::string titles = Rows(sheet.title_rows, true);
    titles[0] = 'R';
    lines.push_back(absl::StrCat(titles, sheet.title_rows.size() == 1 ? " is a title." : " are titles."));
  }
  lines.push_back(DescribeHeading(sheet));
  if (!sheet.totals.empty()) lines.push_back(DescribeTotals(sheet));
  if (sheet.first_data_row > 0) lines.push_back(DescribeRows(sheet));
  if (std::string gaps = DescribeGaps(sheet); !gaps.empty()) lines.push_back(std::move(gaps));
  lines.push_back(DescribeKeys(sheet));
  return FileFinding("published-sheet", place, sheet.heading_row, absl::StrJoin(lines, "\n"),
                     DescribeWayOn(sheet, collection, service));
}

}  // namespace quartermaster::client
