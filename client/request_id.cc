#include "client/request_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/openssl_objects.h"
#include "client/table_reader.h"

namespace quartermaster::client {

std::string NewRequestId() {
  std::random_device random;  // The kernel's generator.
  const uint32_t a = random(), b = random(), c = random(), d = random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xFFFu, (c >> 16 & 0x3FFFu) | 0x8000u,
                         c & 0xFFFFu, d);
}

std::string RequestIdOfRun(const std::string& run, const FileReturn& file_return) {
  // No key holds a null character, and no argument of a command.
  std::string bytes = Sha256(absl::StrCat(run, absl::string_view("\0", 1), JoinedKeys(file_return)));
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x80);  // The version,
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);  // and the variant of RFC 9562.
  const std::string hex = absl::BytesToHexString(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20, 12));
}

}  // namespace quartermaster::client
