// When periods became complete: from the times of first revisions, which never change once there are any.
#ifndef QUARTERMASTER_SERVER_SUBMIT_TIMES_H_
#define QUARTERMASTER_SERVER_SUBMIT_TIMES_H_

#include <map>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "storage/store.h"
#include "validation/period.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster::server {

// Thread-safe. The store must outlive it.
class SubmitTimes {
 public:
  explicit SubmitTimes(const storage::Store* store) : store_(store) {}

  // When the first revision came that made the period complete: the one for just this period, or the last of those for
  // its parts, whichever came first. Months before a successor began are those of its predecessors too. That a
  // revision was amended or withdrawn since makes no difference. Absent while the period is not complete. Errors are
  // those of the store.
  absl::StatusOr<absl::optional<absl::Time>> CompletionOf(const CollectionSchema& schema, const std::string& service,
                                                          const std::string& participant, const Period& period,
                                                          const Succession& succession) const;

 private:
  class Search;
  // When the first revision of a return came; absent if none did.
  absl::StatusOr<absl::optional<absl::Time>> FirstTime(const storage::ReturnKey& key) const;

  // So many times are remembered, of some 200 bytes each; then all are forgotten and read again as they are asked for.
  static constexpr size_t kMaxKnown = 200'000;

  const storage::Store* const store_;
  mutable std::mutex mutex_;
  mutable std::map<storage::ReturnKey, absl::Time> known_;  // guarded by mutex_
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SUBMIT_TIMES_H_
