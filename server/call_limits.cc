#include "server/call_limits.h"

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/limits.h"

namespace quartermaster::server {
namespace {

// The first byte of a key tells what is opened.
constexpr char kSubmissions = 's';
constexpr char kWatch = 'w';

}  // namespace

StreamPlace::~StreamPlace() {
  if (limits_ != nullptr) limits_->Close(key_);
}

CallLimits::CallLimits(const Clock& clock)
    : calls_(kCallsPerSecond, kCallsAtOnce, kMaxKnownCallers, clock),
      refusals_(kRefusalsPerSecond, kRefusalsAtOnce, kMaxKnownCallers, clock) {}

absl::Status CallLimits::NoteCall(const std::string& principal) {
  if (calls_.Take(principal)) return absl::OkStatus();
  return Exhausted("TOO_MANY_CALLS",
                   absl::StrCat(principal, " makes more than ", kCallsPerSecond,
                                " calls a second. Nothing was done; send this one again in a second. Many returns "
                                "go in one call of SubmitReturns."));
}

absl::Status CallLimits::NoteRefusal(absl::string_view peer) {
  const size_t port = peer.rfind(':');
  if (refusals_.Take(peer.substr(0, port))) return absl::OkStatus();
  return Exhausted("TOO_MANY_REFUSALS",
                   absl::StrCat("more than ", kRefusalsPerSecond,
                                " calls a second come from this address without a valid credential. Check which token "
                                "or certificate the program sends, then try again in a minute."));
}

absl::StatusOr<StreamPlace> CallLimits::OpenSubmissions(const std::string& principal) {
  return Open(absl::StrCat(std::string(1, kSubmissions), principal), kMaxStreamsOfPrincipal,
              absl::StrCat(principal, " has ", kMaxStreamsOfPrincipal, " streams of returns"));
}

absl::StatusOr<StreamPlace> CallLimits::OpenWatch(const std::string& principal) {
  return Open(absl::StrCat(std::string(1, kWatch), principal), kMaxWatchesOfPrincipal,
              absl::StrCat(principal, " has ", kMaxWatchesOfPrincipal, " watches"));
}

absl::StatusOr<StreamPlace> CallLimits::Open(std::string key, int most, absl::string_view what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (key.front() == kSubmissions && submissions_ == kMaxStreams) {
    return Exhausted("TOO_MANY_STREAMS", absl::StrCat("there are ", kMaxStreams,
                                                      " streams of returns open already. Send again in a minute."));
  }
  const auto found = open_.find(key);
  if (found != open_.end() && found->second == most) {
    return Exhausted("TOO_MANY_STREAMS",
                     absl::StrCat(what,
                                  " open already. Close one, or use it for this too; one that its client has "
                                  "left ends within two minutes."));
  }
  if (key.front() == kSubmissions) ++submissions_;
  ++open_[key];
  return StreamPlace(this, std::move(key));
}

void CallLimits::Close(const std::string& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (key.front() == kSubmissions) --submissions_;
  const auto found = open_.find(key);
  if (--found->second == 0) open_.erase(found);
}

}  // namespace quartermaster::server
