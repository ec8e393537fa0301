// RESOURCE_EXHAUSTED because the disk is full, told apart from RESOURCE_EXHAUSTED because too much waits: the first is
// for the operator, the second passes in a moment.
#ifndef QUARTERMASTER_STORAGE_DISK_FULL_H_
#define QUARTERMASTER_STORAGE_DISK_FULL_H_

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace quartermaster::storage {

inline constexpr char kDiskFullPayload[] = "quartermaster/disk-full";

inline absl::Status DiskFullError(absl::string_view message) {
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kDiskFullPayload, absl::Cord());
  return status;
}

inline bool IsDiskFull(const absl::Status& status) { return status.GetPayload(kDiskFullPayload).has_value(); }

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_DISK_FULL_H_
