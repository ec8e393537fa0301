// Checks receipts offline: that the server that holds a key has said what a receipt says. The rules are those of
// ReceiptSignature in proto/quartermaster/v1/submission_service.proto.
#ifndef QUARTERMASTER_CLIENT_RECEIPT_CHECK_H_
#define QUARTERMASTER_CLIENT_RECEIPT_CHECK_H_

#include <openssl/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

// The public half of a server's key of receipts. Thread-safe: it never changes.
class ReceiptPublicKey {
 public:
  // INVALID_ARGUMENT where the text is no Ed25519 public key in PEM.
  static absl::StatusOr<std::unique_ptr<const ReceiptPublicKey>> Parse(absl::string_view pem);
  ~ReceiptPublicKey();
  ReceiptPublicKey(const ReceiptPublicKey&) = delete;
  ReceiptPublicKey& operator=(const ReceiptPublicKey&) = delete;

  // As in the signatures: the first 16 hexadecimal digits of the SHA-256 of the key in DER.
  const std::string& id() const { return id_; }
  // Whether the holder of the private half signed the message.
  bool HasSigned(absl::string_view message, absl::string_view signature) const;

 private:
  ReceiptPublicKey(EVP_PKEY* key, std::string id);

  EVP_PKEY* const key_;  // Owned.
  const std::string id_;
};

// What stands beside a receipt in a reply. Empty and 0: the reply does not say.
struct ReceiptSurroundings {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  uint32_t revision = 0;
};

// OK where the key signed the receipt's statement, and the statement says what the receipt and its surroundings say,
// fact by fact. DATA_LOSS with the first thing that is wrong, without a full stop.
absl::Status CheckReceipt(const v1::Receipt& receipt, const ReceiptSurroundings& beside, const ReceiptPublicKey& key);

// The value of a fact of a statement that CheckReceipt has found good, such as "collection".
std::string StatedFact(const v1::Receipt& receipt, absl::string_view name);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RECEIPT_CHECK_H_
