// SHA-256, as bytes and as it is written everywhere here.
#ifndef QUARTERMASTER_SERVER_SHA256_H_
#define QUARTERMASTER_SERVER_SHA256_H_

#include <openssl/sha.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace quartermaster::server {

// 32 bytes.
inline std::string Sha256(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

// 64 hexadecimal digits, small letters.
inline std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SHA256_H_
