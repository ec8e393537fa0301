#include "client/enum_name.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace quartermaster::client {

std::string EnumName(const google::protobuf::EnumDescriptor& type, int value) {
  const google::protobuf::EnumValueDescriptor* known = type.FindValueByNumber(value);
  if (known == nullptr) return absl::StrCat(value);
  const absl::string_view prefix = absl::StripSuffix(type.FindValueByNumber(0)->name(), "UNSPECIFIED");
  return std::string(absl::StripPrefix(known->name(), prefix));
}

std::string TypedEnumName(const google::protobuf::EnumDescriptor& type, int value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(EnumName(type, value)), {{"_", "-"}});
}

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view typed,
                              absl::string_view option) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const int value = type.value(i)->number();
    if (value == 0) continue;
    names.push_back(TypedEnumName(type, value));
    if (absl::EqualsIgnoreCase(names.back(), typed)) return value;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": \"", typed, "\" is none of: ", absl::StrJoin(names, ", "), "."));
}

}  // namespace quartermaster::client
