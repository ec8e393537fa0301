// The values of a return against what protobuf's own message of the type says, for random messages and broken bytes.
#include "validation/return_values.h"

#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownFieldSet;

constexpr char kCollection[] = R"file(
syntax = "proto3";
package collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (quartermaster.schema.v1.collection) = {
  id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04"
};
enum Team {
  TEAM_UNSPECIFIED = 0;
  TEAM_CRISIS = 1;
}
message Inner {
  optional int32 number = 1 [(quartermaster.schema.v1.field) = { label: "Number" }];
  optional string text = 7 [(quartermaster.schema.v1.field) = { label: "Text" }];
}
message Group {
  optional sint32 number = 2 [(quartermaster.schema.v1.field) = { label: "Number" }];
  Inner inner = 1;
  optional bool last = 3 [(quartermaster.schema.v1.field) = { label: "Last" }];
}
message Nothing {}
message Ward {
  option (quartermaster.schema.v1.service) = { id: "ward" title: "Ward" };
  optional double a = 1 [(quartermaster.schema.v1.field) = { label: "A" decimals: 2 }];
  optional int32 b = 2 [(quartermaster.schema.v1.field) = { label: "B" }];
  optional int64 c = 3 [(quartermaster.schema.v1.field) = { label: "C" }];
  optional uint32 d = 4 [(quartermaster.schema.v1.field) = { label: "D" }];
  optional uint64 e = 5 [(quartermaster.schema.v1.field) = { label: "E" }];
  Group first = 6;
  optional sint32 f = 70 [(quartermaster.schema.v1.field) = { label: "F" }];
  optional sint64 g = 8 [(quartermaster.schema.v1.field) = { label: "G" }];
  optional fixed32 h = 9 [(quartermaster.schema.v1.field) = { label: "H" }];
  optional fixed64 i = 10 [(quartermaster.schema.v1.field) = { label: "I" }];
  Nothing nothing = 20;
  optional sfixed32 j = 11 [(quartermaster.schema.v1.field) = { label: "J" }];
  optional sfixed64 k = 1200 [(quartermaster.schema.v1.field) = { label: "K" }];
  optional bool l = 13 [(quartermaster.schema.v1.field) = { label: "L" }];
  optional Team m = 14 [(quartermaster.schema.v1.field) = { label: "M" }];
  optional string n = 15 [(quartermaster.schema.v1.field) = { label: "N" }];
  Group second = 160;
}
)file";

double NumberOf(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? 1 : 0;
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(message, field);
    default:
      return reflection->GetDouble(message, field);
  }
}

std::string ValueText(const FieldSchema& schema, const Message& root) {
  const Message* message = &root;
  for (size_t i = 0; i + 1 < schema.descriptors.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, schema.descriptors[i]);
  }
  const FieldDescriptor* field = schema.descriptors.back();
  if (!message->GetReflection()->HasField(*message, field)) return "absent";
  if (schema.type == ValueType::kString) return message->GetReflection()->GetString(*message, field);
  const double number = NumberOf(*message, field);
  const bool is_number = schema.type == ValueType::kInt || schema.type == ValueType::kDouble;
  const DecimalReading reading = ReadDecimal(number, is_number ? schema.places : 0);
  const bool exact = reading.kind == DecimalReading::Kind::kExact;
  const bool readable = exact || reading.kind == DecimalReading::Kind::kBinaryNoise;
  if (!is_number) return Decimal::FromInteger(static_cast<int64_t>(number)).ToString();
  return absl::StrCat(readable ? "" : "unreadable ", reading.value.ToString(), exact ? "" : " problem");
}

void AddUnknown(const Message& message, const std::string& path, std::vector<std::string>* unknown) {
  const Reflection* reflection = message.GetReflection();
  const UnknownFieldSet& fields = reflection->GetUnknownFields(message);
  for (int i = 0; i < fields.field_count(); ++i) unknown->push_back(absl::StrCat(path, "#", fields.field(i).number()));
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    AddUnknown(reflection->GetMessage(message, field), absl::StrCat(path, field->name(), "."), unknown);
  }
}

