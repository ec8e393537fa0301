#include "server/access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/time_util.h"
#include "server/errors.h"
#include "server/live_state.h"
#include "server/secrets.h"
#include "server/x509.h"

namespace quartermaster::server {
namespace {

absl::Status FileError(absl::string_view action, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", action, " ", path, ": ", std::strerror(errno)));
}

// Makes the file so that nobody else can ever read it, and keeps it through a power loss.
absl::StatusOr<std::string> CreateToken(const std::string& path) {
  const absl::StatusOr<std::string> token = NewSecret();
  if (!token.ok()) return token.status();
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError("create", path);
  const std::string line = *token + "\n";
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
  if (!file) return FileError("read", path);
  std::string token;
  std::getline(file, token);
  if (!LooksLikeSecret(token)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " holds no token. Remove it, and the server makes a new one."));
  }
  return token;
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(timestamp));
}

Principal OwnerOfFolder() {
  Principal principal;
  principal.name = "operator";
  principal.roles = {v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD, v1::ROLE_OPERATOR};
  principal.owns_everybody = true;
  return principal;
}

}  // namespace

absl::StatusOr<Access> Access::Open(const std::string& data_dir,
                                    const std::vector<config::v1::CertificatePrincipal>& certificate_principals,
                                    const LiveState* state, std::function<absl::Time()> clock) {
  absl::StatusOr<CertificatePrincipals> mapped =
      CertificatePrincipals::Make(certificate_principals, *state->participants());
  if (!mapped.ok()) return mapped.status();
  const std::string path = absl::StrCat(data_dir, "/operator.token");
  struct stat info;
  const bool exists = stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return FileError("look at", path);
  const absl::StatusOr<std::string> token = exists ? ReadToken(path, info) : CreateToken(path);
  if (!token.ok()) return token.status();
  return Access(*token, *std::move(mapped), state, std::move(clock));
}

absl::StatusOr<Principal> Access::Authenticate(absl::string_view authorization,
                                               absl::string_view verified_certificate_pem) const {
  if (authorization.empty() && !verified_certificate_pem.empty()) {
    return certificate_principals_.Find(verified_certificate_pem, clock_());
  }
  if (authorization.empty()) {
    return Unauthenticated("NO_VALID_TOKEN",
                           "no token was sent. Give qm one with --token-file or QM_TOKEN_FILE; other clients send "
                           "\"authorization: Bearer TOKEN\" as metadata.");
  }
  if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
    return Unauthenticated("NO_VALID_TOKEN", "authorization must be \"Bearer TOKEN\".");
  }
  if (SameSecret(authorization, operator_token_)) return OwnerOfFolder();
  const std::shared_ptr<const Tokens> tokens = state_->tokens();
  const v1::Token* token = tokens->FindByHash(HashSecret(authorization));
  if (token == nullptr) {
    return Unauthenticated("NO_VALID_TOKEN",
                           "the token is not valid on this server. Check which file --token-file or QM_TOKEN_FILE "
                           "names, and that the token is for this server; else ask the operator for one.");
  }
  const std::string whose = absl::StrCat("the token ", token->id(), " of ", token->principal());
  if (!token->revoked_by().empty()) {
    return WithHolder(
        Unauthenticated("TOKEN_REVOKED", absl::StrCat(whose, " was revoked on ", UtcText(ToTime(token->revoke_time())),
                                                      ". Ask the operator for a new one.")),
        token->principal());
  }
  const absl::Time expires = ToTime(token->expire_time());
  if (clock_() >= expires) {
    return WithHolder(Unauthenticated("TOKEN_EXPIRED", absl::StrCat(whose, " expired on ", UtcText(expires),
                                                                    ". Ask the operator for a new one.")),
                      token->principal());
  }
  return tokens->PrincipalOf(token->id());
}

}  // namespace quartermaster::server
