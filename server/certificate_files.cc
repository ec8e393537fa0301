#include "server/certificate_files.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/descriptor.h"
#include "server/x509.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

constexpr char kCertificate[] = "--certificate-file";
constexpr char kPrivateKey[] = "--private-key-file";
constexpr char kClientAuthority[] = "--client-authority-file";

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

absl::Status Wrong(absl::string_view option, const std::string& path, absl::string_view problem) {
  return absl::FailedPreconditionError(absl::StrCat(option, ": ", path, ": ", problem));
}

// A pipe must not make the server wait, so the file is opened without waiting and looked at before it is read.
absl::StatusOr<std::string> ReadFile(absl::string_view option, const std::string& path, bool is_secret) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat state;
  if (file.number() < 0 || fstat(file.number(), &state) != 0) {
    return Wrong(option, path, absl::StrCat("it cannot be read: ", std::strerror(errno), "."));
  }
  if (!S_ISREG(state.st_mode)) return Wrong(option, path, "it is no file. Name one in PEM.");
  if (is_secret && (state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Wrong(option, path,
                 absl::StrCat("others may read or write this private key. Run: chmod 600 ", path,
                              " - and make a new one if they may have."));
  }
  std::string text(kMaxCertificateFileBytes + 1, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = read(file.number(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Wrong(option, path, absl::StrCat("it cannot be read: ", std::strerror(errno), "."));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  if (filled > kMaxCertificateFileBytes) return Wrong(option, path, "it is larger than 1 MiB. Name one in PEM.");
  text.resize(filled);
  return text;
}

absl::StatusOr<KeyPtr> ReadKey(const std::string& path, const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key != nullptr) return key;
  if (absl::StrContains(pem, "ENCRYPTED")) {
    return Wrong(kPrivateKey, path,
                 "the key is locked with a passphrase, which nobody can type at a start. Write it without one: openssl "
                 "pkey -in FILE -out FILE.");
  }
  return Wrong(kPrivateKey, path, "it holds no private key in PEM.");
}

absl::Status CheckTimes(absl::string_view option, const std::string& path, const X509* certificate, absl::Time now) {
  if (now >= NotAfter(certificate)) {
    return Wrong(option, path,
                 absl::StrCat("the certificate expired on ", UtcText(NotAfter(certificate)), ". Have a new one made."));
  }
  if (now < NotBefore(certificate)) {
    return Wrong(option, path,
                 absl::StrCat("the certificate is good from ", UtcText(NotBefore(certificate)),
                              " on, and by this machine's clock that is still to come. Check its clock."));
  }
  return absl::OkStatus();
}

// Whether OpenSSL takes them as gRPC will give them to it: its security level refuses short keys and old digests.
absl::Status CheckTaken(const CertificateFiles& files, const std::vector<X509Ptr>& chain, EVP_PKEY* key) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_server_method()));
  bool taken = context != nullptr && SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1;
  for (size_t i = 1; taken && i < chain.size(); ++i)
    taken = SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1;
  taken = taken && SSL_CTX_use_PrivateKey(context.get(), key) == 1;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  if (taken) return absl::OkStatus();
  return Wrong(kCertificate, files.certificate,
               absl::StrCat("OpenSSL does not take it (", reason == nullptr ? "no reason given" : reason,
                            "). Have one made with a key of 2048 bits of RSA or 256 of a curve, and SHA-256."));
}

absl::StatusOr<std::string> WriteKey(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  char* data = nullptr;
  if (bio == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    return absl::InternalError(absl::StrCat(kPrivateKey, ": the key cannot be written anew"));
  }
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<std::string> WriteCertificates(const std::vector<X509Ptr>& certificates) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  for (const X509Ptr& certificate : certificates) {
    if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate.get()) != 1) {
      ERR_clear_error();
      return absl::InternalError("a certificate cannot be written anew");
    }
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

