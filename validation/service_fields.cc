#include "validation/service_fields.h"

#include "absl/strings/str_cat.h"

namespace quartermaster {

absl::optional<FieldDirectory::Entry> ServiceFields::Find(absl::string_view path) const {
  const FieldSchema* field = service_.FindField(path);
  if (field == nullptr) return absl::nullopt;
  return Entry{field->index, field->type};
}

std::vector<int> ServiceFields::FieldsUnder(absl::string_view path) const {
  const std::string prefix = absl::StrCat(path, ".");
  std::vector<int> under;
  for (const FieldSchema& field : service_.fields()) {
    if (field.path.compare(0, prefix.size(), prefix) == 0) under.push_back(field.index);
  }
  return under;
}

absl::optional<int> ServiceFields::FindChoice(int field_index, absl::string_view name) const {
  const Choice* choice = service_.fields()[static_cast<size_t>(field_index)].FindChoice(name);
  if (choice == nullptr) return absl::nullopt;
  return choice->number;
}

std::string ServiceFields::Suggest(absl::string_view path) const { return service_.SuggestField(path); }

std::string ServiceFields::PathOf(int field_index) const {
  return service_.fields()[static_cast<size_t>(field_index)].path;
}

}  // namespace quartermaster
