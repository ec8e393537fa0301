#include "validation/return_values.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace quartermaster {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownFieldSet;

// Past it a list of unknown fields tells nobody more.
constexpr size_t kMaxUnknownFields = 100;

// The message that holds the field itself, or null if a group on the way is absent.
const Message* FindHolder(const Message& message, const FieldSchema& field) {
  const Message* holder = &message;
  for (size_t i = 0; i + 1 < field.descriptors.size(); ++i) {
    const Reflection* reflection = holder->GetReflection();
    if (!reflection->HasField(*holder, field.descriptors[i])) return nullptr;
    holder = &reflection->GetMessage(*holder, field.descriptors[i]);
  }
  return holder;
}

double ReadNumber(const Message& holder, const FieldDescriptor* field) {
  const Reflection* reflection = holder.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(holder, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(reflection->GetInt64(holder, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(holder, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection->GetUInt64(holder, field));
    default:
      return reflection->GetDouble(holder, field);
  }
}

// Every whole number up to kMaxMagnitude is a double of its own, so numbers of all types are read as doubles.
static_assert(kMaxMagnitude < (int64_t{1} << std::numeric_limits<double>::digits));

void ReadValue(const Message& holder, const FieldSchema& schema, FieldValue* value,
               std::vector<ReadingProblem>* problems) {
  const FieldDescriptor* field = schema.descriptors.back();
  const Reflection* reflection = holder.GetReflection();
  value->presence = Presence::kPresent;
  switch (schema.type) {
    case ValueType::kBool:
      value->number = Decimal::FromInteger(reflection->GetBool(holder, field) ? 1 : 0);
      return;
    case ValueType::kChoice:
      value->number = Decimal::FromInteger(reflection->GetEnumValue(holder, field));
      return;
    case ValueType::kString: {
      // The message keeps a string as a std::string, so the reference is into the message and `scratch` stays empty.
      std::string scratch;
      value->text = reflection->GetStringReference(holder, field, &scratch);
      return;
    }
    case ValueType::kInt:
    case ValueType::kDouble:
      break;
  }
  const double given = ReadNumber(holder, field);
  const DecimalReading reading = ReadDecimal(given, schema.places);
  value->number = reading.value;
  if (reading.kind == DecimalReading::Kind::kExact) return;
  problems->push_back({schema.index, reading.kind, given});
  if (reading.kind != DecimalReading::Kind::kBinaryNoise) value->presence = Presence::kUnreadable;
}

void FindUnknownFields(const Message& message, const std::string& path, std::vector<std::string>* unknown) {
  const Reflection* reflection = message.GetReflection();
  const UnknownFieldSet& fields = reflection->GetUnknownFields(message);
  for (int i = 0; i < fields.field_count() && unknown->size() < kMaxUnknownFields; ++i) {
    unknown->push_back(absl::StrCat(path, "#", fields.field(i).number()));
  }
  std::vector<const FieldDescriptor*> present;
  reflection->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    FindUnknownFields(reflection->GetMessage(message, field), absl::StrCat(path, field->name(), "."), unknown);
  }
}

}  // namespace

absl::StatusOr<ReturnValues> ReturnValues::Read(
    const ServiceSchema& service, absl::string_view data,
    const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available) {
  ReturnValues values;
  values.message_ = service.NewMessage();
  if (data.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !values.message_->ParseFromArray(data.data(), static_cast<int>(data.size()))) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data is not the encoding of a ", service.descriptor()->full_name()));
  }
  values.fields_.resize(service.fields().size());
  for (const FieldSchema& field : service.fields()) {
    const Message* holder = FindHolder(*values.message_, field);
    if (holder == nullptr || !holder->GetReflection()->HasField(*holder, field.descriptors.back())) continue;
    ReadValue(*holder, field, &values.fields_[static_cast<size_t>(field.index)], &values.problems_);
  }
  for (const v1::NotAvailable& missing : not_available) {
    const FieldSchema* field = service.FindField(missing.field());
    if (field == nullptr) continue;  // Judged from the request, where its name still is.
    FieldValue& value = values.fields_[static_cast<size_t>(field->index)];
    if (value.presence == Presence::kAbsent) value.presence = Presence::kNotAvailable;
  }
  FindUnknownFields(*values.message_, "", &values.unknown_fields_);
  return values;
}

}  // namespace quartermaster
