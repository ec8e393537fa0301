#include "server/x509.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::server {
namespace {

absl::Time ToTime(const ASN1_TIME* time, absl::Time otherwise) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? absl::FromTM(parts, absl::UTCTimeZone()) : otherwise;
}

// A NUL in the middle would end a name for some readers and not for others.
bool IsPrintable(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isprint);
}

absl::string_view Bytes(const ASN1_STRING* string) {
  return absl::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                           static_cast<size_t>(ASN1_STRING_length(string)));
}

std::string AddressText(absl::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool known = bytes.size() == sizeof(in_addr) || bytes.size() == sizeof(in6_addr);
  if (!known) return "";
  inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), text, sizeof(text));
  return text;
}

std::string SubjectOf(const X509* certificate) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (text == nullptr || X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) {
    return "";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return size <= 0 ? "" : std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<std::vector<X509Ptr>> ReadPemCertificates(absl::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return absl::ResourceExhaustedError("there is no memory to read it");
  std::vector<X509Ptr> certificates;
  ERR_clear_error();
  for (;;) {
    X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    certificates.push_back(std::move(certificate));
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!ended) {
    return absl::InvalidArgumentError(
        absl::StrCat("certificate number ", certificates.size() + 1, " of it is damaged or cut short"));
  }
  if (certificates.empty()) return absl::InvalidArgumentError("it holds no certificate in PEM");
  return certificates;
}

absl::Time NotBefore(const X509* certificate) {
  return ToTime(X509_get0_notBefore(certificate), absl::InfiniteFuture());
}
absl::Time NotAfter(const X509* certificate) { return ToTime(X509_get0_notAfter(certificate), absl::InfinitePast()); }

std::vector<std::string> NamesOf(const X509* certificate) {
  std::vector<std::string> names;
  const auto add = [&names](absl::string_view kind, absl::string_view name) {
    if (IsPrintable(name)) names.push_back(absl::StrCat(kind, name));
  };
  auto* const alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    switch (name->type) {
      case GEN_DNS:
        add("DNS:", Bytes(name->d.dNSName));
        break;
      case GEN_URI:
        add("URI:", Bytes(name->d.uniformResourceIdentifier));
        break;
      case GEN_EMAIL:
        add("EMAIL:", Bytes(name->d.rfc822Name));
        break;
      case GEN_IPADD:
        add("IP:", AddressText(Bytes(name->d.iPAddress)));
        break;
      default:
        break;
    }
  }
  GENERAL_NAMES_free(alternatives);
  ERR_clear_error();
  add("", SubjectOf(certificate));
  return names;
}

std::string UtcText(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone()); }

}  // namespace quartermaster::server
