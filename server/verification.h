// Checks everything that is stored: that it reads back, that every hash is the hash of what it names, that each return
// and withdrawal is there of which the audit tells or for which a request id was used, that each request id is kept
// that the audit names, that releases follow from the returns that they pin, and, while the server runs, that the
// figures and queries in memory are those that the stored returns give.
//
// What came before the store had an audit, or before its lines named request ids, is missed only where something else
// names it: a release, a request id, a later revision. Of queries and the catalogue, what is lost as a whole is not
// seen.
#ifndef QUARTERMASTER_SERVER_VERIFICATION_H_
#define QUARTERMASTER_SERVER_VERIFICATION_H_

#include <functional>

#include "absl/status/statusor.h"
#include "quartermaster/v1/store_service.pb.h"
#include "server/backups.h"
#include "server/live_state.h"
#include "storage/store.h"

namespace quartermaster::server {

// A report names so many problems. Whoever has more restores a backup, and need not read them all.
inline constexpr int kMaxVerificationProblems = 100;

// Checks the store as it is at one moment, between two commits. `live` null: nothing is served, so there are no figures
// in memory to compare. Else the figures are written out for comparison while writes wait, which takes about a second
// for ten million values; everything after that takes place beside the service.
//
// Memory, beside what is served: first the figures as text, which gives way to a hash for each participant of a service
// and each cell; then the figures rebuilt once, and the text and queries of one collection; then what one release takes
// (release_check.h). So what is served is there twice, for a while. All along there are the few bytes for each revision
// and request id that server/stored_commits.h tells.
//
// What is found wrong is in the report, which holds no value of a return. DATA_LOSS if the record of the last commit
// does not read back, without which nothing can be compared; UNAVAILABLE if a write of unknown outcome lies in the
// store, with which memory cannot be compared before a restart; CANCELLED once `is_cancelled` says so: it is asked for
// each record, so what is under way ends within seconds.
absl::StatusOr<v1::VerificationReport> VerifyStore(
    storage::Store* store, const LiveState* live, const OnProgress& on_progress,
    const std::function<bool()>& is_cancelled = [] { return false; });

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_VERIFICATION_H_
