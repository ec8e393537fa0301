// The rows of a long table: a value each.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/table_reader.h"

namespace quartermaster::client {

size_t TableReader::FindOrBegin(FileReturn begun, std::vector<FileReturn>* returns) {
  const auto [place, is_new] = index_by_key_.emplace(JoinedKeys(begun), builders_.size());
  if (is_new) {
    builders_.emplace_back(ServiceOf(begun));
    returns->push_back(std::move(begun));
  } else {
    // Problems of the key are repeated at each row that has them.
    std::vector<v1::Finding>& problems = (*returns)[first_ + place->second].problems;
    std::move(begun.problems.begin(), begun.problems.end(), std::back_inserter(problems));
  }
  return first_ + place->second;
}

void TableReader::ReadLongRow(size_t row, std::vector<FileReturn>* returns) {
  const size_t index = FindOrBegin(ReadKeys(row), returns);
  FileReturn& file_return = (*returns)[index];
  const ServiceSchema* service = ServiceOf(file_return);
  if (IsWrongService(service)) {
    file_return.is_shifted = true;
    file_return.withheld = true;
    return;
  }
  const absl::string_view name = table_.cell(row, *source_->FindColumn("field"));
  const absl::string_view value = table_.cell(row, *source_->FindColumn("value"));
  if (value.empty()) return;
  const FieldSchema* field = service == nullptr ? nullptr : names_->Of(*service).Find(name);
  const std::string path = field != nullptr ? field->path : GivenText(name);
  if (name.empty() || file_return.origin.HasField(path)) return RefuseField(row, path, value, &file_return);
  file_return.origin.AddFieldRow(path, row);
  if (field != nullptr) {
    AddValue(*field, row, *source_->FindColumn("value"), &builders_[index - first_]);
  } else if (service != nullptr) {
    unnamed_values_.push_back({row, index - first_});
  }
}

void TableReader::RefuseField(size_t row, const std::string& path, absl::string_view value,
                              FileReturn* file_return) const {
  v1::Finding& finding = file_return->problems.emplace_back(
      FileFinding(path.empty() ? "missing-field-name" : "duplicate-field", source_->place(), table_.row_number(row),
                  path.empty() ? "The row has a value and no field."
                               : absl::StrCat("The field ", path, " is given twice for this return."),
                  path.empty() ? "Name the field, or blank the value." : "Keep the row that is right."));
  finding.set_field(path);
  finding.set_given(GivenText(value));
  SetColumn(table_, *source_->FindColumn("field"), &finding);
}

void TableReader::ReadUnnamedValue(const UnnamedValue& unnamed, std::vector<FileReturn>* returns) {
  FileReturn& file_return = (*returns)[first_ + unnamed.index];
  const ServiceSchema* service = ServiceOf(file_return);
  const std::string name(table_.cell(unnamed.row, *source_->FindColumn("field")));
  const std::pair key(service, name);
  auto known = meaning_by_name_.find(key);
  if (known == meaning_by_name_.end() && meaning_by_name_.size() < kMaxUnknownNames) {
    const FieldNames& names = names_->Of(*service);
    NameMeaning found;
    found.candidates = names.FindAll(name);
    if (found.candidates.empty()) found.meant = names.FindMeant(name);
    known = meaning_by_name_.emplace(key, std::move(found)).first;
  }
  NameMeaning meaning = known == meaning_by_name_.end() ? NameMeaning() : known->second;
  const FieldSchema* field = meaning.meant;
  meaning.is_checked = field != nullptr && !file_return.origin.HasField(field->path);
  unknown_names_.Add(*service, name, meaning, table_.row_number(unnamed.row));
  file_return.withheld = true;
  if (!meaning.is_checked) return;
  file_return.origin.AddFieldRow(field->path, unnamed.row);
  AddValue(*field, unnamed.row, *source_->FindColumn("value"), &builders_[unnamed.index]);
}

}  // namespace quartermaster::client
