#include "client/connection_probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/openssl_objects.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

using Kind = ProbeResult::Kind;

// A server that has just turned gRPC away answers at once; one that does not is not worth waiting for.
constexpr absl::Duration kPatience = absl::Seconds(2);
// A certificate may have thousands of names.
constexpr size_t kMaxNamesTold = 8;

class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  ~Socket() {
    if (number_ >= 0) close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

struct HostAndPort {
  std::string host;
  std::string port;
};

HostAndPort Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return {std::string(host), address.substr(colon + 1)};
}

// Whether the socket is ready before the deadline.
bool Wait(int socket, short event, absl::Time deadline) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(deadline - absl::Now());
  pollfd polled{.fd = socket, .events = event, .revents = 0};
  return milliseconds > 0 && poll(&polled, 1, static_cast<int>(milliseconds)) == 1;
}

// -1 if nobody is there.
int Connect(const HostAndPort& where, absl::Time deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found) != 0) return -1;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    const int made = socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol);
    if (made < 0) continue;
    int problem = 0;
    socklen_t size = sizeof(problem);
    const bool begun = connect(made, one->ai_addr, one->ai_addrlen) == 0 || errno == EINPROGRESS;
    if (begun && Wait(made, POLLOUT, deadline) && getsockopt(made, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 &&
        problem == 0) {
      return made;
    }
    close(made);
  }
  return -1;
}

// Repeats what OpenSSL could not finish, until the deadline. Gives OpenSSL's error, SSL_ERROR_NONE for success, or
// SSL_ERROR_WANT_READ where the server has kept silent.
template <typename Step>
int Drive(SSL* connection, int socket, absl::Time deadline, Step step) {
  for (;;) {
    ERR_clear_error();
    const int result = step();
    if (result > 0) return SSL_ERROR_NONE;
    const int error = SSL_get_error(connection, result);
    const bool reads = error == SSL_ERROR_WANT_READ;
    if (!reads && error != SSL_ERROR_WANT_WRITE) return error;
    if (!Wait(socket, reads ? POLLIN : POLLOUT, deadline)) return SSL_ERROR_WANT_READ;
  }
}

void TrustAuthorities(SSL_CTX* context, const std::string& pem) {
  const OpenSslPtr<BIO> reader = ReaderOf(pem);
  while (const OpenSslPtr<X509> authority = NextCertificate(reader.get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
  }
}

void ShowCertificate(SSL_CTX* context, const TransportSecurity& security) {
  const OpenSslPtr<BIO> chain = ReaderOf(security.certificate);
  for (bool is_first = true;; is_first = false) {
    const OpenSslPtr<X509> certificate = NextCertificate(chain.get());
    if (certificate == nullptr) break;
    if (is_first) {
      SSL_CTX_use_certificate(context, certificate.get());
    } else {
      SSL_CTX_add1_chain_cert(context, certificate.get());
    }
  }
  const OpenSslPtr<EVP_PKEY> key = FirstPrivateKey(security.private_key);
  if (key != nullptr) SSL_CTX_use_PrivateKey(context, key.get());
}

std::string HostsOf(const X509* certificate) {
  auto* const all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(all) && names.size() < kMaxNamesTold; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    const ASN1_STRING* text = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const absl::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                  static_cast<size_t>(ASN1_STRING_length(text)));
    char address[INET6_ADDRSTRLEN] = "";
    if (name->type == GEN_IPADD) {
      inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), address, sizeof(address));
    }
    names.push_back(name->type == GEN_DNS ? ShortText(bytes) : address);
  }
  GENERAL_NAMES_free(all);
  return names.empty() ? "no host" : absl::StrJoin(names, ", ");
}

// What is noted of a handshake; it goes with the connection.
struct Seen {
  // Of the server's certificate, where it was not believed; OpenSSL keeps no such certificate.
  std::string hosts;
  bool asks_for_certificate = false;
};

int KeepHosts(int is_good, X509_STORE_CTX* verification) {
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const X509* certificate = X509_STORE_CTX_get0_cert(verification);
  if (is_good == 0 && certificate != nullptr) {
    static_cast<Seen*>(SSL_get_app_data(connection))->hosts = HostsOf(certificate);
  }
  return is_good;
}

// As gRPC shakes hands: TLS 1.2 or later, HTTP/2, the host's name checked. Without TLS nothing is checked, since it is
// only asked whether the server speaks it.
OpenSslPtr<SSL_CTX> MakeContext(const TransportSecurity& security) {
  OpenSslPtr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  static const unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  if (!security.is_encrypted) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, KeepHosts);
  TrustAuthorities(context.get(), security.authorities);
  if (!security.certificate.empty()) ShowCertificate(context.get(), security);
  return context;
}

void ExpectHost(SSL* connection, const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  if (inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str());
  } else {
    SSL_set1_host(connection, host.c_str());
    SSL_set_tlsext_host_name(connection, host.c_str());
  }
}

