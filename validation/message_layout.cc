#include "validation/message_layout.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "validation/schema_parts.h"

namespace quartermaster {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

WireType WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kLengthDelimited;
    default:
      return WireType::kVarint;
  }
}

}  // namespace

MessageLayout::MessageLayout(const Descriptor& message, const std::vector<FieldSchema>& fields) {
  size_t next = 0;
  *this = MessageLayout(message, fields, "", &next);
}

MessageLayout::MessageLayout(const Descriptor& message, const std::vector<FieldSchema>& fields, std::string path,
                             size_t* next)
    : path_(std::move(path)) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    FieldLayout layout{field.number(), WireTypeOf(field.type()), field.type(), 0, ValueType::kString, 0};
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      layout.index = groups_.size();
      groups_.push_back(MessageLayout(*field.message_type(), fields, absl::StrCat(path_, field.name(), "."), next));
    } else {
      layout.index = (*next)++;
      layout.value_type = fields[layout.index].type;
      layout.places = fields[layout.index].places;
    }
    by_number_.push_back(fields_.size());
    fields_.push_back(layout);
  }
  std::sort(by_number_.begin(), by_number_.end(),
            [this](size_t a, size_t b) { return fields_[a].number < fields_[b].number; });
}

const FieldLayout* MessageLayout::Find(int number) const {
  // Most messages number their fields from 1 on, in their order.
  const auto guess = static_cast<size_t>(number) - 1;
  if (guess < fields_.size() && fields_[guess].number == number) return &fields_[guess];
  const auto found = std::lower_bound(by_number_.begin(), by_number_.end(), number,
                                      [this](size_t place, int bound) { return fields_[place].number < bound; });
  return found != by_number_.end() && fields_[*found].number == number ? &fields_[*found] : nullptr;
}

}  // namespace quartermaster
