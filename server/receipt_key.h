// The key by which the server signs receipts: an Ed25519 key (RFC 8032) of its own, kept in the data folder. Whoever
// has its public half can check a receipt without the server, so it must stay the same as long as there are receipts.
#ifndef QUARTERMASTER_SERVER_RECEIPT_KEY_H_
#define QUARTERMASTER_SERVER_RECEIPT_KEY_H_

#include <openssl/types.h>

#include <array>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster::server {

// Thread-safe: it never changes.
class ReceiptKey {
 public:
  // Reads DIR/receipt.key (PEM, PKCS 8), or makes it with mode 0600 where the folder never had one, and sees to it that
  // its public half lies beside it in DIR/receipt-public.pem for everybody to copy. FAILED_PRECONDITION if others may
  // read the key, if it is no Ed25519 key, if it is gone while its public half is still there, or if the two do not
  // belong together; then nothing is changed. The message says what to do.
  static absl::StatusOr<std::unique_ptr<const ReceiptKey>> Open(const std::string& data_dir);
  ~ReceiptKey();
  ReceiptKey(const ReceiptKey&) = delete;
  ReceiptKey& operator=(const ReceiptKey&) = delete;

  // The signature, 64 bytes.
  std::string Sign(absl::string_view message) const;

  const std::string& public_pem() const { return public_pem_; }
  // The first 16 hexadecimal digits of the SHA-256 of the public key in DER.
  const std::string& id() const { return id_; }

 private:
  // The secret key and the public one, as libsodium signs with them.
  using SigningKey = std::array<unsigned char, 64>;
  ReceiptKey(const EVP_PKEY* key, std::string public_pem, std::string id);

  SigningKey signing_key_;
  const std::string public_pem_;
  const std::string id_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RECEIPT_KEY_H_
