#include "server/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "storage/sha256.h"

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
  const auto is_small_digit = [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c)) && !absl::ascii_isupper(static_cast<unsigned char>(c));
  };
  return text.size() == 2 * kSecretBytes && std::all_of(text.begin(), text.end(), is_small_digit);
}

std::string HashSecret(absl::string_view secret) { return Sha256(secret); }

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace quartermaster::server
