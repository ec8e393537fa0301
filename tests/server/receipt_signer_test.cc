// Signing together: whatever the number of receipts, each can be checked alone, and they are answered in their order.
#include "server/receipt_signer.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

class ReceiptSignerTest : public ::testing::Test {
 protected:
  ReceiptSignerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quartermaster-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    key_ = ReceiptKey::Open(folder_).value();
  }
  ~ReceiptSignerTest() override { std::filesystem::remove_all(folder_); }

  static std::string Hash(const std::string& bytes) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
    return {reinterpret_cast<const char*>(digest), sizeof digest};
  }

  static std::string RootOf(const v1::ReceiptSignature& signature) {
    std::string hash = Hash(std::string(1, '\0') + signature.statement());
    for (const v1::ReceiptSibling& sibling : signature.siblings()) {
      hash = Hash(sibling.is_left() ? "\x01" + sibling.sha256() + hash : "\x01" + hash + sibling.sha256());
    }
    return hash;
  }

  bool IsSigned(const v1::ReceiptSignature& signature) const {
    const std::string message = "quartermaster receipts 1\n" + RootOf(signature);
    BIO* memory = BIO_new_mem_buf(key_->public_pem().data(), static_cast<int>(key_->public_pem().size()));
    EVP_PKEY* public_key = PEM_read_bio_PUBKEY(memory, nullptr, nullptr, nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool good = EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, public_key) == 1 &&
                      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.signature().data()),
                                       signature.signature().size(),
                                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    BIO_free(memory);
    return good;
  }

  std::string folder_;
  std::unique_ptr<const ReceiptKey> key_;
};

TEST_F(ReceiptSignerTest, AStatementIsWrittenAsTheApiSays) {
  v1::Receipt receipt;
  receipt.set_revision(3);
  *receipt.mutable_commit_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(1'775'044'800'000'050);
  receipt.set_submitter("jo@rt1");
  receipt.set_content_sha256("abc");
  receipt.set_rule_version(2);
  receipt.set_sequence(12'345'678'901);
  EXPECT_EQ(ReceiptStatement({"mhlda", "adult-inpatient", "RT1-NORTH", "2025-26-Q1"}, receipt),
            "quartermaster receipt 1\ncollection mhlda\nservice adult-inpatient\nparticipant RT1-NORTH\n"
            "period 2025-26-Q1\nrevision 3\ncommit_time 2026-04-01T12:00:00.000050Z\nsubmitter jo@rt1\n"
            "content_sha256 abc\nrule_version 2\nsequence 12345678901\n");
}

TEST_F(ReceiptSignerTest, EachOfAnyNumberIsSigned) {
  EXPECT_TRUE(SignTogether(*key_, {}).empty());
  std::vector<std::string> statements;
  for (size_t count = 1; count <= 70; ++count) {
    statements.push_back(absl::StrCat("statement ", count, "\n"));
    const std::vector<v1::ReceiptSignature> signatures = SignTogether(*key_, statements);
    ASSERT_EQ(signatures.size(), count);
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(signatures[i].statement(), statements[i]);
      ASSERT_EQ(signatures[i].key_id(), key_->id());
      ASSERT_EQ(RootOf(signatures[i]), RootOf(signatures[0])) << i << " of " << count;
      ASSERT_LE(1u << signatures[i].siblings_size(), 2 * count);
    }
    ASSERT_TRUE(IsSigned(signatures[count / 2]));
  }
  v1::ReceiptSignature changed = SignTogether(*key_, statements)[7];
  changed.set_statement("statement 9\n");
  EXPECT_FALSE(IsSigned(changed));
  changed = SignTogether(*key_, statements)[7];
  changed.mutable_siblings(0)->set_is_left(!changed.siblings(0).is_left());
  EXPECT_FALSE(IsSigned(changed));
}

TEST_F(ReceiptSignerTest, TheMostThatSignTogetherHaveTenSiblings) {
  std::vector<std::string> statements;
  for (size_t i = 0; i < ReceiptSigner::kMaxTogether; ++i) statements.push_back(absl::StrCat(i));
  const std::vector<v1::ReceiptSignature> signatures = SignTogether(*key_, statements);
  for (const v1::ReceiptSignature& signature : signatures) EXPECT_EQ(signature.siblings_size(), 10);
  EXPECT_TRUE(IsSigned(signatures.back()));
}

TEST_F(ReceiptSignerTest, AnswersInOrderAndAllBeforeItEnds) {
  constexpr size_t kCount = 3 * ReceiptSigner::kMaxWaiting;
  std::vector<v1::ReceiptSignature> answers;
  std::set<std::thread::id> threads;
  {
    ReceiptSigner signer(key_.get());
    for (size_t i = 0; i < kCount; ++i) {
      signer.Sign(absl::StrCat(i), [&](v1::ReceiptSignature signature) {
        threads.insert(std::this_thread::get_id());
        answers.push_back(std::move(signature));
      });
    }
  }
  ASSERT_EQ(answers.size(), kCount);
  EXPECT_EQ(threads.size(), 1u);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(answers[i].statement(), absl::StrCat(i));
  for (size_t i = 0; i < kCount; i += 997) EXPECT_TRUE(IsSigned(answers[i]));
}

TEST_F(ReceiptSignerTest, ADoneMayAskForTheNextOneThoughManyWait) {
  std::atomic<size_t> answered = 0;
  {
    ReceiptSigner signer(key_.get());
    std::vector<std::thread> askers;
    for (int asker = 0; asker < 2; ++asker) {
      askers.emplace_back([&] {
        for (size_t i = 0; i < ReceiptSigner::kMaxWaiting; ++i) {
          signer.Sign("first", [&](const v1::ReceiptSignature&) {
            signer.Sign("second", [&](const v1::ReceiptSignature&) { ++answered; });
          });
        }
      });
    }
    for (std::thread& asker : askers) asker.join();
  }
  EXPECT_EQ(answered, 2 * ReceiptSigner::kMaxWaiting);
}

TEST_F(ReceiptSignerTest, TheKeyIsMadeOnceForItsOwner) {
  struct stat info;
  ASSERT_EQ(stat((folder_ + "/receipt.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
  ASSERT_EQ(stat((folder_ + "/receipt-public.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0644u);
  EXPECT_EQ(ReceiptKey::Open(folder_).value()->id(), key_->id());
  EXPECT_EQ(ReceiptKey::Open(folder_).value()->Sign("a"), key_->Sign("a"));

  // A public half that is lost is written again; a key that is lost is not replaced by another in silence.
  std::filesystem::remove(folder_ + "/receipt-public.pem");
  EXPECT_EQ(ReceiptKey::Open(folder_).value()->public_pem(), key_->public_pem());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/receipt-public.pem"));
  std::filesystem::rename(folder_ + "/receipt.key", folder_ + "/elsewhere");
  EXPECT_EQ(ReceiptKey::Open(folder_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/receipt.key"));
  std::filesystem::rename(folder_ + "/receipt-public.pem", folder_ + "/old.pem");
  EXPECT_NE(ReceiptKey::Open(folder_).value()->id(), key_->id());
}

}  // namespace
}  // namespace quartermaster::server
