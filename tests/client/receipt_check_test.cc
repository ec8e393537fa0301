// Receipts that are checked offline: a good one holds, and whatever part of one was changed is found. They are signed
// here, with OpenSSL and as the API says.
#include "client/receipt_check.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "client/openssl_objects.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;

constexpr char kStatement[] =
    "quartermaster receipt 1\ncollection mhlda\nservice beds\nparticipant RT1\nperiod 2026-04\nrevision 3\n"
    "commit_time 2026-04-01T12:00:00.000050Z\nsubmitter jo\ncontent_sha256 abc\nrule_version 2\nsequence 17\n";

std::string Text(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

// A key, and what it says.
class Signer {
 public:
  std::string PublicPem() const {
    const OpenSslPtr<BIO> memory(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_PUBKEY(memory.get(), key_.get()), 1);
    return Text(memory.get());
  }
  std::string Sign(const std::string& message) const {
    const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::string signature(64, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size()),
              1);
    return signature;
  }

 private:
  const OpenSslPtr<EVP_PKEY> key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
};

class ReceiptCheckTest : public ::testing::Test {
 protected:
  ReceiptCheckTest() : key_(ReceiptPublicKey::Parse(signer_.PublicPem()).value()) {
    receipt_.set_revision(3);
    *receipt_.mutable_commit_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(1'775'044'800'000'050);
    receipt_.set_submitter("jo");
    receipt_.set_content_sha256("abc");
    receipt_.set_rule_version(2);
    receipt_.set_sequence(17);
    Sign(kStatement);
  }

  // With two others: a leaf on the left, and a node on the right.
  void Sign(const std::string& statement) {
    v1::ReceiptSignature& signature = *receipt_.mutable_signature();
    signature.Clear();
    signature.set_statement(statement);
    signature.set_key_id(key_->id());
    const std::string left = Sha256("left"), right = Sha256("right");
    signature.add_siblings()->set_sha256(left);
    signature.mutable_siblings(0)->set_is_left(true);
    signature.add_siblings()->set_sha256(right);
    const std::string leaf = Sha256(absl::StrCat(std::string(1, '\0'), statement));
    const std::string node = Sha256(absl::StrCat("\x01", left, leaf));
    const std::string root = Sha256(absl::StrCat("\x01", node, right));
    signature.set_signature(signer_.Sign(absl::StrCat("quartermaster receipts 1\n", root)));
  }

  absl::Status Check(const v1::Receipt& receipt) const { return CheckReceipt(receipt, beside_, *key_); }

  const Signer signer_;
  const std::unique_ptr<const ReceiptPublicKey> key_;
  v1::Receipt receipt_;
  ReceiptSurroundings beside_{"mhlda", "beds", "RT1", "2026-04", 3};
};

TEST_F(ReceiptCheckTest, AGoodReceiptHolds) {
  EXPECT_TRUE(Check(receipt_).ok()) << Check(receipt_);
  EXPECT_EQ(key_->id().size(), 16u);
  EXPECT_EQ(StatedFact(receipt_, "participant"), "RT1");
  EXPECT_EQ(StatedFact(receipt_, "ward"), "");
  // What does not stand beside it is not compared.
  beside_ = {};
  EXPECT_TRUE(Check(receipt_).ok()) << Check(receipt_);
}

TEST_F(ReceiptCheckTest, EveryChangedPartIsFound) {
  const struct {
    const char* says;
    std::function<void(v1::Receipt&)> change;
  } kCases[] = {
      {"revision", [](v1::Receipt& receipt) { receipt.set_revision(4); }},
      {"commit_time", [](v1::Receipt& receipt) { receipt.mutable_commit_time()->set_nanos(51'000); }},
      {"submitter", [](v1::Receipt& receipt) { receipt.set_submitter("al"); }},
      {"content_sha256", [](v1::Receipt& receipt) { receipt.set_content_sha256("abd"); }},
      {"rule_version", [](v1::Receipt& receipt) { receipt.set_rule_version(1); }},
      {"sequence", [](v1::Receipt& receipt) { receipt.set_sequence(18); }},
      {"it is not signed", [](v1::Receipt& receipt) { receipt.clear_signature(); }},
      {"it names the key 0123", [](v1::Receipt& receipt) { receipt.mutable_signature()->set_key_id("0123"); }},
      {"does not have 64 bytes", [](v1::Receipt& receipt) { receipt.mutable_signature()->clear_signature(); }},
      {"did not sign it", [](v1::Receipt& receipt) { receipt.mutable_signature()->mutable_signature()->front() ^= 1; }},
      {"did not sign it",
       [](v1::Receipt& receipt) { receipt.mutable_signature()->mutable_siblings(0)->set_is_left(false); }},
      {"did not sign it",
       [](v1::Receipt& receipt) { receipt.mutable_signature()->mutable_siblings(1)->set_sha256(Sha256("other")); }},
      {"did not sign it", [](v1::Receipt& receipt) { receipt.mutable_signature()->mutable_siblings()->RemoveLast(); }},
      {"no SHA-256", [](v1::Receipt& receipt) { receipt.mutable_signature()->mutable_siblings(1)->set_sha256("x"); }},
      {"more than 16 siblings",
       [](v1::Receipt& receipt) {
         for (int i = 0; i < 15; ++i) *receipt.mutable_signature()->add_siblings() = receipt.signature().siblings(0);
       }},
  };
  for (const auto& c : kCases) {
    v1::Receipt changed = receipt_;
    c.change(changed);
    const absl::Status status = Check(changed);
    EXPECT_TRUE(absl::IsDataLoss(status)) << c.says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
  }
}

TEST_F(ReceiptCheckTest, EveryChangedByteOfAStatementIsFound) {
  for (size_t i = 0; i + 1 < sizeof kStatement; ++i) {
    v1::Receipt changed = receipt_;
    (*changed.mutable_signature()->mutable_statement())[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(Check(changed))) << i;
    // Also where nothing stands beside it, so that the signature alone can tell.
    EXPECT_TRUE(absl::IsDataLoss(CheckReceipt(changed, {}, *key_))) << i;
  }
}

TEST_F(ReceiptCheckTest, WhatStandsBesideItMustBeWhatWasSigned) {
  const ReceiptSurroundings good = beside_;
  for (std::string ReceiptSurroundings::*const part :
       {&ReceiptSurroundings::collection, &ReceiptSurroundings::service, &ReceiptSurroundings::participant,
        &ReceiptSurroundings::period}) {
    beside_ = good;
    beside_.*part = "other";
    EXPECT_THAT(std::string(Check(receipt_).message()), HasSubstr(" other, and what was signed says "));
  }
  beside_ = good;
  beside_.revision = 2;
  EXPECT_EQ(Check(receipt_).message(), "it is of revision 3, and stands with revision 2");
}

TEST_F(ReceiptCheckTest, AStatementOfAnotherFormIsNoneThoughItIsSigned) {
  const std::string statement = kStatement;
  for (const std::string& other :
       {std::string(), statement + "more 1\n", statement.substr(0, statement.size() - 1), "\n" + statement,
        statement + std::string(5000, ' '), "quartermaster receipt 2" + statement.substr(statement.find('\n'))}) {
    Sign(other);
    EXPECT_THAT(std::string(Check(receipt_).message()), HasSubstr("its statement is not one that this program knows"));
  }
  std::string renamed = statement;
  renamed.replace(renamed.find("service"), 7, "Service");
  Sign(renamed);
  EXPECT_EQ(Check(receipt_).message(), "its statement has no service where it belongs");
}

TEST_F(ReceiptCheckTest, AnotherKeyHasNotSignedIt) {
  const Signer stranger;
  const auto key = ReceiptPublicKey::Parse(stranger.PublicPem());
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_THAT(std::string(CheckReceipt(receipt_, beside_, **key).message()), HasSubstr("it names the key "));
  receipt_.mutable_signature()->set_key_id((*key)->id());
  EXPECT_THAT(std::string(CheckReceipt(receipt_, beside_, **key).message()), HasSubstr(" did not sign it"));
}

TEST(ReceiptPublicKeyTest, WhatIsNoSuchKeyIsRefused) {
  const OpenSslPtr<EVP_PKEY> other(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  const OpenSslPtr<BIO> memory(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PUBKEY(memory.get(), other.get()), 1);
  const std::string good = Signer().PublicPem();
  for (const std::string& text :
       {std::string(), std::string("key"), good.substr(0, good.size() / 2), Text(memory.get())}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReceiptPublicKey::Parse(text).status())) << text;
  }
}

}  // namespace
}  // namespace quartermaster::client