class ReturnValuesTest : public ::testing::Test {
 protected:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

  int64_t RandomInteger() {
    const int64_t ends[] = {0,
                            1,
                            -1,
                            std::numeric_limits<int32_t>::max(),
                            std::numeric_limits<int32_t>::min(),
                            std::numeric_limits<int64_t>::max(),
                            std::numeric_limits<int64_t>::min()};
    return Below(3) == 0 ? ends[Below(7)] : static_cast<int64_t>(random_() >> Below(64));
  }

  void SetRandom(Message* message, const FieldDescriptor* field) {
    const Reflection* reflection = message->GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(message, field, static_cast<int32_t>(RandomInteger()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->SetInt64(message, field, RandomInteger());
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection->SetUInt32(message, field, static_cast<uint32_t>(RandomInteger()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection->SetUInt64(message, field, static_cast<uint64_t>(RandomInteger()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection->SetDouble(message, field, static_cast<double>(RandomInteger()) / (Below(2) == 0 ? 100 : 3));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(message, field, Below(2) == 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->SetEnumValue(message, field, static_cast<int>(RandomInteger()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->SetString(message, field, Below(2) == 0 ? "" : "text \xC3\xA9 \xF0\x9F\x98\x80");
      default:
        return FillRandom(reflection->MutableMessage(message, field));
    }
  }

  void FillRandom(Message* message) {
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      if (Below(3) > 0) SetRandom(message, message->GetDescriptor()->field(i));
    }
    if (Below(8) == 0) {
      UnknownFieldSet* unknown = message->GetReflection()->MutableUnknownFields(message);
      unknown->AddVarint(99, 5);
      unknown->AddGroup(12)->AddLengthDelimited(3, "text");
      unknown->AddFixed32(1, 7);  // Known, but not so.
    }
  }

  std::string RandomBytes() {
    std::string bytes;
    for (size_t parts = Below(3) + 1; parts > 0; --parts) {  // One after the other they are merged.
      const auto message = ward_.NewMessage();
      FillRandom(message.get());
      bytes += message->SerializePartialAsString();
    }
    return bytes;
  }

  // Gives whether it could be read.
  bool ExpectAsProtobufSays(const std::string& bytes) {
    const auto message = ward_.NewMessage();
    const bool parses = message->ParseFromString(bytes);
    const absl::StatusOr<ReturnValues> values = ReturnValues::Read(ward_, bytes, {});
    EXPECT_EQ(values.ok(), parses) << absl::BytesToHexString(bytes);
    if (!values.ok() || !parses) return false;
    std::string problems;
    for (const FieldSchema& field : ward_.fields()) {
      const FieldValue& value = values->fields()[static_cast<size_t>(field.index)];
      std::string text = value.presence == Presence::kAbsent       ? "absent"
                         : field.type == ValueType::kString        ? std::string(value.text)
                         : value.presence == Presence::kUnreadable ? "unreadable " + value.number.ToString()
                                                                   : value.number.ToString();
      for (const ReadingProblem& problem : values->problems()) {
        if (problem.field_index == field.index) text += " problem";
      }
      EXPECT_EQ(text, ValueText(field, *message)) << field.path;
    }
    std::vector<std::string> unknown;
    AddUnknown(*message, "", &unknown);
    unknown.resize(std::min(unknown.size(), size_t{100}));
    EXPECT_EQ(values->unknown_fields(), unknown);
    return true;
  }

  std::mt19937_64 random_{20260401};
  const std::shared_ptr<const CollectionSchema> schema_ = testing::CollectionFromText(kCollection);
  const ServiceSchema& ward_ = *schema_->FindService("ward");
};

TEST_F(ReturnValuesTest, AreThoseOfTheMessage) {
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(ExpectAsProtobufSays(RandomBytes()));
    ASSERT_FALSE(HasFailure()) << "in round " << i;
  }
}

TEST_F(ReturnValuesTest, AreRefusedWhereProtobufRefusesThem) {
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = RandomBytes();
    for (size_t changes = Below(3); changes > 0 && !bytes.empty(); --changes) {
      bytes[Below(bytes.size())] = static_cast<char>(random_());
    }
    if (Below(3) == 0) bytes.resize(Below(bytes.size() + 1));
    if (!ExpectAsProtobufSays(bytes)) ++refused;
    ASSERT_FALSE(HasFailure()) << "in round " << i;
  }
  EXPECT_GT(refused, 1000);
}

// Numbers may be written with leading zeros, which are seven bits a byte: as many as protobuf takes.
TEST_F(ReturnValuesTest, NumbersMayHaveLeadingZeros) {
  for (const char* kind : {"tag", "length", "length of a group's", "number"}) {
    for (size_t zeros = 0; zeros < 12; ++zeros) {
      const std::string padding = zeros == 0 ? "" : std::string(zeros - 1, '\x80') + '\0';
      const auto padded = [&](char byte) {
        return zeros == 0 ? std::string(1, byte) : std::string(1, static_cast<char>(byte | '\x80')) + padding;
      };
      const absl::string_view which = kind;
      // Of fields 2 and 1000, which there are not.
      const std::string bytes = which == "tag"      ? padded('\x10') + "\x01"
                                : which == "length" ? "\xC2\x3E" + padded('\x01') + "x"
                                : which == "number" ? "\x10" + padded('\x01')
                                                    : "\xC3\x3E\x12" + padded('\x01') + "x\xC4\x3E";
      ExpectAsProtobufSays(bytes);
      ASSERT_FALSE(HasFailure()) << kind << " with " << zeros;
    }
  }
}

// A tag of five bytes may have more than its 32 bits.
TEST_F(ReturnValuesTest, TagsMayHaveBitsThatGetLost) {
  for (const char last : {'\x01', '\x0F', '\x10', '\x11', '\x1F', '\x7F'}) {
    for (const absl::string_view bytes : {"\xF8\xFF\xFF\xFF", "\x90\x80\x80\x80", "\xFA\xFF\xFF\xFF"}) {
      ExpectAsProtobufSays(absl::StrCat(bytes, absl::string_view(&last, 1), "\x01x"));
      ASSERT_FALSE(HasFailure()) << absl::BytesToHexString(bytes) << " " << int{last};
    }
  }
}

TEST_F(ReturnValuesTest, GroupsMayBeNestedAsDeepAsProtobufTakesThem) {
  const std::string begin = "\xC3\x3E";  // Of field 1000, which there is not.
  const std::string end = "\xC4\x3E";
  for (const size_t depth : {1u, 99u, 100u, 101u, 102u, 1'000'000u}) {
    std::string bytes;
    for (size_t i = 0; i < depth; ++i) bytes += begin;
    for (size_t i = 0; i < depth; ++i) bytes += end;
    const auto message = ward_.NewMessage();
    EXPECT_EQ(ReturnValues::Read(ward_, bytes, {}).ok(), message->ParseFromString(bytes)) << depth;
  }
}

TEST_F(ReturnValuesTest, TextsStayWhenTheyAreMoved) {
  const auto message = ward_.NewMessage();
  const FieldSchema* field = ward_.FindField("first.inner.text");
  ASSERT_NE(field, nullptr);
  Message* inner = message.get();
  for (size_t i = 0; i + 1 < field->descriptors.size(); ++i) {
    inner = inner->GetReflection()->MutableMessage(inner, field->descriptors[i]);
  }
  inner->GetReflection()->SetString(inner, field->descriptors.back(), "a");
  absl::StatusOr<ReturnValues> read = ReturnValues::Read(ward_, message->SerializeAsString(), {});
  ASSERT_TRUE(read.ok());
  const auto moved = std::make_unique<ReturnValues>(*std::move(read));
  read = absl::UnknownError("gone");
  EXPECT_EQ(moved->fields()[static_cast<size_t>(field->index)].text, "a");
}

}  // namespace
}  // namespace quartermaster
