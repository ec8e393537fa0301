// Signs receipts, many with one signature: a signature costs as much as judging a few returns, a hash a hundredth of
// it. ReceiptSignature in proto/quartermaster/v1/submission_service.proto says what is signed and how it is checked.
#ifndef QUARTERMASTER_SERVER_RECEIPT_SIGNER_H_
#define QUARTERMASTER_SERVER_RECEIPT_SIGNER_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "quartermaster/v1/submission_service.pb.h"
#include "server/receipt_key.h"
#include "storage/store.h"

namespace quartermaster::server {

// What the receipt of a return says: the text that is signed. The parts are those of a return that was accepted, which
// hold no line feed.
std::string ReceiptStatement(const storage::ReturnKey& key, const v1::Receipt& receipt);

// Signs all statements together, here and now; the signatures are in their order. At most 65,536 statements, which is
// as many as 16 siblings tell apart.
std::vector<v1::ReceiptSignature> SignTogether(const ReceiptKey& key, const std::vector<std::string>& statements);

// One thread that signs what waits, all of it together. Under no load that is one receipt, which has no siblings then.
// Thread-safe. Destruction signs and answers what was taken.
class ReceiptSigner {
 public:
  // Twice as many as the store commits together (storage/rocksdb_store.h), so that it catches up where it was held up;
  // each has ten siblings then. More would only make receipts longer.
  static constexpr size_t kMaxTogether = 1'024;
  // Signing is many times faster than committing, so nobody waits in practice; this bounds the memory if it were not.
  static constexpr size_t kMaxWaiting = 8 * kMaxTogether;

  // The key must outlive it.
  explicit ReceiptSigner(const ReceiptKey* key);
  ~ReceiptSigner();
  ReceiptSigner(const ReceiptSigner&) = delete;
  ReceiptSigner& operator=(const ReceiptSigner&) = delete;

  // Calls `done` on the signer's thread, in the order of these calls. Waits while kMaxWaiting statements do, so that
  // the store, which calls it, takes no more than can be answered.
  using Done = std::function<void(v1::ReceiptSignature)>;
  void Sign(std::string statement, Done done);

  // Signs one at once, on the caller's thread: for who would only wait, with nobody to share a signature with.
  v1::ReceiptSignature SignAlone(const std::string& statement) const;

 private:
  struct Task {
    std::string statement;
    Done done;
  };
  void Run();
  // Waits for tasks; none once it stops.
  std::vector<Task> TakeGroup();

  const ReceiptKey* const key_;
  std::mutex mutex_;  // Guards what follows but the thread.
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RECEIPT_SIGNER_H_
