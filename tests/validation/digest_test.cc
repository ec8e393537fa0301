// The hash that lies on disk, against the published test vectors of FNV-1a with 64 bits (G. Fowler, L. C. Noll, K.-P.
// Vo, "The FNV Non-Cryptographic Hash Algorithm", and the tables of their test_fnv.c).
#include "validation/digest.h"

#include "gtest/gtest.h"

namespace quartermaster {
namespace {

constexpr uint64_t kPrime = 0x100000001b3u;

TEST(Digest, IsThePublishedHashOfEachTextAndAZeroByte) {
  const struct {
    const char* text;
    uint64_t published;
  } rows[] = {
      {"", 0xcbf29ce484222325u},     {"a", 0xaf63dc4c8601ec8cu},     {"b", 0xaf63df4c8601f1a5u},
      {"c", 0xaf63de4c8601eff2u},    {"d", 0xaf63d94c8601e773u},     {"e", 0xaf63d84c8601e5c0u},
      {"f", 0xaf63db4c8601ead9u},    {"fo", 0x08985907b541d342u},    {"foo", 0xdcb27518fed9d577u},
      {"foob", 0xdd120e790c2512afu}, {"fooba", 0xcac165afa2fef40au}, {"foobar", 0x85944171f73967e8u},
  };
  for (const auto& row : rows) {
    // The zero byte at the end changes nothing but is multiplied as any byte.
    EXPECT_EQ(Digest().Add(row.text).value(), row.published * kPrime) << row.text;
  }
}

// The same from the part of the tables that has each text with its zero.
TEST(Digest, IsThePublishedHashOfTextsWithTheirZero) {
  EXPECT_EQ(Digest().Add("").value(), 0xaf63bd4c8601b7dfu);
  EXPECT_EQ(Digest().Add("a").value(), 0x089be207b544f1e4u);
  EXPECT_EQ(Digest().Add("b").value(), 0x08a61407b54d9b5fu);
}

TEST(Digest, StartsWithTheOffsetBasis) {
  EXPECT_EQ(Digest().value(), 14695981039346656037u);
  EXPECT_EQ(Digest().ToString(), "cbf29ce484222325");
}

TEST(Digest, TellsWhereATextEnds) {
  EXPECT_NE(Digest().Add("a").Add("bc").value(), Digest().Add("ab").Add("c").value());
  EXPECT_NE(Digest().Add("").value(), Digest().value());
  EXPECT_NE(Digest().Add("a").Add("").value(), Digest().Add("a").value());
  EXPECT_NE(Digest().Add("a").Add("b").value(), Digest().Add("b").Add("a").value());
}

TEST(Digest, TakesNumbersInDecimal) {
  EXPECT_EQ(Digest().Add(uint64_t{0}).value(), Digest().Add("0").value());
  EXPECT_EQ(Digest().Add(~uint64_t{0}).value(), Digest().Add("18446744073709551615").value());
}

TEST(Digest, TakesAnyByte) {
  EXPECT_NE(Digest().Add(absl::string_view("a\0b", 3)).value(), Digest().Add("ab").value());
  EXPECT_NE(Digest().Add("\xff").value(), Digest().Add("\x7f").value());
}

TEST(Digest, WritesSixteenDigits) {
  EXPECT_EQ(Digest().Add("a").ToString(), "089be207b544f1e4");  // With the zero in front.
}

}  // namespace
}  // namespace quartermaster
