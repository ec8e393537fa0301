#include "tests/fuzz/message_mutator.h"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

// The fuzzer's own ways of changing bytes, with its dictionary and what it saw compared.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace quartermaster::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxTextGrowth = 64;

size_t Pick(size_t count, Random* random) { return std::uniform_int_distribution<size_t>(0, count - 1)(*random); }

std::string MutatedText(std::string text) {
  const size_t size = text.size();
  text.resize(size + kMaxTextGrowth);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
  return text;
}

template <typename Number>
Number MutatedNumber(Number number, Random* random) {
  static constexpr Number kExtremes[] = {Number{0}, Number{1}, static_cast<Number>(-1),
                                         std::numeric_limits<Number>::max(), std::numeric_limits<Number>::lowest()};
  switch (Pick(4, random)) {
    case 0:
      return kExtremes[Pick(std::size(kExtremes), random)];
    case 1:
      return static_cast<Number>(Pick(100, random));
    default:
      uint8_t bytes[sizeof number];
      std::memcpy(bytes, &number, sizeof number);
      LLVMFuzzerMutate(bytes, sizeof number, sizeof number);
      std::memcpy(&number, bytes, sizeof number);
      return number;
  }
}

// What is set in the messages, and all messages, `message` among them.
struct Place {
  Message* message;
  const FieldDescriptor* field;
};
void Collect(Message* message, std::vector<Message*>* messages, std::vector<Place>* places) {
  messages->push_back(message);
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    places->push_back({message, field});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Collect(reflection->MutableMessage(message, field), messages, places);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      Collect(reflection->MutableRepeatedMessage(message, field, i), messages, places);
    }
  }
}

// Gives a field another value, or sets it where it has none.
void SetOne(const Place& place, Random* random) {
  Message* message = place.message;
  const FieldDescriptor* field = place.field;
  const Reflection* reflection = message->GetReflection();
  const bool has = reflection->HasField(*message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(message, field, MutatedNumber(reflection->GetInt32(*message, field), random));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(message, field, MutatedNumber(reflection->GetInt64(*message, field), random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(message, field, MutatedNumber(reflection->GetUInt32(*message, field), random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(message, field, MutatedNumber(reflection->GetUInt64(*message, field), random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(message, field, MutatedNumber(reflection->GetDouble(*message, field), random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->SetFloat(message, field, MutatedNumber(reflection->GetFloat(*message, field), random));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(message, field, !reflection->GetBool(*message, field));
    case FieldDescriptor::CPPTYPE_ENUM: {
      // One beyond those that there are, where the type takes it.
      const int count = field->enum_type()->value_count();
      const int index = static_cast<int>(Pick(static_cast<size_t>(count) + 1, random));
      if (index < count) return reflection->SetEnum(message, field, field->enum_type()->value(index));
      if (reflection->SupportsUnknownEnumValues()) reflection->SetEnumValue(message, field, 1000);
      return;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(message, field,
                                   has ? MutatedText(reflection->GetString(*message, field)) : MutatedText("a"));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      reflection->MutableMessage(message, field);
      return;
  }
}

void AddOne(const Place& place, Random* random) {
  Message* message = place.message;
  const FieldDescriptor* field = place.field;
  const Reflection* reflection = message->GetReflection();
  const int size = reflection->FieldSize(*message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* added = reflection->AddMessage(message, field);
      // Like one that is there already, most of the time.
      if (size == 0 || Pick(4, random) == 0) return;
      added->CopyFrom(reflection->GetRepeatedMessage(*message, field, static_cast<int>(Pick(size, random))));
      return MutateMessage(added, random);
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->AddString(
          message, field,
          MutatedText(
              size == 0 ? "a" : reflection->GetRepeatedString(*message, field, static_cast<int>(Pick(size, random)))));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->AddEnum(message, field,
                                 field->enum_type()->value(static_cast<int>(
                                     Pick(static_cast<size_t>(field->enum_type()->value_count()), random))));
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->AddInt32(message, field, MutatedNumber(int32_t{0}, random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->AddUInt64(message, field, MutatedNumber(uint64_t{0}, random));
    default:  // No message here has a repeated field of another type.
      return;
  }
}

void ChangeRepeated(const Place& place, Random* random) {
  const Reflection* reflection = place.message->GetReflection();
  const int size = reflection->FieldSize(*place.message, place.field);
  switch (size == 0 ? 0 : Pick(4, random)) {
    case 0:
      return AddOne(place, random);
    case 1:
      reflection->SwapElements(place.message, place.field, static_cast<int>(Pick(size, random)), size - 1);
      return reflection->RemoveLast(place.message, place.field);
    case 2:
      return reflection->SwapElements(place.message, place.field, static_cast<int>(Pick(size, random)),
                                      static_cast<int>(Pick(size, random)));
    default:
      if (place.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
      const int index = static_cast<int>(Pick(size, random));
      return reflection->SetRepeatedString(
          place.message, place.field, index,
          MutatedText(reflection->GetRepeatedString(*place.message, place.field, index)));
  }
}

// Any field of the message, its extensions included.
const FieldDescriptor* AnyField(const Message& message, Random* random) {
  std::vector<const FieldDescriptor*> fields;
  google::protobuf::DescriptorPool::generated_pool()->FindAllExtensions(message.GetDescriptor(), &fields);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) fields.push_back(message.GetDescriptor()->field(i));
  return fields.empty() ? nullptr : fields[Pick(fields.size(), random)];
}

}  // namespace

void MutateMessage(Message* message, Random* random) {
  std::vector<Message*> messages;
  std::vector<Place> places;
  Collect(message, &messages, &places);
  Place place{messages[Pick(messages.size(), random)], nullptr};
  place.field = AnyField(*place.message, random);
  // Most often what is there already.
  if (!places.empty() && Pick(4, random) != 0) place = places[Pick(places.size(), random)];
  if (place.field == nullptr) return;
  const Reflection* reflection = place.message->GetReflection();
  if (place.field->is_repeated()) return ChangeRepeated(place, random);
  if (reflection->HasField(*place.message, place.field) && Pick(8, random) == 0) {
    return reflection->ClearField(place.message, place.field);
  }
  SetOne(place, random);
}

size_t MutateInput(uint8_t* data, size_t size, size_t max_size, unsigned seed, Message* scratch,
                   void (*mutate)(Message*, Random*)) {
  Random random(seed);
  if (Pick(4, &random) == 0 || !scratch->ParsePartialFromArray(data, static_cast<int>(size))) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  for (size_t changes = 1 + Pick(4, &random); changes > 0; --changes) mutate(scratch, &random);
  const std::string bytes = scratch->SerializePartialAsString();
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace quartermaster::fuzz
