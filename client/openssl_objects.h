// What OpenSSL makes, owned; SHA-256; and PEM read piece by piece.
#ifndef QUARTERMASTER_CLIENT_OPENSSL_OBJECTS_H_
#define QUARTERMASTER_CLIENT_OPENSSL_OBJECTS_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

struct OpenSslDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDeleter>;

// Null where there is no memory. The text must outlive it.
inline OpenSslPtr<BIO> ReaderOf(absl::string_view text) {
  return OpenSslPtr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Gives no passphrase; OpenSSL would ask the terminal for one, where a scheduler has none.
inline int NoPassphrase(char*, int, int, void*) { return 0; }

// The next certificate, and the first private key without a passphrase; null where there is none. What went wrong is
// left in OpenSSL's queue of errors.
inline OpenSslPtr<X509> NextCertificate(BIO* reader) {
  return OpenSslPtr<X509>(PEM_read_bio_X509(reader, nullptr, nullptr, nullptr));
}
inline OpenSslPtr<EVP_PKEY> FirstPrivateKey(absl::string_view pem) {
  return OpenSslPtr<EVP_PKEY>(PEM_read_bio_PrivateKey(ReaderOf(pem).get(), nullptr, NoPassphrase, nullptr));
}

// 32 bytes.
inline std::string Sha256(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_OPENSSL_OBJECTS_H_
