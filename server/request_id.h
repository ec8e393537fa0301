// Request ids as people write them.
#ifndef QUARTERMASTER_SERVER_REQUEST_ID_H_
#define QUARTERMASTER_SERVER_REQUEST_ID_H_

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace quartermaster::server {

// 123e4567-e89b-12d3-a456-426614174000, of its 16 bytes; empty for an empty one.
inline std::string RequestIdText(absl::string_view id) {
  if (id.empty()) return "";
  const std::string hex = absl::BytesToHexString(id);
  const absl::string_view digits = hex;
  return absl::StrCat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-",
                      digits.substr(16, 4), "-", digits.substr(20));
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_REQUEST_ID_H_
