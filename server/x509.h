// What is read of X.509 certificates, and what owns OpenSSL's objects. Internal to the files about certificates, keys
// and callers.
#ifndef QUARTERMASTER_SERVER_X509_H_
#define QUARTERMASTER_SERVER_X509_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quartermaster::server {

struct OpenSslDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using BioPtr = std::unique_ptr<BIO, OpenSslDeleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter>;
using X509Ptr = std::unique_ptr<X509, OpenSslDeleter>;

// Gives no passphrase; OpenSSL would ask the terminal for one.
inline int NoPassphrase(char*, int, int, void*) { return 0; }

// All certificates of a text in PEM, in their order; other blocks are passed over. INVALID_ARGUMENT where one cannot be
// read, or there is none; the message is a sentence that does not end.
absl::StatusOr<std::vector<X509Ptr>> ReadPemCertificates(absl::string_view pem);

// From when and until when a certificate is good; the infinite past and future where that cannot be read, so that it
// never is.
absl::Time NotBefore(const X509* certificate);
absl::Time NotAfter(const X509* certificate);

// The names that a certificate is for, as config/v1 CertificatePrincipal writes them: the alternative names in their
// order, then the subject if it has one. A name with bytes that are no printable ASCII is left out, since no text can
// stand for it safely.
std::vector<std::string> NamesOf(const X509* certificate);

// "2026-11-25 22:30:00 UTC".
std::string UtcText(absl::Time time);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_X509_H_
