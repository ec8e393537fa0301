#include "server/access.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "re2/re2.h"
#include "server/errors.h"

namespace quartermaster::server {
namespace {

constexpr size_t kTokenBytes = 32;  // 256 random bits cannot be guessed; written as 64 hexadecimal digits.

absl::Status FileError(absl::string_view action, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", action, " ", path, ": ", std::strerror(errno)));
}

// Makes the file so that nobody else can ever read it, and keeps it through a power loss.
absl::StatusOr<std::string> CreateToken(const std::string& path) {
  unsigned char random[kTokenBytes];
  if (RAND_bytes(random, sizeof random) != 1) return absl::InternalError("the system gives no random bytes");
  const std::string token =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(random), sizeof random));
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError("create", path);
  const std::string line = token + "\n";
  const bool written = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
  if (close(file) != 0 || !written) {
    const absl::Status status = FileError("write", path);
    unlink(path.c_str());
    return status;
  }
  return token;
}

absl::StatusOr<std::string> ReadToken(const std::string& path, const struct stat& info) {
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("others may read ", path, ". Run: chmod 600 ", path));
  }
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  static const RE2& pattern = *new RE2("[0-9a-f]{64}");
  if (!RE2::FullMatch(token, pattern)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " holds no token. Remove it, and the server makes a new one."));
  }
  return token;
}

}  // namespace

absl::StatusOr<Access> Access::Open(const std::string& data_dir) {
  const std::string path = absl::StrCat(data_dir, "/operator.token");
  struct stat info;
  const bool exists = stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return FileError("look at", path);
  const absl::StatusOr<std::string> token = exists ? ReadToken(path, info) : CreateToken(path);
  if (!token.ok()) return token.status();
  return Access(*token);
}

absl::StatusOr<Principal> Access::Authenticate(absl::string_view authorization) const {
  if (authorization.empty()) {
    return Unauthenticated("no token was sent. Give one with --token-file or QM_TOKEN_FILE.");
  }
  if (!absl::ConsumePrefix(&authorization, "Bearer "))
    return Unauthenticated("authorization must be \"Bearer TOKEN\".");
  if (authorization.size() != operator_token_.size() ||
      CRYPTO_memcmp(authorization.data(), operator_token_.data(), operator_token_.size()) != 0) {
    return Unauthenticated("the token is not valid on this server.");
  }
  Principal principal;
  principal.name = "operator";
  principal.roles = {v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD, v1::ROLE_OPERATOR};
  principal.owns_everybody = true;
  return principal;
}

}  // namespace quartermaster::server
