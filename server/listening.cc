#include "server/listening.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace quartermaster::server {
namespace {

bool IsLoopback(const std::string& host) {
  static const RE2& loopback = *new RE2(R"(localhost|\[::1\]|127(\.\d{1,3}){3})");
  return RE2::FullMatch(host, loopback);
}

absl::Status CheckAddress(const std::string& address) {
  // gRPC would understand names of sockets and of resolvers as well; nothing here is made for them.
  static const RE2& form = *new RE2(R"((?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5}))");
  std::string port_text;
  if (!RE2::FullMatch(address, form, &port_text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: \"", address, "\" is not HOST:PORT, such as 127.0.0.1:7443"));
  }
  int port = 0;
  if (!absl::SimpleAtoi(port_text, &port) || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("--listen: the port of \"", address, "\" is not 0 to 65535"));
  }
  return absl::OkStatus();
}

absl::Status Needs(absl::string_view option, absl::string_view other) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": it means nothing without ", other, ". Give both."));
}

}  // namespace

std::string HostOf(const ListeningOptions& options) { return options.address.substr(0, options.address.rfind(':')); }

int PortOf(const ListeningOptions& options) {
  int port = 0;
  static_cast<void>(absl::SimpleAtoi(options.address.substr(options.address.rfind(':') + 1), &port));
  return port;
}

absl::Status CheckListening(const ListeningOptions& options) {
  if (absl::Status status = CheckAddress(options.address); !status.ok()) return status;
  const CertificateFiles& files = options.certificates;
  const bool has_certificate = !files.certificate.empty();
  if (has_certificate && files.private_key.empty()) return Needs("--certificate-file", "--private-key-file");
  if (!has_certificate && !files.private_key.empty()) return Needs("--private-key-file", "--certificate-file");
  if (!has_certificate && !files.client_authority.empty()) {
    return Needs("--client-authority-file", "--certificate-file and --private-key-file");
  }
  if (options.require_client_certificate && files.client_authority.empty()) {
    return Needs("--require-client-certificate", "--client-authority-file");
  }
  if (has_certificate || IsLoopback(HostOf(options))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--listen: ", HostOf(options),
      " is not the loopback, and off it tokens and returns would be sent in clear. Give --certificate-file "
      "and --private-key-file (deploy/make-certificates.sh makes some to try), or listen on 127.0.0.1"));
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ListeningOptions& options,
                                                               const CertificateReload* certificates) {
  if (certificates == nullptr) return grpc::InsecureServerCredentials();
  const bool asks_clients = !options.certificates.client_authority.empty();
  // gRPC's own lower bound is TLS 1.2.
  grpc::experimental::TlsServerCredentialsOptions tls(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          certificates->identity_path(), certificates->identity_path(),
          asks_clients ? certificates->client_authority_path() : "", CertificateReload::kSecondsBetweenLooks));
  tls.watch_identity_key_cert_pairs();
  if (asks_clients) tls.watch_root_certs();
  // What a client shows is always verified: who calls is read from it.
  tls.set_cert_request_type(!asks_clients ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                            : options.require_client_certificate
                                ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(tls);
}

}  // namespace quartermaster::server