// Why the server's certificate was not believed; kNothing where it was.
ProbeResult DescribeVerification(const SSL* connection, const HostAndPort& where) {
  const long result = SSL_get_verify_result(connection);
  switch (result) {
    case X509_V_OK:
      return {};
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {Kind::kUntrusted, "Its certificate, or its authority's, has expired. Ask its operator for a new one."};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Kind::kUntrusted, "Its certificate is not good yet. Check the clock of this machine."};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Kind::kUntrusted,
              absl::StrCat("Its certificate is not for ", where.host, " but for ",
                           static_cast<const Seen*>(SSL_get_app_data(connection))->hosts,
                           ". Call it by one of its names, or ask its operator for a certificate with this one.")};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return {
          Kind::kUntrusted,
          "Its certificate was signed by none of the authorities that --ca-file or --tls names, so it may be another "
          "server. Ask its operator for the authority's certificate."};
    default:
      return {Kind::kUntrusted, absl::StrCat("Its certificate is not believed: ", X509_verify_cert_error_string(result),
                                             ". Ask its operator for another.")};
  }
}

// The server looks at this client's certificate last, in TLS 1.3 after the client has finished. gRPC's server then
// hangs up and says nothing.
ProbeResult DescribeHangUp(const Seen& seen, bool has_certificate) {
  if (!seen.asks_for_certificate) return {};
  if (!has_certificate) {
    return {
        Kind::kNotAdmitted,
        "It asks clients for a certificate, and hung up on one that shows none. Give yours with --certificate-file and "
        "--key-file."};
  }
  return {
      Kind::kNotAdmitted,
      "It hung up on the certificate in --certificate-file. Ask its operator for one of an authority that it trusts."};
}

ProbeResult ProbeTls(SSL* connection, int socket, const HostAndPort& where, const TransportSecurity& security,
                     absl::Time deadline) {
  const Seen& seen = *static_cast<const Seen*>(SSL_get_app_data(connection));
  const int shaken = Drive(connection, socket, deadline, [&] { return SSL_connect(connection); });
  const unsigned long problem = ERR_peek_last_error();
  if (!security.is_encrypted) {
    // What came back on the first message was one of TLS.
    if (shaken != SSL_ERROR_NONE && SSL_get_state(connection) == TLS_ST_CW_CLNT_HELLO) return {};
    return {
        Kind::kUntrusted,
        "It speaks TLS, and this call does not. Give --ca-file FILE, or --tls for the authorities that this machine "
        "trusts."};
  }
  if (shaken == SSL_ERROR_NONE) {
    char byte = 0;
    const int read = Drive(connection, socket, deadline, [&] { return SSL_read(connection, &byte, 1); });
    const bool hung_up = read != SSL_ERROR_NONE && read != SSL_ERROR_WANT_READ;
    return hung_up ? DescribeHangUp(seen, !security.certificate.empty()) : ProbeResult();
  }
  if (ProbeResult found = DescribeVerification(connection, where); found.kind != Kind::kNothing) return found;
  if (seen.asks_for_certificate) return DescribeHangUp(seen, !security.certificate.empty());
  const int reason = ERR_GET_REASON(problem);
  // Silence, or a server that stops.
  if (shaken != SSL_ERROR_SSL || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {};
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
      reason == SSL_R_DATA_LENGTH_TOO_LONG || reason == SSL_R_HTTP_REQUEST) {
    return {
        Kind::kUntrusted,
        "It does not speak TLS, so who it is cannot be proven. Check the port; only a server on this machine is called "
        "without --ca-file and --tls."};
  }
  const char* words = ERR_reason_error_string(problem);
  return {Kind::kUntrusted,
          absl::StrCat("No TLS connection came about: ", words == nullptr ? "no reason was given" : words, ".")};
}

}  // namespace

ProbeResult ProbeConnection(const std::string& address, const TransportSecurity& security) {
  const absl::Time deadline = absl::Now() + kPatience;
  const HostAndPort where = Split(address);
  const Socket socket(Connect(where, deadline));
  if (socket.number() < 0) return {};
  const OpenSslPtr<SSL_CTX> context = MakeContext(security);
  const OpenSslPtr<SSL> connection(context == nullptr ? nullptr : SSL_new(context.get()));
  if (connection == nullptr || SSL_set_fd(connection.get(), socket.number()) != 1) return {};
  Seen seen;
  SSL_set_app_data(connection.get(), &seen);
  SSL_set_cert_cb(
      connection.get(),
      [](SSL*, void* noted) {
        static_cast<Seen*>(noted)->asks_for_certificate = true;
        return 1;
      },
      &seen);
  ExpectHost(connection.get(), where.host);
  ProbeResult result = ProbeTls(connection.get(), socket.number(), where, security, deadline);
  ERR_clear_error();
  return result;
}

}  // namespace quartermaster::client
