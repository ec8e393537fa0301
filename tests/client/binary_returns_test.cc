#include <string>

#include "client/return_objects.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {
namespace {

const KeyOptions& AllKeys() {
  static const auto& keys = *new KeyOptions{"wards", "ward", "2025-26-Q1", "RT1"};
  return keys;
}

v1::ReturnContent Content() {
  v1::ReturnContent content;
  content.set_collection("wards");
  content.set_participant("RT2");
  content.mutable_data()->set_value("data");
  return content;
}

TEST(BinaryReturnsTest, ReadsAFileAReturnAndTheMessageOfAService) {
  v1::ReturnFile file;
  *file.add_returns() = Content();
  *file.add_returns() = Content();
  const ReturnObjects of_file = ReadBinaryReturns("f.pb", file.SerializeAsString(), {});
  ASSERT_EQ(of_file.beside.size(), 2u);
  EXPECT_EQ(of_file.beside[1].data().value(), "data");
  EXPECT_EQ(of_file.result.table->cell(1, 2), "RT2");
  EXPECT_EQ(of_file.result.table->row_number(1), 2u);

  const ReturnObjects of_return = ReadBinaryReturns("f.pb", Content().SerializeAsString(), AllKeys());
  ASSERT_EQ(of_return.beside.size(), 1u);
  EXPECT_EQ(of_return.beside[0].data().value(), "data");
  EXPECT_EQ(of_return.result.table->cell(0, 2), "RT2") << "what the file says stands, and is compared with the option";

  const ReturnObjects of_message = ReadBinaryReturns("f.pb", "\x08\x01", AllKeys());
  ASSERT_EQ(of_message.beside.size(), 1u);
  EXPECT_EQ(of_message.beside[0].data().value(), "\x08\x01");
  EXPECT_EQ(of_message.result.table->cell(0, 2), "RT1");
}

TEST(BinaryReturnsTest, TakesTextsForFieldsWhereTheOptionsAreTheKeys) {
  v1::ReturnContent texts;  // As a message of a service whose first fields are texts is.
  texts.set_collection("a note");
  texts.set_service("another");
  const ReturnObjects of_message = ReadBinaryReturns("f.pb", texts.SerializeAsString(), AllKeys());
  ASSERT_EQ(of_message.beside.size(), 1u);
  EXPECT_EQ(of_message.beside[0].data().value(), texts.SerializeAsString());
  EXPECT_EQ(of_message.result.table->cell(0, 0), "wards");

  const ReturnObjects of_keys = ReadBinaryReturns("f.pb", texts.SerializeAsString(), {});
  EXPECT_EQ(of_keys.result.table->cell(0, 0), "a note");
}

TEST(BinaryReturnsTest, RefusesWhatIsNoneOfThem) {
  const std::string whole = Content().SerializeAsString();
  for (const std::string& bytes : {whole.substr(0, whole.size() - 1), std::string("\x08\x01", 2), whole + "\x01"}) {
    const ReturnObjects read = ReadBinaryReturns("f.pb", bytes, {});
    EXPECT_EQ(read.result.table, nullptr);
    EXPECT_TRUE(read.beside.empty());
    ASSERT_EQ(read.result.problems.size(), 1u);
    EXPECT_EQ(read.result.problems[0].rule_id(), "not-protobuf");
  }
}

}  // namespace
}  // namespace quartermaster::client
