#include "server/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "re2/re2.h"

namespace quartermaster::server {
namespace {

constexpr size_t kSecretBytes = 32;  // 256 random bits cannot be guessed.

}  // namespace

absl::StatusOr<std::string> NewSecret() {
  unsigned char random[kSecretBytes];
  if (RAND_bytes(random, sizeof random) != 1) return absl::InternalError("the system gives no random bytes");
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(random), sizeof random));
}

bool LooksLikeSecret(absl::string_view text) {
  static const RE2& pattern = *new RE2("[0-9a-f]{64}");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::string HashSecret(absl::string_view secret) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace quartermaster::server
