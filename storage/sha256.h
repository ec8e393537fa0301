// SHA-256, as bytes and as it is written everywhere here.
#ifndef QUARTERMASTER_STORAGE_SHA256_H_
#define QUARTERMASTER_STORAGE_SHA256_H_

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "storage/check.h"

namespace quartermaster {

// 32 bytes.
inline std::string Sha256(absl::string_view bytes) {
  // OpenSSL looks an algorithm up by its name, which takes longer than hashing a short text: once is enough.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  const int hashed = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                                algorithm, nullptr);
  storage::Check(hashed == 1, "there is memory to hash with");
  return digest;
}

// 64 hexadecimal digits, small letters.
inline std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

}  // namespace quartermaster

#endif  // QUARTERMASTER_STORAGE_SHA256_H_
