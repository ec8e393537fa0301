// Reads the lines of the audit.
#ifndef QUARTERMASTER_TESTS_SERVER_AUDIT_LINES_H_
#define QUARTERMASTER_TESTS_SERVER_AUDIT_LINES_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "storage/store.h"

namespace quartermaster::server {

// The members of a line as JSON; fails the test where they are not.
inline google::protobuf::Struct Parsed(const std::string& line) {
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(line, &parsed);
  EXPECT_TRUE(status.ok()) << line;
  return parsed;
}

inline std::string Member(const std::string& line, const std::string& name) {
  const google::protobuf::Struct parsed = Parsed(line);
  const auto found = parsed.fields().find(name);
  if (found == parsed.fields().end()) return "";
  return found->second.has_number_value() ? absl::StrCat(found->second.number_value()) : found->second.string_value();
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
