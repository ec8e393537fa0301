// The secrets of tokens: how they are made, hashed and compared.
#ifndef QUARTERMASTER_SERVER_SECRETS_H_
#define QUARTERMASTER_SERVER_SECRETS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster::server {

// 256 random bits as 64 hexadecimal digits. INTERNAL where the system gives no random bytes.
absl::StatusOr<std::string> NewSecret();

// Whether a text is written as NewSecret writes: 64 digits, letters small.
bool LooksLikeSecret(absl::string_view text);

// The SHA-256 of the digits, 32 bytes. With 256 random bits it needs no salt and no slowness.
std::string HashSecret(absl::string_view secret);

// Whether both are the same, in a time that depends on their lengths alone.
bool SameSecret(absl::string_view a, absl::string_view b);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SECRETS_H_
