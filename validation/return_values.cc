// Reads the bytes as a message without any field: protobuf then keeps all as unknown fields, a plain list in the order
// of the bytes. To make a message of a type that is known only at run time, and to ask it for each field, takes nearly
// three times as long (tests/bench/parsing_benchmark.cc, ReadTheMessage).
#include "validation/return_values.h"

#include <bit>
#include <limits>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "google/protobuf/unknown_field_set.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownFieldSet;
using WireField = google::protobuf::UnknownField;

// Past it a list of unknown fields tells nobody more.
constexpr size_t kMaxUnknownFields = 100;

// How a field of a service lies in the bytes (protobuf's encoding guide); one that lies otherwise is none of its own.
WireField::Type WireTypeOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireField::TYPE_FIXED64;
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireField::TYPE_FIXED32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireField::TYPE_LENGTH_DELIMITED;
    default:
      return WireField::TYPE_VARINT;
  }
}

// 0, -1, 1, -2 ... of 0, 1, 2, 3 ...
int64_t ZigZag(uint64_t bits) { return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1); }

// Every whole number up to kMaxMagnitude is a double of its own, so numbers of all types are read as doubles.
static_assert(kMaxMagnitude < (int64_t{1} << std::numeric_limits<double>::digits));

// As the type of the field has it: what has too many bits for it loses the upper ones.
double ReadNumber(const WireField& wire, FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
      return std::bit_cast<double>(wire.fixed64());
    case FieldDescriptor::TYPE_FIXED64:
      return static_cast<double>(wire.fixed64());
    case FieldDescriptor::TYPE_SFIXED64:
      return static_cast<double>(static_cast<int64_t>(wire.fixed64()));
    case FieldDescriptor::TYPE_FIXED32:
      return wire.fixed32();
    case FieldDescriptor::TYPE_SFIXED32:
      return static_cast<int32_t>(wire.fixed32());
    case FieldDescriptor::TYPE_UINT64:
      return static_cast<double>(wire.varint());
    case FieldDescriptor::TYPE_UINT32:
      return static_cast<uint32_t>(wire.varint());
    case FieldDescriptor::TYPE_SINT64:
      return static_cast<double>(ZigZag(wire.varint()));
    case FieldDescriptor::TYPE_SINT32:
      return static_cast<double>(ZigZag(static_cast<uint32_t>(wire.varint())));
    case FieldDescriptor::TYPE_INT64:
      return static_cast<double>(static_cast<int64_t>(wire.varint()));
    default:
      return static_cast<int32_t>(wire.varint());
  }
}

void ReadValue(const WireField& wire, const FieldSchema& schema, FieldValue* value,
               std::vector<ReadingProblem>* problems) {
  const FieldDescriptor::Type type = schema.descriptors.back()->type();
  value->presence = Presence::kPresent;
  switch (schema.type) {
    case ValueType::kBool:
      value->number = Decimal::FromInteger(wire.varint() != 0 ? 1 : 0);
      return;
    case ValueType::kChoice:
      value->number = Decimal::FromInteger(static_cast<int32_t>(wire.varint()));
      return;
    case ValueType::kString:
      value->text = wire.length_delimited();
      return;
    case ValueType::kInt:
    case ValueType::kDouble:
      break;
  }
  const double given = ReadNumber(wire, type);
  const DecimalReading reading = ReadDecimal(given, schema.places);
  value->number = reading.value;
  if (reading.kind == DecimalReading::Kind::kExact) return;
  problems->push_back({schema.index, reading.kind, given});
  if (reading.kind != DecimalReading::Kind::kBinaryNoise) value->presence = Presence::kUnreadable;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t size = Utf8CharacterBytes(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

// Goes through the messages of a return as ServiceSchema::fields() does.
class ReturnValues::Reader {
 public:
  Reader(const ServiceSchema& service, ReturnValues* values) : service_(service), values_(values) {}

  // Reads encodings of the type, which protobuf merges into one message; it lies at the path. False if they are none.
  bool Read(const Descriptor* type, absl::Span<const std::string* const> encodings, const std::string& path) {
    google::protobuf::Empty* message =
        values_->messages_.emplace_back(std::make_unique<google::protobuf::Empty>()).get();
    for (const std::string* encoding : encodings) {
      if (encoding->size() > kMaxBytes || !message->MergeFromString(*encoding)) return false;
    }
    const auto size = static_cast<size_t>(type->field_count());
    std::vector<const WireField*> last(size);
    std::map<size_t, std::vector<const std::string*>> groups;
    const UnknownFieldSet& fields = message->GetReflection()->GetUnknownFields(*message);
    for (int i = 0; i < fields.field_count(); ++i) {
      const WireField& wire = fields.field(i);
      const FieldDescriptor* field = type->FindFieldByNumber(wire.number());
      if (field == nullptr || wire.type() != WireTypeOf(*field)) {
        AddUnknown(path, wire.number());
        continue;
      }
      const auto index = static_cast<size_t>(field->index());
      last[index] = &wire;
      if (field->type() == FieldDescriptor::TYPE_MESSAGE) groups[index].push_back(&wire.length_delimited());
      if (field->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(wire.length_delimited())) return false;
    }
    for (size_t i = 0; i < size; ++i) {
      const FieldDescriptor* field = type->field(static_cast<int>(i));
      if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
        if (!Read(field->message_type(), groups[i], absl::StrCat(path, field->name(), "."))) return false;
        continue;
      }
      const FieldSchema& schema = service_.fields()[next_];
      if (last[i] != nullptr) ReadValue(*last[i], schema, &values_->fields_[next_], &values_->problems_);
      ++next_;
    }
    return true;
  }

 private:
  static constexpr size_t kMaxBytes = std::numeric_limits<int>::max();  // as protobuf counts them

  void AddUnknown(const std::string& path, int number) {
    std::vector<std::string>& unknown = values_->unknown_fields_;
    if (unknown.size() < kMaxUnknownFields) unknown.push_back(absl::StrCat(path, "#", number));
  }

  const ServiceSchema& service_;
  ReturnValues* const values_;
  size_t next_ = 0;  // into the fields of the service
};

absl::StatusOr<ReturnValues> ReturnValues::Read(
    const ServiceSchema& service, absl::string_view data,
    const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available) {
  ReturnValues values;
  values.fields_.resize(service.fields().size());
  const std::string bytes(data);
  if (!Reader(service, &values).Read(service.descriptor(), {&bytes}, "")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data is not the encoding of a ", service.descriptor()->full_name()));
  }
  for (const v1::NotAvailable& missing : not_available) {
    const FieldSchema* field = service.FindField(missing.field());
    if (field == nullptr) continue;  // Judged from the request, where its name still is.
    FieldValue& value = values.fields_[static_cast<size_t>(field->index)];
    if (value.presence == Presence::kAbsent) value.presence = Presence::kNotAvailable;
  }
  return values;
}

}  // namespace quartermaster