// The authorities that may be good, in PEM. `notice` gets a sentence where some are left out.
absl::StatusOr<std::string> JudgeAuthorities(const std::string& path, const std::string& pem, absl::Time now,
                                             std::string* notice) {
  absl::StatusOr<std::vector<X509Ptr>> authorities = ReadPemCertificates(pem);
  if (!authorities.ok()) {
    return Wrong(kClientAuthority, path, absl::StrCat(authorities.status().message(), "."));
  }
  for (const X509Ptr& authority : *authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return Wrong(kClientAuthority, path, "it holds a certificate that is no authority's. Name the authority's own.");
    }
  }
  const auto first_expired =
      std::stable_partition(authorities->begin(), authorities->end(),
                            [now](const X509Ptr& authority) { return now < NotAfter(authority.get()); });
  if (first_expired == authorities->begin()) {
    return CheckTimes(kClientAuthority, path, authorities->front().get(), now);
  }
  if (first_expired != authorities->end()) {
    const std::vector<std::string> names = NamesOf(first_expired->get());
    *notice = absl::StrCat(kClientAuthority, ": ", path, ": ", authorities->end() - first_expired, " of its ",
                           authorities->size(), " authorities have expired and are left out, the first of them (",
                           names.empty() ? "without a name" : ShortText(names.back()), ") on ",
                           UtcText(NotAfter(first_expired->get())), ". Take them out of the file.");
  }
  authorities->erase(first_expired, authorities->end());
  return WriteCertificates(*authorities);
}

}  // namespace

absl::StatusOr<CertificateTexts> ReadCertificateFiles(const CertificateFiles& files) {
  CertificateTexts texts;
  const auto read = [](absl::string_view option, const std::string& path, bool is_secret, std::string* text) {
    absl::StatusOr<std::string> contents = ReadFile(option, path, is_secret);
    if (contents.ok()) *text = *std::move(contents);
    return contents.status();
  };
  if (absl::Status s = read(kCertificate, files.certificate, false, &texts.certificate); !s.ok()) return s;
  if (absl::Status s = read(kPrivateKey, files.private_key, true, &texts.private_key); !s.ok()) return s;
  if (files.client_authority.empty()) return texts;
  if (absl::Status s = read(kClientAuthority, files.client_authority, false, &texts.client_authority); !s.ok())
    return s;
  return texts;
}

absl::StatusOr<ServerCertificates> JudgeCertificates(const CertificateFiles& files, const CertificateTexts& texts,
                                                     absl::Time now) {
  const absl::StatusOr<std::vector<X509Ptr>> chain = ReadPemCertificates(texts.certificate);
  if (!chain.ok()) return Wrong(kCertificate, files.certificate, absl::StrCat(chain.status().message(), "."));
  const absl::StatusOr<KeyPtr> key = ReadKey(files.private_key, texts.private_key);
  if (!key.ok()) return key.status();
  X509* const certificate = chain->front().get();
  if (absl::Status status = CheckTimes(kCertificate, files.certificate, certificate, now); !status.ok()) return status;
  if (X509_check_private_key(certificate, key->get()) != 1) {
    ERR_clear_error();
    return Wrong(kPrivateKey, files.private_key,
                 absl::StrCat("it is not the key of the first certificate in ", files.certificate, "."));
  }
  if (X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, 0) != 1) {
    return Wrong(kCertificate, files.certificate,
                 "the first certificate in it is not for servers. It needs the extended key usage serverAuth.");
  }
  if (absl::Status status = CheckTaken(files, *chain, key->get()); !status.ok()) return status;

  ServerCertificates judged;
  judged.expires = NotAfter(certificate);
  const absl::StatusOr<std::string> key_text = WriteKey(key->get());
  if (!key_text.ok()) return key_text.status();
  const absl::StatusOr<std::string> chain_text = WriteCertificates(*chain);
  if (!chain_text.ok()) return chain_text.status();
  judged.identity = absl::StrCat(*key_text, *chain_text);
  if (files.client_authority.empty()) return judged;
  absl::StatusOr<std::string> authorities =
      JudgeAuthorities(files.client_authority, texts.client_authority, now, &judged.notice);
  if (!authorities.ok()) return authorities.status();
  judged.client_authorities = *std::move(authorities);
  return judged;
}

}  // namespace quartermaster::server
