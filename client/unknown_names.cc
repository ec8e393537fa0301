#include "client/unknown_names.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/field_names.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

// "1 row has", "3 rows have".
std::string RowsHave(size_t rows) { return rows == 1 ? "1 row has" : absl::StrCat(rows, " rows have"); }

// What people call a column that is not for the collection.
bool LooksLikeRemarks(absl::string_view name) {
  static const auto& words = *new std::set<std::string>{
      "comment",   "comments",   "note",        "notes",        "remark",      "remarks",  "commentary",
      "narrative", "narratives", "explanation", "explanations", "description", "freetext", "observations"};
  return words.contains(FoldedName(name));
}

std::string ListOf(const std::vector<const FieldSchema*>& fields) {
  constexpr size_t kMaxListed = 5;  // A label that is in every group has a dozen.
  std::vector<absl::string_view> paths;
  for (const FieldSchema* field : fields) {
    if (paths.size() < kMaxListed) paths.push_back(field->path);
  }
  return absl::StrCat(absl::StrJoin(paths, ", "), fields.size() > kMaxListed ? ", ..." : "");
}

}  // namespace

void UnknownNames::Add(const ServiceSchema& service, absl::string_view name, const NameMeaning& meaning,
                       uint32_t row_number) {
  std::string shown = GivenText(name);
  const auto key = std::tuple(service.id(), shown, meaning.is_checked, meaning.is_second);
  auto known = index_.find(key);
  if (known == index_.end()) {
    if (names_.size() == kMaxUnknownNames) {
      ++more_values_;
      return;
    }
    known = index_.emplace(key, names_.size()).first;
    names_.push_back({service.id(), std::move(shown), meaning, 0, {}});
  }
  Name& entry = names_[known->second];
  ++entry.rows;
  if (entry.first_rows.size() < kMaxListedRows) entry.first_rows.push_back(row_number);
}

std::string UnknownNames::Message(const Name& name) const {
  const bool names_each_value = source_.names_each_value();
  std::string message;
  if (!name.meaning.candidates.empty()) {
    message = absl::StrCat("The service ", name.service, " has ", name.meaning.candidates.size(), " fields called \"",
                           name.name, "\"");
  } else if (name.meaning.is_second) {
    message = absl::StrCat("\"", name.name, "\" is the field ", name.meaning.meant->path, " of the service ",
                           name.service, ", which has another ", source_.table().column_word(), " as well");
  } else {
    message = absl::StrCat("The service ", name.service, " has no field \"", name.name, "\"");
  }
  absl::StrAppend(&message, "; ", RowsHave(name.rows), names_each_value ? " this name" : " a value in this column");
  if (names_each_value && name.rows > 1) {
    absl::StrAppend(&message, ": ", absl::StrJoin(name.first_rows, ", "));
    if (name.rows > name.first_rows.size())
      absl::StrAppend(&message, " and ", name.rows - name.first_rows.size(), " more");
  }
  message += '.';
  return message;
}

std::string UnknownNames::Hint(const Name& name, const std::string& collection) const {
  const bool names_each_value = source_.names_each_value();
  const NameMeaning& meaning = name.meaning;
  const std::string list =
      absl::StrCat("'qm collection show ", collection, " --service ", name.service, "' lists the fields. ");
  std::string hint;
  if (!meaning.candidates.empty()) {
    hint = absl::StrCat("Write the path of the one that is meant: ", ListOf(meaning.candidates), ". ");
  } else if (meaning.meant == nullptr && LooksLikeRemarks(name.name)) {
    hint = absl::StrCat("A return has no place for remarks: delete ",
                        source_.is_long()  ? "these rows"
                        : names_each_value ? "it"
                                           : "the column",
                        ", or rename it to the field that it holds; ", list);
  } else if (meaning.meant == nullptr) {
    hint = absl::StrCat(names_each_value ? "Correct or delete it" : "Rename or delete the column", "; ", list);
  } else if (meaning.is_checked) {
    hint = absl::StrCat("Did you mean ", meaning.meant->path, "? ",
                        name.rows == 1 ? "The value was" : "The values were", " checked as such. ");
  } else if (meaning.is_second) {
    hint = absl::StrCat("Keep one of the two ", source_.table().column_word(), "s. ");
  } else {
    hint = absl::StrCat("Did you mean ", meaning.meant->path, "? That is there as well: keep one of them. ");
  }
  absl::StrAppend(&hint, names_each_value ? "The returns with this name are" : "No return of this file is",
                  names_each_value ? " not" : "", " taken until the ", names_each_value ? "name" : "heading",
                  " is right.");
  return hint;
}

v1::Finding UnknownNames::DescribeOne(const Name& name, const std::string& collection) const {
  const CellTable& table = source_.table();
  const bool names_each_value = source_.names_each_value();
  const absl::string_view rule = name.meaning.is_second ? "duplicate-heading"
                                 : names_each_value     ? "unknown-field"
                                                        : "unknown-column";
  v1::Finding finding =
      FileFinding(rule, source_.place(), names_each_value ? name.first_rows.front() : table.heading_row_number(),
                  Message(name), Hint(name, collection));
  finding.set_field(name.name);
  finding.set_given(name.name);
  if (name.meaning.meant != nullptr) finding.set_expected(name.meaning.meant->path);
  if (const auto column = source_.FindColumn(source_.is_long() ? "field" : name.name))
    SetColumn(table, *column, &finding);
  return finding;
}

std::vector<v1::Finding> UnknownNames::Describe(const std::string& collection) const {
  std::vector<v1::Finding> findings;
  for (const Name& name : names_) findings.push_back(DescribeOne(name, collection));
  if (more_values_ > 0) {
    findings.push_back(
        FileFinding(source_.names_each_value() ? "unknown-field" : "unknown-column", source_.place(), 0,
                    absl::StrCat(more_values_, " more values stand under other names that no field has."),
                    "Check that the file is for this service."));
  }
  return findings;
}

}  // namespace quartermaster::client
