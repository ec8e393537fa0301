// Pages of lists, by one rule for all: how large they are, in rows and in bytes, and the token that names their end.
#ifndef QUARTERMASTER_SERVER_PAGING_H_
#define QUARTERMASTER_SERVER_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "storage/store.h"

namespace quartermaster::server {

inline constexpr uint32_t kDefaultPageSize = 100;
inline constexpr uint32_t kMaxPageSize = 1000;
// A page ends here even if it has fewer rows: clients take 4 MiB unless they ask for more, and one row stays under 2
// MiB.
inline constexpr size_t kMaxPageBytes = 2 << 20;

inline absl::StatusOr<size_t> PageSize(uint32_t requested) {
  if (requested > kMaxPageSize) return InvalidField("page_size", absl::StrCat("it is at most ", kMaxPageSize, "."));
  return requested == 0 ? kDefaultPageSize : requested;
}

// The last row of a page: a return, and which of its revisions or findings.
struct PageToken {
  storage::ReturnKey key;
  uint32_t number = 0;

  std::string ToString() const;
  // The collection is not in the token, since the request names it. INVALID_ARGUMENT.
  static absl::StatusOr<PageToken> Parse(const std::string& text, const std::string& collection);
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PAGING_H_
