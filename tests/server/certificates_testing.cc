#include "tests/server/certificates_testing.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "server/x509.h"

namespace quartermaster::testing {
namespace {

void Require(bool done) {
  if (!done) std::abort();
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

MadeCertificate MakeCertificate(const CertificateWish& wish) {
  const server::KeyPtr key(EVP_EC_gen("P-256"));
  const server::X509Ptr certificate(X509_new());
  Require(key != nullptr && certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  for (const auto& [attribute, value] : wish.subject) {
    Require(X509_NAME_add_entry_by_txt(name, attribute.c_str(), MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1);
  }
  Require(X509_set_issuer_name(certificate.get(), name) == 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(wish.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(wish.not_after));
  AddExtension(certificate.get(), NID_basic_constraints, wish.usage.empty() ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!wish.usage.empty()) AddExtension(certificate.get(), NID_ext_key_usage, wish.usage);
  if (!wish.alternative_names.empty()) {
    AddExtension(certificate.get(), NID_subject_alt_name, wish.alternative_names);
  }
  Require(X509_set_pubkey(certificate.get(), key.get()) == 1);
  Require(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);

  const server::BioPtr certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  Require(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {Text(certificate_text.get()), Text(key_text.get())};
}

}  // namespace quartermaster::testing
