#include "client/receipt_check.h"

#include <openssl/x509.h>

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/openssl_objects.h"

namespace quartermaster::client {
namespace {

constexpr char kFirstLine[] = "quartermaster receipt 1";
constexpr char kSignedPrefix[] = "quartermaster receipts 1\n";
constexpr size_t kMaxStatementBytes = 4096;  // Ten facts of at most 64 characters each, and to spare.
constexpr int kMaxSiblings = 16;             // As the API says.
constexpr size_t kHashBytes = SHA256_DIGEST_LENGTH;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kIdDigits = 16;

using Facts = std::vector<std::pair<absl::string_view, std::string>>;

// The facts that the receipt and what stands beside it tell, in the order of a statement. A fact that they do not tell
// is empty.
Facts TellFacts(const v1::Receipt& receipt, const ReceiptSurroundings& beside) {
  const absl::Time commit_time =
      absl::FromUnixSeconds(receipt.commit_time().seconds()) + absl::Nanoseconds(receipt.commit_time().nanos());
  return {{"collection", beside.collection},
          {"service", beside.service},
          {"participant", beside.participant},
          {"period", beside.period},
          {"revision", absl::StrCat(receipt.revision())},
          {"commit_time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", commit_time, absl::UTCTimeZone())},
          {"submitter", receipt.submitter()},
          {"content_sha256", receipt.content_sha256()},
          {"rule_version", absl::StrCat(receipt.rule_version())},
          {"sequence", absl::StrCat(receipt.sequence())}};
}

absl::Status Wrong(absl::string_view what) { return absl::DataLossError(what); }

// Compares line by line, so that a statement with a line more, less or elsewhere is none.
absl::Status CheckStatement(absl::string_view statement, const Facts& facts) {
  const std::vector<absl::string_view> lines = absl::StrSplit(statement, '\n');
  // What follows the last line feed is the last part, and empty.
  if (statement.size() > kMaxStatementBytes || lines.size() != facts.size() + 2 || lines.front() != kFirstLine ||
      !lines.back().empty()) {
    return Wrong("its statement is not one that this program knows");
  }
  for (size_t i = 0; i < facts.size(); ++i) {
    const auto& [name, told] = facts[i];
    absl::string_view value = lines[i + 1];
    if (!absl::ConsumePrefix(&value, absl::StrCat(name, " "))) {
      return Wrong(absl::StrCat("its statement has no ", name, " where it belongs"));
    }
    if (!told.empty() && value != told) {
      return Wrong(absl::StrCat("it says ", name, " ", told, ", and what was signed says ", value));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> HashToRoot(const v1::ReceiptSignature& signature) {
  if (signature.siblings_size() > kMaxSiblings) return Wrong("it has more than 16 siblings");
  std::string hash = Sha256(absl::StrCat(std::string(1, '\0'), signature.statement()));
  for (const v1::ReceiptSibling& sibling : signature.siblings()) {
    if (sibling.sha256().size() != kHashBytes) return Wrong("one of its siblings is no SHA-256");
    hash = sibling.is_left() ? Sha256(absl::StrCat("\x01", sibling.sha256(), hash))
                             : Sha256(absl::StrCat("\x01", hash, sibling.sha256()));
  }
  return hash;
}

}  // namespace

ReceiptPublicKey::ReceiptPublicKey(EVP_PKEY* key, std::string id) : key_(key), id_(std::move(id)) {}
ReceiptPublicKey::~ReceiptPublicKey() { EVP_PKEY_free(key_); }

absl::StatusOr<std::unique_ptr<const ReceiptPublicKey>> ReceiptPublicKey::Parse(absl::string_view pem) {
  const OpenSslPtr<BIO> reader = ReaderOf(pem);
  OpenSslPtr<EVP_PKEY> key(reader == nullptr ? nullptr : PEM_read_bio_PUBKEY(reader.get(), nullptr, nullptr, nullptr));
  unsigned char* der = nullptr;
  const int size =
      key != nullptr && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519 ? i2d_PUBKEY(key.get(), &der) : 0;
  if (size <= 0) {
    return absl::InvalidArgumentError(
        "it holds no Ed25519 public key in PEM. 'qm receipt key' prints that of the server.");
  }
  const std::string digest = Sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return std::unique_ptr<const ReceiptPublicKey>(
      new ReceiptPublicKey(key.release(), absl::BytesToHexString(digest).substr(0, kIdDigits)));
}

bool ReceiptPublicKey::HasSigned(absl::string_view message, absl::string_view signature) const {
  const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

absl::Status CheckReceipt(const v1::Receipt& receipt, const ReceiptSurroundings& beside, const ReceiptPublicKey& key) {
  if (!receipt.has_signature()) return Wrong("it is not signed");
  const v1::ReceiptSignature& signature = receipt.signature();
  if (absl::Status status = CheckStatement(signature.statement(), TellFacts(receipt, beside)); !status.ok()) {
    return status;
  }
  if (beside.revision != 0 && beside.revision != receipt.revision()) {
    return Wrong(
        absl::StrCat("it is of revision ", receipt.revision(), ", and stands with revision ", beside.revision));
  }
  if (signature.key_id() != key.id()) {
    return Wrong(absl::StrCat("it names the key ", signature.key_id(), ", and was checked with ", key.id()));
  }
  if (signature.signature().size() != kSignatureBytes) return Wrong("its signature does not have 64 bytes");
  const absl::StatusOr<std::string> root = HashToRoot(signature);
  if (!root.ok()) return root.status();
  if (!key.HasSigned(absl::StrCat(kSignedPrefix, *root), signature.signature())) {
    return Wrong(absl::StrCat("the key ", key.id(), " did not sign it"));
  }
  return absl::OkStatus();
}

std::string StatedFact(const v1::Receipt& receipt, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(receipt.signature().statement(), '\n')) {
    if (absl::ConsumePrefix(&line, absl::StrCat(name, " "))) return std::string(line);
  }
  return "";
}

}  // namespace quartermaster::client
