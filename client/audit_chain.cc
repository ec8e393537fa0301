#include "client/audit_chain.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "client/openssl_objects.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

// What every line begins with, as the server writes it.
struct LineStart {
  uint64_t number = 0;
  std::string previous;
};

absl::optional<LineStart> ReadStart(absl::string_view line) {
  static const RE2& pattern = *new RE2(
      R"re(\{"number":([1-9]\d{0,17}),"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","previous":"([0-9a-f]{64})",)re");
  re2::StringPiece rest(line.data(), line.size());
  LineStart start;
  if (!RE2::Consume(&rest, pattern, &start.number, &start.previous) || rest.empty() || rest[rest.size() - 1] != '}') {
    return absl::nullopt;
  }
  return start;
}

absl::Status Changed(uint64_t number) { return absl::DataLossError(absl::StrCat("line ", number, " was changed.")); }

}  // namespace

std::string HashAuditLine(absl::string_view line) { return absl::BytesToHexString(Sha256(line)); }

absl::Status AuditChain::OneOfTwo() const {
  return absl::DataLossError(absl::StrCat("line ", last_.number - 1, " or line ", last_.number, " was changed: line ",
                                          last_.number, " names another SHA-256 than line ", last_.number - 1,
                                          " has."));
}

absl::Status AuditChain::Add(absl::string_view line) {
  const uint64_t number = last_.number + 1;
  const absl::optional<LineStart> start = ReadStart(line);
  // A line in doubt is vouched for by the one after it, if that names its hash.
  if (in_doubt_ && start && start->number == number) {
    return Changed(start->previous == last_.sha256 ? last_.number - 1 : last_.number);
  }
  if (in_doubt_) return OneOfTwo();
  if (!start) {
    return absl::DataLossError(
        absl::StrCat("line ", number, " was changed: what stands there is no line of an audit."));
  }
  if (start->number != number) {
    return absl::DataLossError(absl::StrCat(
        "line ", number, " is missing or was changed: in its place stands one with number ", start->number, "."));
  }
  const bool is_first = number == first_;
  if (number == 1 && start->previous != std::string(64, '0')) return Changed(number);
  in_doubt_ = !is_first && start->previous != last_.sha256;
  last_ = {number, HashAuditLine(line)};
  for (const AuditMark& mark : marks_) {
    if (mark.number != number || mark.sha256 == last_.sha256) continue;
    if (in_doubt_) return OneOfTwo();
    return absl::DataLossError(absl::StrCat("line ", number, " is not the one whose SHA-256 was kept, ", mark.sha256,
                                            ", but has ", last_.sha256,
                                            ": it was changed, or all lines up to it were written anew."));
  }
  return absl::OkStatus();
}

absl::Status AuditChain::Finish() const {
  if (in_doubt_) return OneOfTwo();
  for (const AuditMark& mark : marks_) {
    if (mark.number <= last_.number) continue;
    return absl::DataLossError(absl::StrCat("line ", last_.number + 1,
                                            " is missing: the audit ended no earlier than with line ", mark.number,
                                            ", whose SHA-256 was kept."));
  }
  return absl::OkStatus();
}

absl::Status AddAllLines(std::istream& in, AuditChain* chain) {
  std::string buffer(AuditChain::kMaxLineBytes + 2, '\0');  // With a line feed and the terminating zero.
  while (in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()))) {
    // The line feed is counted and not stored; the last line may lack it.
    const size_t size = static_cast<size_t>(in.gcount()) - (in.eof() ? 0 : 1);
    if (absl::Status status = chain->Add(absl::string_view(buffer).substr(0, size)); !status.ok()) return status;
  }
  if (in.bad()) return absl::UnknownError("the audit could not be read to its end.");
  if (!in.eof()) {
    return absl::DataLossError(absl::StrCat("line ", chain->last().number + 1, " was changed: it has more than ",
                                            AuditChain::kMaxLineBytes, " bytes."));
  }
  return chain->Finish();
}

}  // namespace quartermaster::client
