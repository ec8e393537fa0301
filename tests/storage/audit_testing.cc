// Lines are read here with a pattern, not with the code that writes them.
#include "tests/storage/audit_testing.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace quartermaster::storage {

std::vector<std::string> ReadAudit(const Store& store) {
  std::vector<std::string> lines;
  const absl::Status status = store.ScanAudit(1, [&](uint64_t number, absl::string_view line) {
    lines.emplace_back(line);
    EXPECT_EQ(number, lines.size());
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return lines;
}

void ExpectChain(const Store& store, const std::vector<std::string>& lines) {
  static const RE2& start = *new RE2(
      R"re(\{"number":(\d+),"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","previous":"([0-9a-f]{64})",.*\})re");
  AuditHead expected;
  for (const std::string& line : lines) {
    uint64_t number = 0;
    std::string previous;
    ASSERT_TRUE(RE2::FullMatch(line, start, &number, &previous)) << line;
    ASSERT_EQ(number, expected.number + 1) << line;
    ASSERT_EQ(previous, expected.sha256) << line;
    expected = {number, HashAuditLine(line)};
  }
  const absl::StatusOr<AuditHead> head = store.ReadAuditHead();
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->number, expected.number);
  EXPECT_EQ(head->sha256, expected.sha256);
}

std::map<uint64_t, int> LinesByCommit(const std::vector<std::string>& lines) {
  static const RE2& sequence = *new RE2(R"re("previous":"[0-9a-f]{64}","sequence":(\d+),)re");
  std::map<uint64_t, int> counts;
  for (const std::string& line : lines) {
    uint64_t number = 0;
    if (RE2::PartialMatch(line, sequence, &number)) ++counts[number];
  }
  return counts;
}

void ExpectOneLineForEachCommit(const Store& store, const std::vector<std::string>& lines) {
  std::map<uint64_t, int> expected;
  for (uint64_t sequence = 1; sequence <= store.last_sequence(); ++sequence) expected[sequence] = 1;
  EXPECT_EQ(LinesByCommit(lines), expected);
}

}  // namespace quartermaster::storage
