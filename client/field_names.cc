#include "client/field_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/hidden_characters.h"
#include "validation/suggest.h"

namespace quartermaster::client {
std::string FoldedName(absl::string_view name) {
  // Word processors make dashes of hyphens.
  const std::string text = absl::AsciiStrToLower(absl::StrReplaceAll(
      VisibleText(name), {{"\xE2\x80\x90", "-"}, {"\xE2\x80\x91", "-"}, {"\xE2\x80\x93", "-"}, {"\xE2\x80\x94", "-"}}));
  std::string folded;
  bool separated = false;
  for (const char c : text) {
    if (c == ' ' || c == '_' || c == '-') {
      separated = true;
      continue;
    }
    if (separated && !folded.empty() && absl::ascii_isdigit(c) && absl::ascii_isdigit(folded.back())) folded += '_';
    separated = false;
    folded += c;
  }
  return folded;
}

FieldNames::FieldNames(const ServiceSchema& service) : service_(service) {
  for (const FieldSchema& field : service.fields()) {
    const Folded& folded = folded_.emplace_back(Folded{FoldedName(field.path), FoldedName(field.label)});
    fields_[folded.path].push_back(&field);
    if (folded.label != folded.path && !folded.label.empty()) fields_[folded.label].push_back(&field);
    json_paths_[absl::StrJoin(field.descriptors, ".", [](std::string* path, const auto* descriptor) {
      path->append(descriptor->json_name());
    })] = &field;
  }
}

std::vector<const FieldSchema*> FieldNames::FindAll(absl::string_view name) const {
  if (const FieldSchema* exact = service_.FindField(name)) return {exact};
  if (const auto exact = json_paths_.find(name); exact != json_paths_.end()) return {exact->second};
  const auto found = fields_.find(FoldedName(name));
  return found == fields_.end() ? std::vector<const FieldSchema*>() : found->second;
}

const FieldSchema* FieldNames::Find(absl::string_view name) const {
  const std::vector<const FieldSchema*> all = FindAll(name);
  return all.size() == 1 ? all.front() : nullptr;
}

const FieldSchema* FieldNames::FindMeant(absl::string_view name) const {
  const std::string folded = FoldedName(name);
  if (folded.empty()) return nullptr;
  const FieldSchema* last_part = nullptr;
  size_t last_parts = 0;
  for (size_t i = 0; i < folded_.size(); ++i) {
    if (!absl::EndsWith(folded_[i].path, absl::StrCat(".", folded)) &&
        !absl::EndsWith(folded_[i].label, absl::StrCat(":", folded))) {
      continue;
    }
    last_part = &service_.fields()[i];
    ++last_parts;
  }
  if (last_parts > 0) return last_parts == 1 ? last_part : nullptr;
  const std::string as_path = absl::StrReplaceAll(VisibleText(name), {{" ", "_"}, {"-", "_"}});
  if (const FieldSchema* field = service_.FindField(service_.SuggestField(as_path))) return field;
  std::vector<absl::string_view> labels;
  for (const FieldSchema& field : service_.fields()) labels.push_back(field.label);
  const std::string near = NearestName(VisibleText(name), labels);
  return near.empty() ? nullptr : Find(near);
}

const FieldNames& NamesOfServices::Of(const ServiceSchema& service) {
  std::unique_ptr<const FieldNames>& names = names_[&service];
  if (names == nullptr) names = std::make_unique<const FieldNames>(service);
  return *names;
}

}  // namespace quartermaster::client
