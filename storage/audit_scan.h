// Reads the audit as it lies on disk.
#ifndef QUARTERMASTER_STORAGE_AUDIT_SCAN_H_
#define QUARTERMASTER_STORAGE_AUDIT_SCAN_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/audit_line.h"
#include "storage/rocksdb_database.h"

namespace quartermaster::storage {

// Where the chain ends, as the record of it says. It is read anew by each group of writes that has lines: microseconds
// beside a sync, and nothing that must be kept in step with the disk when a write has failed.
absl::StatusOr<AuditHead> ReadAuditHead(const Database& database);

// As Store::ScanAudit.
absl::Status ScanAudit(const Database& database, uint64_t from_number,
                       absl::FunctionRef<bool(uint64_t number, absl::string_view line)> visit);

// DATA_LOSS unless the last line is the one that the record of the audit's end names. Only lines that are asked for are
// looked at beyond that: a chain of years takes seconds to hash, and `qm admin audit verify` does it at any time.
absl::Status CheckAuditEnd(const Database& database);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_AUDIT_SCAN_H_
