// Reads the lines of the audit.
#ifndef QUARTERMASTER_TESTS_SERVER_AUDIT_LINES_H_
#define QUARTERMASTER_TESTS_SERVER_AUDIT_LINES_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "storage/store.h"

namespace quartermaster::server {

// What a line says under a name, or nothing; fails the test where it is no JSON.
inline std::string Member(const std::string& line, const std::string& name) {
  const nlohmann::json members = nlohmann::json::parse(line, /*cb=*/nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(members.is_object()) << line;
  if (!members.is_object() || !members.contains(name)) return "";
  const nlohmann::json& member = members[name];
  return member.is_string() ? member.get<std::string>() : member.dump();
}

inline std::vector<std::string> ReadLines(const storage::Store& store) {
  std::vector<std::string> lines;
  const absl::Status status = store.ScanAudit(1, [&](uint64_t, absl::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return lines;
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_AUDIT_LINES_H_
