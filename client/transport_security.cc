#include "client/transport_security.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "client/openssl_objects.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

// Debian's package ca-certificates keeps it.
constexpr char kSystemAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

// Several times all authorities that a Debian machine trusts.
constexpr uint64_t kMaxPemBytes = 1 << 20;

absl::Status Wrong(absl::string_view option, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", problem));
}

absl::StatusOr<OpenSslPtr<X509>> FirstCertificate(absl::string_view option, const std::string& path,
                                                  const std::string& pem) {
  OpenSslPtr<X509> certificate = NextCertificate(ReaderOf(pem).get());
  ERR_clear_error();
  if (certificate == nullptr) return Wrong(option, absl::StrCat(path, ": this file holds no certificate in PEM."));
  return certificate;
}

absl::Status CheckCertificate(const TransportOptions& options, const TransportSecurity& security, absl::Time now) {
  const absl::StatusOr<OpenSslPtr<X509>> certificate =
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
  const OpenSslPtr<EVP_PKEY> key = FirstPrivateKey(security.private_key);
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
