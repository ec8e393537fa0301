#include "server/paging.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace quartermaster::server {

std::string PageToken::ToString() const {
  return absl::WebSafeBase64Escape(
      absl::StrJoin({key.service, key.participant, key.period, absl::StrCat(number)}, "\n"));
}

absl::StatusOr<PageToken> PageToken::Parse(const std::string& text, const std::string& collection) {
  std::string decoded;
  std::vector<std::string> parts;
  if (absl::WebSafeBase64Unescape(text, &decoded)) parts = absl::StrSplit(decoded, '\n');
  PageToken token;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[3], &token.number)) {
    return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
  }
  token.key = {collection, parts[0], parts[1], parts[2]};
  return token;
}

}  // namespace quartermaster::server
