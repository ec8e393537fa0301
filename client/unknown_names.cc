#include "client/unknown_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quartermaster::client {
namespace {

// "1 row has", "3 rows have".
std::string RowsHave(size_t rows) { return rows == 1 ? "1 row has" : absl::StrCat(rows, " rows have"); }

}  // namespace

void UnknownNames::Add(const ServiceSchema& service, absl::string_view name, const FieldSchema* meant, bool checked,
                       uint32_t row_number) {
  std::string shown = GivenText(name);
  const auto key = std::pair(service.id(), shown);
  auto known = index_.find(key);
  if (known == index_.end()) {
    if (names_.size() == kMaxUnknownNames) {
      ++more_values_;
      return;
    }
    known = index_.emplace(key, names_.size()).first;
    names_.push_back({service.id(), std::move(shown), meant == nullptr ? "" : meant->path, checked, 0, {}});
  }
  Name& entry = names_[known->second];
  ++entry.rows;
  if (entry.first_rows.size() < kMaxListedRows) entry.first_rows.push_back(row_number);
}

v1::Finding UnknownNames::DescribeOne(const Name& name, const std::string& collection) const {
  const CsvTable& table = source_.table();
  const bool is_long = source_.is_long();
  std::string message = absl::StrCat("The service ", name.service, " has no field \"", name.name, "\"; ",
                                     RowsHave(name.rows), is_long ? " this name" : " a value in this column");
  if (is_long && name.rows > 1) {
    absl::StrAppend(&message, ": ", absl::StrJoin(name.first_rows, ", "));
    if (name.rows > name.first_rows.size())
      absl::StrAppend(&message, " and ", name.rows - name.first_rows.size(), " more");
  }
  message += '.';
  std::string hint;
  if (name.meant.empty()) {
    hint = absl::StrCat(is_long ? "Correct or delete it" : "Rename or delete the column", "; 'qm collection show ",
                        collection, " --service ", name.service, "' lists the fields. ");
  } else {
    hint = absl::StrCat("Did you mean ", name.meant, "? ");
    if (name.checked) {
      absl::StrAppend(&hint, name.rows == 1 ? "The value was" : "The values were", " checked as such. ");
    } else {
      absl::StrAppend(&hint, "That is there as well: keep one of them. ");
    }
  }
  absl::StrAppend(&hint, is_long ? "The returns with this name are" : "No return of this file is",
                  is_long ? " not" : "", " taken until the ", is_long ? "name" : "heading", " is right.");
  v1::Finding finding =
      FileFinding(is_long ? "unknown-field" : "unknown-column", source_.file(),
                  is_long ? name.first_rows.front() : table.heading_row_number(), std::move(message), std::move(hint));
  finding.set_field(name.name);
  finding.set_given(name.name);
  finding.set_expected(name.meant);
  if (const auto column = source_.FindColumn(is_long ? "field" : name.name)) SetColumn(table, *column, &finding);
  return finding;
}

std::vector<v1::Finding> UnknownNames::Describe(const std::string& collection) const {
  std::vector<v1::Finding> findings;
  for (const Name& name : names_) findings.push_back(DescribeOne(name, collection));
  if (more_values_ > 0) {
    findings.push_back(
        FileFinding(source_.is_long() ? "unknown-field" : "unknown-column", source_.file(), 0,
                    absl::StrCat(more_values_, " more values stand under other names that no field has."),
                    "Check that the file is for this service."));
  }
  return findings;
}

}  // namespace quartermaster::client
