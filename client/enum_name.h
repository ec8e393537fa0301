// The names of enums as people read and type them: without what all values of an enum begin with.
//
// Enums of proto3 are open: a server of a later release may send a value that this program does not know. It is shown
// as its number.
#ifndef QUARTERMASTER_CLIENT_ENUM_NAME_H_
#define QUARTERMASTER_CLIENT_ENUM_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace quartermaster::client {

// These take any enum whose value 0 is PREFIX_UNSPECIFIED.
std::string EnumName(const google::protobuf::EnumDescriptor& type, int value);
std::string TypedEnumName(const google::protobuf::EnumDescriptor& type, int value);
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view typed,
                              absl::string_view option);

// "SERVICE_CHANGE" for EXPLANATION_REASON_SERVICE_CHANGE.
template <typename Enum>
std::string EnumName(Enum value) {
  return EnumName(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// "service-change" for EXPLANATION_REASON_SERVICE_CHANGE.
template <typename Enum>
std::string TypedEnumName(Enum value) {
  return TypedEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// The value whose name was typed, in any letter case. INVALID_ARGUMENT, naming the option and what there is;
// "unspecified" is nothing that anybody means.
template <typename Enum>
absl::StatusOr<Enum> ParseEnum(absl::string_view typed, absl::string_view option) {
  const absl::StatusOr<int> value = ParseEnum(*google::protobuf::GetEnumDescriptor<Enum>(), typed, option);
  if (!value.ok()) return value.status();
  return static_cast<Enum>(*value);
}

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_ENUM_NAME_H_
