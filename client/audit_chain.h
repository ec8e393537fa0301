// Checks an exported audit, line by line, as anybody could with sha256sum: numbers follow each other without a gap, and
// each line names the hash of the one before. Memory is that of one line.
//
//   AuditChain chain(/*first_number=*/1);
//   for (...) if (absl::Status status = chain.Add(line); !status.ok()) return status;
//   return chain.Finish();
#ifndef QUARTERMASTER_CLIENT_AUDIT_CHAIN_H_
#define QUARTERMASTER_CLIENT_AUDIT_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// The number of a line and the SHA-256 of its text, 64 hexadecimal digits in small letters.
struct AuditMark {
  uint64_t number = 0;
  std::string sha256;
};

// SHA-256 as it stands in an AuditMark.
std::string HashAuditLine(absl::string_view line);

// Errors are DATA_LOSS and name the first line that is changed or missing; after one nothing may be added any more.
// What a chain alone cannot show is that its end was cut off, or that all of it was written anew: a mark that was kept
// elsewhere shows that. Thread-compatible.
class AuditChain {
 public:
  // Ten times what a server writes.
  static constexpr size_t kMaxLineBytes = 64 << 10;

  // The number that the first line must have.
  explicit AuditChain(uint64_t first_number) : first_(first_number), last_{first_number - 1, ""} {}

  // A line that must be there as it was. Before the first Add.
  void Expect(AuditMark mark) { marks_.push_back(std::move(mark)); }

  // The next line, without its line feed. A change is known for certain only from the lines around it, so the error may
  // come with the line after.
  absl::Status Add(absl::string_view line);
  // After the last line.
  absl::Status Finish() const;

  uint64_t count() const { return last_.number + 1 - first_; }
  uint64_t first() const { return first_; }
  // The last line: what to keep.
  const AuditMark& last() const { return last_; }

 private:
  // The line after the last one names another hash than that line has: that one was changed, or the line itself.
  absl::Status OneOfTwo() const;

  const uint64_t first_;
  AuditMark last_;
  std::vector<AuditMark> marks_;
  // The last line does not name the hash of the one before.
  bool in_doubt_ = false;
};

// Adds every line of a file or pipe to the chain, and finishes it. DATA_LOSS also for a line longer than kMaxLineBytes.
absl::Status AddAllLines(std::istream& in, AuditChain* chain);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_AUDIT_CHAIN_H_
