// A return is a list of fields, each with its number and bits. Protobuf's own writers give every number its shortest
// form and write no groups; such bytes are listed here. All others protobuf lists, read as a message without any field:
// what it refuses is refused, and the rest lies in its unknown fields. To make a message of a type that is known only
// at run time, and to ask it for each field, would take several times as long (tests/bench/parsing_benchmark.cc,
// ReadTheMessage).
#include "validation/return_values.h"

#include <bit>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/unknown_field_set.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// Past it a list of unknown fields tells nobody more.
constexpr size_t kMaxUnknownFields = 100;

constexpr int kWireTypeBits = 3;
// The largest; up to it a tag is read most quickly, and few services have fields past it.
constexpr uint32_t kTagOfTwoBytes = (1U << 14) - 1;
// Of four bytes: a fifth may have bits that a tag has no room for.
constexpr uint32_t kMostPlainTag = (1U << 28) - 1;

// Sixteen bytes, since a hostile return has two million of them.
class WireField {
 public:
  WireField(uint32_t tag, uint64_t bits) : tag_(tag), value_{.bits = bits} {}
  // The bytes must outlive it.
  WireField(uint32_t tag, absl::string_view bytes)
      : tag_(tag), size_(static_cast<uint32_t>(bytes.size())), value_{.data = bytes.data()} {}

  int number() const { return static_cast<int>(tag_ >> kWireTypeBits); }
  WireType type() const { return static_cast<WireType>(tag_ & ((1U << kWireTypeBits) - 1)); }
  // Of what is a number.
  uint64_t bits() const { return value_.bits; }
  // Of what is length-delimited.
  absl::string_view bytes() const { return absl::string_view(value_.data, size_); }

 private:
  uint32_t tag_;
  uint32_t size_ = 0;
  union {
    uint64_t bits;
    const char* data;
  } value_;
};

// Adds the fields of bytes as protobuf's writers make them. False for any other bytes, whatever was added then.
bool AddPlainFields(absl::string_view bytes, std::vector<WireField>* fields) {
  const int size = static_cast<int>(bytes.size());
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), size);
  int at = 0;
  // Whether the number that was read from `at` on has its shortest form; from then on `at` is behind it.
  const auto took_shortest = [&](size_t shortest) {
    const int begin = std::exchange(at, in.CurrentPosition());
    return static_cast<size_t>(at - begin) == shortest;
  };
  while ((at = in.CurrentPosition()) < size) {
    const uint32_t tag = in.ReadTagWithCutoff(kTagOfTwoBytes).first;
    if (tag >> kWireTypeBits == 0 || tag > kMostPlainTag) return false;
    if (!took_shortest(CodedOutputStream::VarintSize32(tag))) return false;
    uint64_t bits = 0;
    uint32_t word = 0;
    switch (static_cast<WireType>(tag & ((1U << kWireTypeBits) - 1))) {
      case WireType::kVarint:
        if (!in.ReadVarint64(&bits) || !took_shortest(CodedOutputStream::VarintSize64(bits))) return false;
        fields->emplace_back(tag, bits);
        break;
      case WireType::kFixed64:
        if (!in.ReadLittleEndian64(&bits)) return false;
        fields->emplace_back(tag, bits);
        break;
      case WireType::kFixed32:
        if (!in.ReadLittleEndian32(&word)) return false;
        fields->emplace_back(tag, word);
        break;
      case WireType::kLengthDelimited:
        if (!in.ReadVarint64(&bits) || !took_shortest(CodedOutputStream::VarintSize64(bits))) return false;
        if (bits > static_cast<uint64_t>(size - at)) return false;
        fields->emplace_back(tag, bytes.substr(static_cast<size_t>(at), bits));
        in.Skip(static_cast<int>(bits));
        break;
      default:
        return false;
    }
  }
  return true;
}

// Adds what protobuf has read.
void AddUnknownFields(const UnknownFieldSet& unknown, std::vector<WireField>* fields) {
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    const auto tag = [&](WireType type) {
      return static_cast<uint32_t>(field.number()) << kWireTypeBits | static_cast<uint32_t>(type);
    };
    switch (field.type()) {
      case UnknownField::TYPE_VARINT:
        fields->emplace_back(tag(WireType::kVarint), field.varint());
        break;
      case UnknownField::TYPE_FIXED64:
        fields->emplace_back(tag(WireType::kFixed64), field.fixed64());
        break;
      case UnknownField::TYPE_FIXED32:
        fields->emplace_back(tag(WireType::kFixed32), field.fixed32());
        break;
      case UnknownField::TYPE_LENGTH_DELIMITED:
        fields->emplace_back(tag(WireType::kLengthDelimited), field.length_delimited());
        break;
      case UnknownField::TYPE_GROUP:
        fields->emplace_back(tag(WireType::kGroup), 0);
        break;
    }
  }
}

// 0, -1, 1, -2 ... of 0, 1, 2, 3 ...
int64_t ZigZag(uint64_t bits) { return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1); }

// Every whole number up to kMaxMagnitude is a double of its own, so numbers of all types are read as doubles.
static_assert(kMaxMagnitude < (int64_t{1} << std::numeric_limits<double>::digits));

