// The frame of a line, and its hash.
#include "storage/audit_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/sha256.h"

namespace quartermaster::storage {

absl::Status CheckAuditMembers(absl::string_view members) {
  if (members.size() > kMaxAuditMembersBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an audit line has ", members.size(), " bytes of members; it may have ", kMaxAuditMembersBytes));
  }
  const auto is_control = [](char byte) { return static_cast<unsigned char>(byte) < 0x20; };
  if (members.empty() || members.front() != '"' || std::any_of(members.begin(), members.end(), is_control)) {
    return absl::InvalidArgumentError("an audit line has no members, or members that do not fit in a line of JSON");
  }
  return absl::OkStatus();
}

std::string MakeAuditLine(const AuditHead& before, int64_t time_us, const AuditedCommit& commit,
                          absl::string_view members) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(time_us), absl::UTCTimeZone());
  std::string line =
      absl::StrCat("{\"number\":", before.number + 1, ",\"time\":\"", time, "\",\"previous\":\"", before.sha256, "\"");
  if (commit.sequence > 0) absl::StrAppend(&line, ",\"sequence\":", commit.sequence);
  if (commit.revision > 0) absl::StrAppend(&line, ",\"revision\":", commit.revision);
  absl::StrAppend(&line, ",", members, "}");
  return line;
}

std::string HashAuditLine(absl::string_view line) { return Sha256Hex(line); }

}  // namespace quartermaster::storage
