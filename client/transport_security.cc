#include "client/transport_security.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

// Debian's package ca-certificates keeps it.
constexpr char kSystemAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

// Several times all authorities that a Debian machine trusts.
constexpr uint64_t kMaxPemBytes = 1 << 20;

struct Deleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, Deleter>;

std::unique_ptr<BIO, Deleter> Reader(const std::string& pem) {
  return std::unique_ptr<BIO, Deleter>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Gives no passphrase; OpenSSL would ask the terminal for one, where a scheduler has none.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::Status Wrong(absl::string_view option, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", problem));
}

absl::StatusOr<CertificatePtr> FirstCertificate(absl::string_view option, const std::string& path,
                                                const std::string& pem) {
  CertificatePtr certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return Wrong(option, absl::StrCat(path, ": this file holds no certificate in PEM."));
  return certificate;
}

absl::Status CheckCertificate(const TransportOptions& options, const TransportSecurity& security, absl::Time now) {
  const absl::StatusOr<CertificatePtr> certificate =
      FirstCertificate("--certificate-file", options.certificate_file, security.certificate);
  if (!certificate.ok()) return certificate.status();
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate->get()), &end) != 1 ||
      now >= absl::FromTM(end, absl::UTCTimeZone())) {
    return Wrong("--certificate-file",
                 absl::StrCat(options.certificate_file, ": this certificate expired on ",
                              absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromTM(end, absl::UTCTimeZone()),
                                               absl::UTCTimeZone()),
                              ". Ask for a new one."));
  }
  const std::unique_ptr<EVP_PKEY, Deleter> key(
      PEM_read_bio_PrivateKey(Reader(security.private_key).get(), nullptr, NoPassphrase, nullptr));
  const bool matches = key != nullptr && X509_check_private_key(certificate->get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return Wrong("--key-file", absl::StrCat(options.key_file,
                                            ": this file holds no private key in PEM without a "
                                            "passphrase."));
  }
  if (!matches) {
    return Wrong("--key-file", absl::StrCat(options.key_file, ": this is not the key of the certificate in ",
                                            options.certificate_file, "."));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TransportSecurity> ReadTransportSecurity(const TransportOptions& options, absl::Time now) {
  TransportSecurity security;
  security.is_encrypted = options.system_authorities || !options.ca_file.empty();
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return Wrong(options.key_file.empty() ? "--certificate-file" : "--key-file",
                 "a certificate and its key belong together. Give both.");
  }
  if (!security.is_encrypted && !options.certificate_file.empty()) {
    return Wrong(
        "--certificate-file",
        "without TLS there is nobody to show it to. Give --ca-file FILE, or --tls for the authorities that this "
        "machine trusts.");
  }
  if (!security.is_encrypted) return security;

  const std::string option = options.ca_file.empty() ? "--tls" : "--ca-file";
  const std::string path = options.ca_file.empty() ? kSystemAuthorities : options.ca_file;
  absl::StatusOr<std::string> authorities = ReadFile(path, kMaxPemBytes);
  if (!authorities.ok()) return Wrong(option, authorities.status().message());
  if (absl::Status status = FirstCertificate(option, path, *authorities).status(); !status.ok()) return status;
  security.authorities = *std::move(authorities);
  if (options.certificate_file.empty()) return security;

  absl::StatusOr<std::string> certificate = ReadFile(options.certificate_file, kMaxPemBytes);
  if (!certificate.ok()) return Wrong("--certificate-file", certificate.status().message());
  absl::StatusOr<std::string> key = ReadKeyFile(options.key_file);
  if (!key.ok()) return Wrong("--key-file", key.status().message());
  security.certificate = *std::move(certificate);
  security.private_key = *std::move(key);
  if (absl::Status status = CheckCertificate(options, security, now); !status.ok()) return status;
  return security;
}

absl::Status CheckMaySendToken(const std::string& address, bool is_encrypted) {
  static const RE2& loopback = *new RE2(R"((localhost|\[::1\]|127(\.\d{1,3}){3}):\d+)");
  if (is_encrypted || RE2::FullMatch(address, loopback)) return absl::OkStatus();
  return Wrong("--server", absl::StrCat(address,
                                        " is not on this machine, and the token would be sent in clear. Give "
                                        "--ca-file FILE, or --tls for the authorities that this machine "
                                        "trusts."));
}

}  // namespace quartermaster::client
