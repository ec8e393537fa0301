#include "client/content_builder.h"

#include <cstdint>
#include <limits>
#include <string>

#include "client/cell_value.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxCharacters = 200;  // Of a text that travels as unreadable, as the API says.

template <typename Int>
bool Fits(int64_t value) {
  return value >= static_cast<int64_t>(std::numeric_limits<Int>::min()) &&
         value <= static_cast<int64_t>(std::numeric_limits<Int>::max());
}

// Gives false, and sets nothing, where the field's type cannot hold the number.
bool SetNumber(Message* holder, const FieldDescriptor* field, absl::string_view text) {
  const Reflection* reflection = holder->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    const absl::optional<double> number = ParseNumber(text);
    if (number) reflection->SetDouble(holder, field, *number);
    return number.has_value();
  }
  const absl::optional<int64_t> number = ParseWholeNumber(text);
  if (!number) return false;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (!Fits<int32_t>(*number)) return false;
      reflection->SetInt32(holder, field, static_cast<int32_t>(*number));
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (!Fits<uint32_t>(*number)) return false;
      reflection->SetUInt32(holder, field, static_cast<uint32_t>(*number));
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->SetInt64(holder, field, *number);
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (*number < 0) return false;
      reflection->SetUInt64(holder, field, static_cast<uint64_t>(*number));
      return true;
    default:
      return false;
  }
}

// Why the value is not available; nothing where there is one.
absl::optional<absl::string_view> ReasonIn(const FieldSchema& field, absl::string_view text) {
  if (IsSuppressed(text)) return "suppressed at source";
  const absl::optional<absl::string_view> reason = NotAvailableReason(text);
  // Where a text must be given, "NA (see the letter)" is one.
  const bool is_text = field.type == ValueType::kString && !field.allow_not_available && reason && !reason->empty();
  return is_text ? absl::nullopt : reason;
}

}  // namespace

ContentBuilder::ContentBuilder(const ServiceSchema* service) {
  if (service != nullptr) message_ = service->NewMessage();
}

void ContentBuilder::Add(const FieldSchema& field, absl::string_view text) {
  if (message_ == nullptr || text.empty()) return;
  if (const absl::optional<absl::string_view> reason = ReasonIn(field, text)) {
    v1::NotAvailable* missing = values_.add_not_available();
    missing->set_field(field.path);
    missing->set_reason(std::string(*reason));
    return;
  }
  if (!SetValue(field, text)) AddUnreadable(field, text);
}

void ContentBuilder::AddUnreadable(const FieldSchema& field, absl::string_view text) {
  if (message_ == nullptr) return;
  v1::UnreadableValue* unreadable = values_.add_unreadable();
  unreadable->set_field(field.path);
  unreadable->set_given(std::string(FirstCharacters(text, kMaxCharacters)));
}

bool ContentBuilder::SetValue(const FieldSchema& field, absl::string_view text) {
  const FieldDescriptor* last = field.descriptors.back();
  const absl::optional<bool> yes = ParseYesNo(text);
  const Choice* choice = field.type == ValueType::kChoice ? field.FindChoice(text) : nullptr;
  if (field.type == ValueType::kChoice && choice == nullptr) return false;
  if (field.type == ValueType::kBool && !yes) return false;
  if (field.type == ValueType::kDouble && !ParseNumber(text)) return false;
  if (field.type == ValueType::kInt && !ParseWholeNumber(text)) return false;

  // Only now, since a group that is opened counts as given.
  Message* holder = message_.get();
  for (size_t i = 0; i + 1 < field.descriptors.size(); ++i) {
    holder = holder->GetReflection()->MutableMessage(holder, field.descriptors[i]);
  }
  switch (field.type) {
    case ValueType::kChoice:
      holder->GetReflection()->SetEnumValue(holder, last, choice->number);
      return true;
    case ValueType::kBool:
      holder->GetReflection()->SetBool(holder, last, *yes);
      return true;
    case ValueType::kString:
      holder->GetReflection()->SetString(holder, last, std::string(text));
      return true;
    case ValueType::kInt:
    case ValueType::kDouble:
      break;
  }
  return SetNumber(holder, last, text);
}

void ContentBuilder::Finish(v1::ReturnContent* content) {
  if (message_ == nullptr) return;
  content->mutable_data()->PackFrom(*message_);
  *content->mutable_not_available() = std::move(*values_.mutable_not_available());
  *content->mutable_unreadable() = std::move(*values_.mutable_unreadable());
}

}  // namespace quartermaster::client
