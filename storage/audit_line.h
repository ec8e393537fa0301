// The lines of the audit: how one is written, and how each holds on to the one before.
//
// A line is one JSON object in one line of text, without the line feed:
//
//   {"number":12,"time":"2026-04-07T09:30:00.123456Z","previous":"<64 hexadecimal
//   digits>","sequence":99,"revision":2,...}
//
// Numbers count from 1 without gaps. `previous` is the SHA-256 of the line before as it stands, and 64 zeros in the
// first, so whoever has the lines in a file can check each with sha256sum. `sequence` is there where the line belongs
// to a commit, `revision` where that stored or withdrew one of a return. The rest are the members that the writer
// gives.
#ifndef QUARTERMASTER_STORAGE_AUDIT_LINE_H_
#define QUARTERMASTER_STORAGE_AUDIT_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quartermaster::storage {

// Ten ids of the longest that are kept. What is longer is a text, and texts do not belong into the audit.
inline constexpr size_t kMaxAuditMembersBytes = 4 << 10;

// What the store writes around the members, at most.
inline constexpr size_t kAuditFrameBytes = 240;

// As many lines go in one write without a commit as writes in one group.
inline constexpr size_t kMaxAuditLines = 512;

// Where the chain ends.
struct AuditHead {
  // Of the last line; 0 before the first.
  uint64_t number = 0;
  // Of the last line, 64 hexadecimal digits; zeros before the first.
  std::string sha256 = std::string(64, '0');
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

// What a line says of the write that it comes with; 0: nothing.
struct AuditedCommit {
  uint64_t sequence = 0;
  uint32_t revision = 0;
};

// Lines that belong to no commit, by their members.
struct AuditLines {
  std::vector<std::string> members;
};

// INVALID_ARGUMENT unless these can be members of a line: `"a":1,"b":"text"`, not empty, at most kMaxAuditMembersBytes,
// without control characters. That they are JSON is the writer's promise.
absl::Status CheckAuditMembers(absl::string_view members);

// The line that follows `before`. `time_us` is since the Unix epoch.
std::string MakeAuditLine(const AuditHead& before, int64_t time_us, const AuditedCommit& commit,
                          absl::string_view members);

// SHA-256, 64 hexadecimal digits in small letters.
std::string HashAuditLine(absl::string_view line);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_AUDIT_LINE_H_
