#include "server/stored_commits.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/request_id.h"
#include "storage/audit_line.h"

namespace quartermaster::server {
namespace {

uint64_t HashBytes(absl::string_view bytes) { return std::hash<std::string_view>()({bytes.data(), bytes.size()}); }

// Equal records have equal bytes: there is no map in them.
uint64_t HashUse(const storage::v1::RequestRecord& record) { return HashBytes(record.SerializeAsString()); }

bool HoldsNumber(const std::vector<uint64_t>& sorted, uint64_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

// The commit that a line belongs to (storage/audit_line.h); 0 if it belongs to none.
uint64_t CommitOf(absl::string_view line) {
  constexpr absl::string_view kPrevious = ",\"previous\":\"";
  constexpr size_t kHashDigits = 64;
  const size_t at = line.substr(0, storage::kAuditFrameBytes).find(kPrevious);
  if (at == absl::string_view::npos) return 0;
  line.remove_prefix(std::min(line.size(), at + kPrevious.size() + kHashDigits));
  uint64_t sequence = 0;
  if (!absl::ConsumePrefix(&line, "\",\"sequence\":")) return 0;
  return absl::SimpleAtoi(line.substr(0, line.find_first_not_of("0123456789")), &sequence) ? sequence : 0;
}

// A member with a text that needs no escapes, as ids do not; empty if there is none. No text can look like a member:
// the quotes in it are escaped.
absl::string_view TextOf(absl::string_view line, absl::string_view member) {
  const std::string start = absl::StrCat(",\"", member, "\":\"");
  const size_t at = line.find(start);
  if (at == absl::string_view::npos) return "";
  line.remove_prefix(at + start.size());
  return line.substr(0, line.find('"'));
}

}  // namespace

void StoredCommits::Add(const storage::StoredReturn& stored) {
  const v1::Receipt& receipt = stored.record.receipt();
  storage::v1::RequestRecord use;
  use.set_kind(storage::v1::RequestRecord::KIND_SUBMISSION);
  use.set_collection(stored.key.collection);
  use.set_service(stored.key.service);
  use.set_participant(stored.key.participant);
  use.set_period(stored.key.period);
  use.set_revision(receipt.revision());
  use.set_content(receipt.content_sha256());
  revisions_.push_back(receipt.sequence());
  uses_.push_back(HashUse(use));
  if (!stored.withdrawal) return;
  use.set_kind(storage::v1::RequestRecord::KIND_WITHDRAWAL);
  use.set_content(stored.withdrawal->reason());
  withdrawals_.push_back(stored.withdrawal->sequence());
  uses_.push_back(HashUse(use));
}

void StoredCommits::AddRequest(const std::string& id) { requests_.push_back(HashBytes(RequestIdText(id))); }

void StoredCommits::Sort() {
  for (std::vector<uint64_t>* numbers : {&revisions_, &withdrawals_, &uses_, &requests_}) {
    std::sort(numbers->begin(), numbers->end());
  }
}

void StoredCommits::CheckRequest(const std::string& id, const storage::v1::RequestRecord& record, Tell tell) const {
  if (HoldsNumber(uses_, HashUse(record))) return;
  const bool is_withdrawal = record.kind() == storage::v1::RequestRecord::KIND_WITHDRAWAL;
  tell(absl::StrCat(record.collection(), " ", record.service(), " ", record.participant(), " ", record.period(),
                    " revision ", record.revision()),
       absl::StrCat("the request id ", RequestIdText(id), " was used for ",
                    is_withdrawal ? "its withdrawal, which is not there with this reason"
                                  : "it, and it is not there with the content that it had then"));
}

void StoredCommits::CheckLine(uint64_t number, absl::string_view line, uint64_t last_sequence, Tell tell) const {
  const uint64_t commit = CommitOf(line);
  if (commit == 0 || commit > last_sequence) return;
  const absl::string_view rpc = TextOf(line, "rpc");
  const bool is_withdrawal = rpc == "WithdrawReturn";
  if (!is_withdrawal && rpc != "SubmitReturn") return;
  const auto place = [line] {
    return absl::StrCat(TextOf(line, "collection"), " ", TextOf(line, "service"), " ", TextOf(line, "participant"), " ",
                        TextOf(line, "period"));
  };
  if (!HoldsNumber(is_withdrawal ? withdrawals_ : revisions_, commit)) {
    tell(place(), absl::StrCat("line ", number, " of the audit says that it was ",
                               is_withdrawal ? "withdrawn" : "stored", " with commit ", commit, ", and no ",
                               is_withdrawal ? "withdrawal" : "revision", " of this commit is there"));
  }
  const absl::string_view request_id = TextOf(line, "request_id");
  if (!request_id.empty() && !HoldsNumber(requests_, HashBytes(request_id))) {
    tell(place(), absl::StrCat("line ", number, " of the audit says that it was sent with the request id ", request_id,
                               ", which is not kept: a retry would count a second time"));
  }
}

}  // namespace quartermaster::server
