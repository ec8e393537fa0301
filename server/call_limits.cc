#include "server/call_limits.h"

#include "absl/strings/str_cat.h"
#include "server/counted_address.h"
#include "server/errors.h"

namespace quartermaster::server {

StreamPlace::~StreamPlace() {
  if (limits_ != nullptr) limits_->Close(key_);
}

CallLimits::CallLimits(const Clock& clock)
    : calls_(kCallsPerSecond, kCallsAtOnce, kMaxKnownCallers, clock),
      refusals_(kRefusalsPerSecond, kRefusalsAtOnce, kMaxKnownCallers, clock) {}

absl::Status CallLimits::Note(const absl::StatusOr<Principal>& caller, absl::string_view peer) {
  if (caller.ok()) return NoteCall(caller->name);
  if (absl::IsPermissionDenied(caller.status())) return NoteCall(HolderOf(caller.status()));
  return NoteRefusal(peer);
}

absl::Status CallLimits::NoteCall(const std::string& principal) {
  if (calls_.Take(principal)) return absl::OkStatus();
  return Exhausted("TOO_MANY_CALLS",
                   absl::StrCat(principal, " makes more than ", kCallsPerSecond,
                                " calls a second. Nothing was done; send this one again in a second. Many returns "
                                "go in one call of SubmitReturns."));
}

absl::Status CallLimits::NoteRefusal(absl::string_view peer) {
  if (refusals_.Take(CountedAddress(peer))) return absl::OkStatus();
  return Exhausted("TOO_MANY_REFUSALS",
                   absl::StrCat("more than ", kRefusalsPerSecond,
                                " calls a second come from this address without a valid credential. Check which token "
                                "or certificate the program sends, then try again in a minute."));
}

absl::StatusOr<StreamPlace> CallLimits::Open(const StreamKind& kind, const std::string& principal) {
  const std::lock_guard<std::mutex> lock(mutex_);
  int& of_all = open_of_kind_[kind.name];
  if (kind.most.has_value() && of_all == *kind.most) {
    return Exhausted("TOO_MANY_STREAMS", absl::StrCat("there are ", of_all, " ", kind.name,
                                                      " open already, which is the most. Nothing was done; send this "
                                                      "again in a minute."));
  }
  StreamPlace::Key key(kind.name, principal);
  int& of_principal = open_[key];
  if (of_principal == kind.most_of_principal) {
    return Exhausted("TOO_MANY_STREAMS",
                     absl::StrCat(principal, " has ", of_principal, " ", kind.name,
                                  " open already, which is the most. Use or end one, then send this again; one that "
                                  "its client has left ends within two minutes."));
  }
  ++of_all;
  ++of_principal;
  return StreamPlace(this, std::move(key));
}

void CallLimits::Close(const StreamPlace::Key& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  --open_of_kind_[key.first];
  const auto found = open_.find(key);
  if (--found->second == 0) open_.erase(found);
}

}  // namespace quartermaster::server
