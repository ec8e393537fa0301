// The size of a page, by one rule for all lists, in rows and in bytes. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_PAGING_H_
#define QUARTERMASTER_SERVER_SERVICES_PAGING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/errors.h"

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

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_PAGING_H_
