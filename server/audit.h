// The audit of what belongs to no commit: refusals, rejections, reads of other participants' data, starts. The line of
// a write lies in the write itself (server/audit_entry.h makes it) and is committed with it.
//
// Lines are queued before the reply goes out and not waited for, so reads stay as fast as memory. The price: a power
// cut or a kill can take the lines of the last milliseconds, those of replies that had just gone out. Lines go to the
// store in their order, many at a time, in one write at a time, so a flood of reads takes one place among the writes
// that wait.
#ifndef QUARTERMASTER_SERVER_AUDIT_H_
#define QUARTERMASTER_SERVER_AUDIT_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/audit_entry.h"
#include "server/clock.h"
#include "server/principal.h"
#include "storage/store.h"

namespace quartermaster::server {

// The RPCs whose answers hold named data of participants, for who may see it, or the audit itself.
bool AnswersWithNamedData(absl::string_view rpc);

// Whether an answer to this call goes into the audit as a read: the caller sees everybody's data, and does not ask for
// its own participants alone, nor for figures of the whole country. Always for the audit itself.
bool IsAuditedRead(const Principal& caller, absl::string_view rpc, const google::protobuf::Message& request);

// Thread-safe.
class Audit {
 public:
  // Refusals of one principal in a minute that get a line each, and of all callers that are not known; the others of
  // the minute are counted in one line for each. Two a second are more than a team with a wrong token makes, and at 300
  // bytes a line a flood that never ends fills 50 MB a day. Whoever floods uses up no lines but its own.
  static constexpr uint32_t kMaxRefusalsAMinute = 120;
  // Principals whose refusals in a minute are told apart; the others share the lines of one. Ten times as many as are
  // refused anything in a bad minute; their counts fit among the lines that wait.
  static constexpr size_t kMaxRefusedPrincipals = 1000;
  // Lines that wait for the store, a few MB: a second of reads at full speed.
  static constexpr size_t kMaxWaiting = 8192;

  // `store` must outlive the last call, which is that of Close.
  Audit(storage::Store* store, Clock clock);
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // A line that the store does not take, or for which there is no room, goes to standard error; nothing waits for it.
  void Add(const AuditEntry& entry);
  // The same, and calls `done` once this line and all before it are stored, or the store takes none just now: its disk
  // is full, or too many writes wait; then the lines are tried again with the next one. On this thread or the store's,
  // where it must not stay long.
  using Done = std::function<void()>;
  void AddThen(const AuditEntry& entry, Done done);
  // The same for a refusal, within the limit of its principal. What is counted is said with the first line after the
  // minute, of whatever kind, or by Close, as a line of that principal; for callers that are not known, and principals
  // beyond those that are told apart, as one of kOwnPrincipal. A kill before that loses the counts.
  void AddRefusal(const AuditEntry& entry);

  // Waits until all lines are stored, or said. Nothing may be added any more.
  void Close();

 private:
  using Lines = std::vector<std::string>;
  // In one minute: those with a line each, and those without.
  struct Refusals {
    uint32_t told = 0;
    uint64_t more = 0;
  };
  // These require that mutex_ is held.
  void Put(std::string members);
  void SayWhatWasCounted();
  // Of this principal in this minute.
  Refusals& RefusalsOf(const std::string& principal);
  void BeginMinute();
  // Empty if nothing is to be sent now; else sending_ is set.
  Lines TakeLines();

  // Adds what `put` does, with mutex_ held, and sends it if nothing else is on its way.
  void Do(absl::FunctionRef<void()> put);
  // Sends the lines, then all that has come meanwhile.
  void Send(Lines lines);
  void Sent(Lines lines, const absl::Status& status);

  storage::Store* const store_;
  const Clock clock_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable idle_;
  std::deque<std::string> waiting_;
  bool sending_ = false;
  uint64_t put_ = 0;      // Lines that were ever put into waiting_.
  uint64_t settled_ = 0;  // Lines of which the store has said what became of them.
  // By the number of lines that must be settled first, which ascends.
  std::deque<std::pair<uint64_t, Done>> asked_;
  int64_t minute_ = 0;                        // Since the epoch, of the refusals that are counted below.
  std::map<std::string, Refusals> refusals_;  // By principal.
  Refusals unknown_callers_;
  Refusals other_principals_;  // Beyond kMaxRefusedPrincipals.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_AUDIT_H_
