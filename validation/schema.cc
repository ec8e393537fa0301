#include "validation/schema.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "validation/suggest.h"

namespace quartermaster {

const Choice* FieldSchema::FindChoice(absl::string_view name) const {
  const absl::string_view wanted = absl::StripAsciiWhitespace(name);
  for (const Choice& choice : choices) {
    // Without its prefix, TEAM_TYPE_CRISIS ends with _CRISIS; only a whole last part counts.
    const std::string short_name = choice.name.substr(choice.name_prefix_size);
    if (absl::EqualsIgnoreCase(wanted, choice.name) || absl::EqualsIgnoreCase(wanted, choice.label) ||
        absl::EqualsIgnoreCase(wanted, short_name)) {
      return &choice;
    }
  }
  return nullptr;
}

std::unique_ptr<google::protobuf::Message> ServiceSchema::NewMessage() const {
  return std::unique_ptr<google::protobuf::Message>(prototype_->New());
}

const FieldSchema* ServiceSchema::FindField(absl::string_view path) const {
  const auto found = field_index_.find(path);
  return found == field_index_.end() ? nullptr : &fields_[static_cast<size_t>(found->second)];
}

std::string ServiceSchema::SuggestField(absl::string_view path) const {
  std::vector<absl::string_view> paths;
  for (const FieldSchema& field : fields_) paths.push_back(field.path);
  return NearestName(path, paths);
}

CollectionSchema::CollectionSchema() = default;
CollectionSchema::~CollectionSchema() = default;

bool CollectionSchema::takes(PeriodKind kind) const {
  for (const schema::v1::Cadence cadence : cadences_) {
    if (static_cast<int>(cadence) == static_cast<int>(kind)) return true;
  }
  return false;
}

const WindowSchema* CollectionSchema::FindWindow(PeriodKind kind) const {
  for (const WindowSchema& window : windows_) {
    if (window.kind == kind) return &window;
  }
  return nullptr;
}

const ServiceSchema* CollectionSchema::FindService(absl::string_view id) const {
  for (const auto& service : services_) {
    if (service->id() == id) return service.get();
  }
  return nullptr;
}

}  // namespace quartermaster
