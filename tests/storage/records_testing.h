// What the tests of records share: the wire format of protobuf, written out, and how a record is held against it.
#ifndef QUARTERMASTER_TESTS_STORAGE_RECORDS_TESTING_H_
#define QUARTERMASTER_TESTS_STORAGE_RECORDS_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace quartermaster::storage {

// The wire format of protobuf, as far as records need it. A field is its number and its wire type, then its value.
inline std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}
inline std::string Number(uint64_t field, uint64_t value) { return Varint(field << 3 | 0) + Varint(value); }
// The eight bytes of the number, the least significant first, as this machine holds it too.
inline std::string Double(uint64_t field, double value) {
  return Varint(field << 3 | 1) + std::string(reinterpret_cast<const char*>(&value), sizeof value);
}
// Of text, bytes and messages.
inline std::string Bytes(uint64_t field, const std::string& value) {
  return Varint(field << 3 | 2) + Varint(value.size()) + value;
}

// Both ways: what this program writes, and what an older one has written.
template <typename Record>
void ExpectBytes(const Record& record, const std::string& written, const absl::StatusOr<Record>& read,
                 const std::string& bytes) {
  EXPECT_EQ(absl::BytesToHexString(written), absl::BytesToHexString(bytes));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, record)) << read->DebugString();
}

// Fails where a field was added that the test does not set, and so does not pin. Some fields are never stored.
inline void ExpectAllFieldsSet(const google::protobuf::Message& message, int never_stored = 0) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  EXPECT_EQ(static_cast<int>(set.size()), message.GetDescriptor()->field_count() - never_stored)
      << message.ShortDebugString();
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_RECORDS_TESTING_H_
