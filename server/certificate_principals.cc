#include "server/certificate_principals.h"

#include <map>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "re2/re2.h"
#include "server/errors.h"
#include "server/principal_check.h"
#include "server/x509.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

// What a certificate says of itself.
struct Identity {
  std::vector<std::string> names;
  absl::Time expires;
};

// Who is refused is told the names, so that the operator can be told; a certificate may have thousands.
constexpr size_t kMaxNamesTold = 8;

absl::StatusOr<Identity> ReadIdentity(absl::string_view pem) {
  const absl::StatusOr<std::vector<X509Ptr>> certificates = ReadPemCertificates(pem);
  if (!certificates.ok()) return certificates.status();
  return Identity{NamesOf(certificates->front().get()), NotAfter(certificates->front().get())};
}

std::string Told(const std::vector<std::string>& names) {
  std::vector<std::string> told;
  for (size_t i = 0; i < names.size() && i < kMaxNamesTold; ++i) told.push_back(ShortText(names[i]));
  if (names.size() > kMaxNamesTold) told.push_back(absl::StrCat(names.size() - kMaxNamesTold, " more"));
  return told.empty() ? "no name" : absl::StrJoin(told, "; ");
}

absl::Status CheckName(const std::string& name) {
  static const RE2& form = *new RE2(R"((DNS|URI|EMAIL|IP):[!-~]+|[A-Za-z0-9.]+=[ -~]*)");
  if (RE2::FullMatch(name, form)) return absl::OkStatus();
  return InvalidField("name",
                      absl::StrCat("\"", ShortText(name),
                                   "\" is none that a certificate has. Write an alternative name such as "
                                   "DNS:extract.trust.nhs.uk, or the subject as `openssl x509 -noout -subject -nameopt "
                                   "RFC2253` prints it, such as CN=extract,O=Trust."));
}

// The same error, with its place before it.
absl::Status AtEntry(size_t number, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("certificate_principals, entry ", number, ": ", status.message()));
}

}  // namespace

// By the certificate's text. It is emptied when it is full: those that call come back at once.
struct CertificatePrincipals::Memory {
  std::mutex mutex;
  absl::flat_hash_map<std::string, std::shared_ptr<const Identity>> identities;

  absl::StatusOr<std::shared_ptr<const Identity>> Get(absl::string_view pem) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      const auto found = identities.find(pem);
      if (found != identities.end()) return found->second;
    }
    const absl::StatusOr<Identity> read = ReadIdentity(pem);
    if (!read.ok()) return read.status();
    auto identity = std::make_shared<const Identity>(*read);
    const std::lock_guard<std::mutex> lock(mutex);
    if (identities.size() >= kMaxRemembered) identities.clear();
    identities.emplace(pem, identity);
    return identity;
  }
};

CertificatePrincipals::CertificatePrincipals(ByName by_name)
    : by_name_(std::move(by_name)), memory_(std::make_shared<Memory>()) {}

absl::StatusOr<CertificatePrincipals> CertificatePrincipals::Make(
    const std::vector<config::v1::CertificatePrincipal>& entries, const Participants& registered) {
  if (entries.size() > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrCat("certificate_principals: there are ", entries.size(),
                                                   " entries; at most ", kMaxEntries,
                                                   " are taken. Let machines that may do the same share a name."));
  }
  ByName by_name;
  for (size_t i = 0; i < entries.size(); ++i) {
    const config::v1::CertificatePrincipal& entry = entries[i];
    if (absl::Status status = CheckName(entry.name()); !status.ok()) return AtEntry(i + 1, status);
    absl::StatusOr<Principal> principal =
        MakePrincipal(entry.principal(), entry.roles(), entry.participants(), entry.collections(), registered);
    if (!principal.ok()) return AtEntry(i + 1, principal.status());
    if (!by_name.emplace(entry.name(), *std::move(principal)).second) {
      return AtEntry(i + 1, InvalidField("name", absl::StrCat(entry.name(),
                                                              " stands in an entry before. Put both into "
                                                              "one.")));
    }
  }
  return CertificatePrincipals(std::move(by_name));
}

absl::StatusOr<Principal> CertificatePrincipals::Find(absl::string_view certificate_pem, absl::Time now) const {
  const absl::StatusOr<std::shared_ptr<const Identity>> read = memory_->Get(certificate_pem);
  if (!read.ok()) {
    return Unauthenticated("CERTIFICATE_NOT_MAPPED",
                           absl::StrCat("the certificate cannot be read: ", read.status().message(), "."));
  }
  const Identity& identity = **read;
  if (now >= identity.expires) {
    return Unauthenticated("CERTIFICATE_EXPIRED",
                           absl::StrCat("the certificate of ", Told(identity.names), " expired on ",
                                        UtcText(identity.expires), ". Have a new one made, and connect again."));
  }
  // A name that stands twice in a certificate is one.
  std::map<std::string, const Principal*> found;
  for (const std::string& name : identity.names) {
    const auto entry = by_name_.find(name);
    if (entry != by_name_.end()) found.emplace(name, &entry->second);
  }
  if (found.size() == 1) return *found.begin()->second;
  if (found.empty()) {
    return Unauthenticated(
        "CERTIFICATE_NOT_MAPPED",
        absl::StrCat(
            "no token was sent, and the server maps no name of the certificate to anybody: ", Told(identity.names),
            ". Give a token with --token-file or QM_TOKEN_FILE, or ask the operator to "
            "add one of these names to certificate_principals."));
  }
  std::vector<std::string> names;
  for (const auto& [name, principal] : found) names.push_back(name);
  return Unauthenticated("CERTIFICATE_NOT_MAPPED",
                         absl::StrCat("the server maps more than one name of the certificate: ", Told(names),
                                      ". Ask the operator to leave one of them in certificate_principals, or send a "
                                      "token."));
}

}  // namespace quartermaster::server
