// What a line of the audit says: who asked for what, about whose data, and what became of it.
//
// It holds ids alone: never a value, a token, a reason or any other text that somebody wrote. What a caller names
// stands in it as it was sent, shortened, whether there is such a thing or not. Number, time, hash, and the sequence
// and revision of a commit come from the store (storage/audit_line.h).
//
//   submission.audit = AuditEntry(caller.name, "SubmitReturn", kStored).Text("collection", "mhlda").members();
#ifndef QUARTERMASTER_SERVER_AUDIT_ENTRY_H_
#define QUARTERMASTER_SERVER_AUDIT_ENTRY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace quartermaster::server {

// Outcomes. Auditors search for these words; they never change.
inline constexpr char kStored[] = "stored";      // Written; the line belongs to the commit.
inline constexpr char kRejected[] = "rejected";  // A return that is not as its collection wants it; nothing was stored.
inline constexpr char kRefused[] = "refused";    // The caller is unknown, or may not do this.
inline constexpr char kRead[] = "read";          // Another participant's named data went out.
inline constexpr char kStarted[] = "started";    // The server.
inline constexpr char kStopped[] = "stopped";    // The server, when it was asked to; a kill leaves no line.

// Who acts where nobody has called.
inline constexpr char kOwnPrincipal[] = "quartermaster";

// Thread-compatible. What is empty or 0 is left out.
class AuditEntry {
 public:
  // A text has at most so many bytes: ids are shorter. Ten of them with all bytes escaped fit in a line.
  static constexpr size_t kMaxTextBytes = 150;

  // Principals are known to the server; of a caller that is not known the name is empty.
  AuditEntry(absl::string_view principal, absl::string_view rpc, absl::string_view outcome);

  AuditEntry& Text(absl::string_view name, absl::string_view text);
  AuditEntry& Number(absl::string_view name, uint64_t number);
  // The ids in a request: collection, service, participants, periods, rule, revision and the like, wherever it has
  // them.
  AuditEntry& About(const google::protobuf::Message& request);

  // As it was given.
  const std::string& principal() const { return principal_; }
  // As storage takes them.
  const std::string& members() const { return members_; }

 private:
  std::string principal_;
  std::string members_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_AUDIT_ENTRY_H_
