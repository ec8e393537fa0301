// Finds the receipts in what `qm` printed as JSON: the lines of `qm submit`, and the replies of `qm returns`.
#ifndef QUARTERMASTER_CLIENT_RECEIPT_FILE_H_
#define QUARTERMASTER_CLIENT_RECEIPT_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/receipt_check.h"

namespace quartermaster::client {

struct FoundReceipt {
  size_t line = 0;  // From 1.
  ReceiptSurroundings beside;
  v1::Receipt receipt;
  // Why the receipt cannot be read, without a full stop; empty where it can.
  std::string problem;
};

struct ReceiptFile {
  // In the order of the file.
  std::vector<FoundReceipt> receipts;
  // Returns that have none, since they were not stored.
  size_t without_receipt = 0;
};

// INVALID_ARGUMENT, naming the line, where one is no JSON object. Blank lines are passed over.
absl::StatusOr<ReceiptFile> ReadReceipts(absl::string_view json_lines);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RECEIPT_FILE_H_
