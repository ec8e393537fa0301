// Extracts: all values and statistics of a range of periods, row by row. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_EXTRACT_H_
#define QUARTERMASTER_SERVER_EXTRACT_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "quartermaster/v1/extract_service.pb.h"
#include "server/disclosure.h"
#include "server/live_state.h"
#include "server/principal.h"
#include "storage/store.h"

namespace quartermaster::server {

inline constexpr int kMaxExtractPeriods = 401;  // The first, and at most 400 later.

// Takes a message of rows, and may take what is in it. An error ends the extract.
using WriteExtract = absl::FunctionRef<absl::Status(v1::ExtractResponse*)>;

// Makes the rows that the caller may see, ordered by period, service and kind, values by indicator and participant, and
// gives them to `write` in messages of at most 1 MiB. Those of one period and service are of one moment; never more
// than these and a message are in memory. NOT_FOUND; INVALID_ARGUMENT; PERMISSION_DENIED for a view that the caller may
// not have; DATA_LOSS where a release or a return does not read back; what `write` gives. Who sees figures that move
// in steps takes those that may be taken. It takes seconds, and waits for the store, so it must not be called on the
// store's thread. Thread-safe.
absl::Status MakeExtract(const v1::ExtractRequest& request, const Principal& caller, const LiveState& state,
                         const storage::Store& store, Disclosure* disclosure, absl::Time now, WriteExtract write);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXTRACT_H_
