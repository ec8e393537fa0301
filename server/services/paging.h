// The size of a page, by one rule for all lists. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_PAGING_H_
#define QUARTERMASTER_SERVER_SERVICES_PAGING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/errors.h"

namespace quartermaster::server {

inline constexpr uint32_t kDefaultPageSize = 100;
inline constexpr uint32_t kMaxPageSize = 1000;  // A thousand rows of a few hundred bytes stay far under gRPC's 4 MiB.

inline absl::StatusOr<size_t> PageSize(uint32_t requested) {
  if (requested > kMaxPageSize) return InvalidField("page_size", absl::StrCat("it is at most ", kMaxPageSize, "."));
  return requested == 0 ? kDefaultPageSize : requested;
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_PAGING_H_