// As the type of the field has it: what has too many bits for it loses the upper ones.
double ReadNumber(uint64_t bits, FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
      return std::bit_cast<double>(bits);
    case FieldDescriptor::TYPE_FIXED64:
      return static_cast<double>(bits);
    case FieldDescriptor::TYPE_SFIXED64:
      return static_cast<double>(static_cast<int64_t>(bits));
    case FieldDescriptor::TYPE_FIXED32:
      return static_cast<uint32_t>(bits);
    case FieldDescriptor::TYPE_SFIXED32:
      return static_cast<int32_t>(bits);
    case FieldDescriptor::TYPE_UINT64:
      return static_cast<double>(bits);
    case FieldDescriptor::TYPE_UINT32:
      return static_cast<uint32_t>(bits);
    case FieldDescriptor::TYPE_SINT64:
      return static_cast<double>(ZigZag(bits));
    case FieldDescriptor::TYPE_SINT32:
      return static_cast<double>(ZigZag(static_cast<uint32_t>(bits)));
    case FieldDescriptor::TYPE_INT64:
      return static_cast<double>(static_cast<int64_t>(bits));
    default:
      return static_cast<int32_t>(bits);
  }
}

void ReadValue(const WireField& wire, const FieldLayout& field, FieldValue* value,
               std::vector<ReadingProblem>* problems) {
  value->presence = Presence::kPresent;
  switch (field.value_type) {
    case ValueType::kBool:
      value->number = Decimal::FromInteger(wire.bits() != 0 ? 1 : 0);
      return;
    case ValueType::kChoice:
      value->number = Decimal::FromInteger(static_cast<int32_t>(wire.bits()));
      return;
    case ValueType::kString:
      value->text = wire.bytes();
      return;
    case ValueType::kInt:
    case ValueType::kDouble:
      break;
  }
  const double given = ReadNumber(wire.bits(), field.type);
  const DecimalReading reading = ReadDecimal(given, field.places);
  value->number = reading.value;
  if (reading.kind == DecimalReading::Kind::kExact) return;
  problems->push_back({static_cast<int>(field.index), reading.kind, given});
  if (reading.kind != DecimalReading::Kind::kBinaryNoise) value->presence = Presence::kUnreadable;
}

}  // namespace

class ReturnValues::Reader {
 public:
  explicit Reader(ReturnValues* values) : values_(values) {}

  // Reads encodings of a message, which protobuf merges into one. False if they are none.
  bool Read(const MessageLayout& layout, absl::Span<const absl::string_view> encodings) {
    std::vector<WireField> wires;
    wires.reserve(layout.fields().size());
    for (const absl::string_view encoding : encodings) {
      if (!AddFields(encoding, &wires)) return false;
    }
    std::vector<const WireField*> last(layout.fields().size());
    std::vector<std::vector<absl::string_view>> groups(layout.groups().size());
    for (const WireField& wire : wires) {
      const FieldLayout* field = layout.Find(wire.number());
      if (field == nullptr || wire.type() != field->wire_type) {
        AddUnknown(layout.path(), wire.number());
        continue;
      }
      last[static_cast<size_t>(field - layout.fields().data())] = &wire;
      if (field->type == FieldDescriptor::TYPE_MESSAGE) groups[field->index].push_back(wire.bytes());
      if (field->type == FieldDescriptor::TYPE_STRING && !IsUtf8(wire.bytes())) return false;
    }
    for (size_t i = 0; i < last.size(); ++i) {
      const FieldLayout& field = layout.fields()[i];
      if (field.type == FieldDescriptor::TYPE_MESSAGE) {
        if (!Read(layout.groups()[field.index], groups[field.index])) return false;
      } else if (last[i] != nullptr) {
        ReadValue(*last[i], field, &values_->fields_[field.index], &values_->problems_);
      }
    }
    return true;
  }

 private:
  static constexpr size_t kMaxBytes = std::numeric_limits<int>::max();  // as protobuf counts them

  // False if the bytes are the encoding of no message.
  bool AddFields(absl::string_view encoding, std::vector<WireField>* wires) {
    if (encoding.size() > kMaxBytes) return false;
    const auto before = static_cast<ptrdiff_t>(wires->size());
    if (AddPlainFields(encoding, wires)) return true;
    wires->erase(wires->begin() + before, wires->end());
    const auto& message = values_->messages_.emplace_back(std::make_unique<google::protobuf::Empty>());
    if (!message->ParseFromArray(encoding.data(), static_cast<int>(encoding.size()))) return false;
    AddUnknownFields(message->GetReflection()->GetUnknownFields(*message), wires);
    return true;
  }

  void AddUnknown(const std::string& path, int number) {
    std::vector<std::string>& unknown = values_->unknown_fields_;
    if (unknown.size() < kMaxUnknownFields) unknown.push_back(absl::StrCat(path, "#", number));
  }

  ReturnValues* const values_;
};

absl::StatusOr<ReturnValues> ReturnValues::Read(
    const ServiceSchema& service, std::string data,
    const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available) {
  ReturnValues values;
  values.fields_.resize(service.fields().size());
  values.data_ = std::make_unique<const std::string>(std::move(data));
  if (!Reader(&values).Read(service.layout(), {*values.data_})) {
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
