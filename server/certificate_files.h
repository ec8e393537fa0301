// The files that make a server speak TLS: read, and judged before gRPC sees them. gRPC itself takes whatever the files
// hold, and with a key that does not belong to its certificate it takes no more connections. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_CERTIFICATE_FILES_H_
#define QUARTERMASTER_SERVER_CERTIFICATE_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quartermaster::server {

// Paths, as config/v1 ServerConfig says. Empty: not given.
struct CertificateFiles {
  std::string certificate;
  std::string private_key;
  std::string client_authority;
};

// What the files hold, as it lies there. That of a file that is not given is empty.
struct CertificateTexts {
  std::string certificate;
  std::string private_key;
  std::string client_authority;

  bool operator==(const CertificateTexts& other) const {
    return certificate == other.certificate && private_key == other.private_key &&
           client_authority == other.client_authority;
  }
};

// What connections are made with, written anew in PEM, so that gRPC reads just what was judged.
struct ServerCertificates {
  // The private key, then the certificate chain.
  std::string identity;
  // Empty where clients show no certificates.
  std::string client_authorities;
  // Until when the certificate is good.
  absl::Time expires;
  // A sentence about authorities that were left out because they have expired. Empty where none was.
  std::string notice;
};

// A hundred times a long chain, and several times all authorities that a Debian machine trusts.
constexpr size_t kMaxCertificateFileBytes = 1 << 20;

// Requires a certificate and a key. FAILED_PRECONDITION, naming the option and the file, where one cannot be read, is
// too large, or is a private key that others than its owner may read.
absl::StatusOr<CertificateTexts> ReadCertificateFiles(const CertificateFiles& files);

// FAILED_PRECONDITION, naming the option and the file, where TLS cannot be spoken with what they hold: no certificate
// or key in it, a key with a passphrase, or of another certificate, a certificate that is not for servers, is not good
// at that time, or is too weak for OpenSSL's security level on this machine; an authority that is none. Authorities
// that have expired are left out, so that an old one in a bundle keeps no server from starting; FAILED_PRECONDITION
// where none is left. One that is not good yet stays: OpenSSL asks for the time at each handshake.
absl::StatusOr<ServerCertificates> JudgeCertificates(const CertificateFiles& files, const CertificateTexts& texts,
                                                     absl::Time now);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CERTIFICATE_FILES_H_
