// Where the fields of a service lie in the bytes of a return, worked out once from the service's descriptor.
//
// To ask descriptors for it with each value would take longer than to read the value.
#ifndef QUARTERMASTER_VALIDATION_MESSAGE_LAYOUT_H_
#define QUARTERMASTER_VALIDATION_MESSAGE_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "validation/expression.h"

namespace quartermaster {

struct FieldSchema;

// How a field lies in the bytes, by the number that its tag has for it (protobuf's encoding guide).
enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kGroup = 3, kFixed32 = 5 };

// One field of a message of the service.
struct FieldLayout {
  int number;
  WireType wire_type;  // One that lies otherwise is none of the service's own.
  google::protobuf::FieldDescriptor::Type type;
  // Of a nested message: into MessageLayout::groups(). Of all others: into ServiceSchema::fields(); what follows is of
  // that field.
  size_t index;
  ValueType value_type;
  int places;
};

// Immutable, movable, and thread-safe.
class MessageLayout {
 public:
  // Without any field.
  MessageLayout() = default;
  // Of the message of a service, whose fields are `fields`.
  MessageLayout(const google::protobuf::Descriptor& message, const std::vector<FieldSchema>& fields);

  // In the order of the file.
  const std::vector<FieldLayout>& fields() const { return fields_; }
  // Null if there is none.
  const FieldLayout* Find(int number) const;
  // The nested messages, which the schema calls groups, in the order of the file. They are no groups of the wire.
  const std::vector<MessageLayout>& groups() const { return groups_; }
  // What stands before the names of its fields in their paths: "caseload_by_gender.", or nothing.
  const std::string& path() const { return path_; }

 private:
  MessageLayout(const google::protobuf::Descriptor& message, const std::vector<FieldSchema>& fields, std::string path,
                size_t* next);

  std::string path_;
  std::vector<FieldLayout> fields_;
  std::vector<MessageLayout> groups_;
  std::vector<size_t> by_number_;  // places in fields_
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_MESSAGE_LAYOUT_H_
