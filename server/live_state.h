// What the server holds in memory: the current schemas, the rest of the catalogue, the national statistics, and where
// queries stand. All of it is derived from the store: built from it at start, and moved on the store's thread
// by each commit (Store::Follow).
#ifndef QUARTERMASTER_SERVER_LIVE_STATE_H_
#define QUARTERMASTER_SERVER_LIVE_STATE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/enrolments.h"
#include "server/import_times.h"
#include "server/national/national_state.h"
#include "server/query_index.h"
#include "server/release_index.h"
#include "server/shown_figures.h"
#include "server/snapshot.h"
#include "server/tokens.h"
#include "server/window_grants.h"
#include "storage/store.h"
#include "validation/participants.h"
#include "validation/schema.h"
#include "validation/standing_exceptions.h"

namespace quartermaster::server {

// One collection as it is served now: its current version, and the figures made with it. Shared; it stays whole for
// whoever holds it while a newer version takes its place.
struct LiveCollection {
  storage::v1::CollectionRecord record;
  std::shared_ptr<const CollectionSchema> schema;
  std::shared_ptr<national::NationalState> national;  // shared with what is still under way
};

// Reads are thread-safe. The methods that move it are for the store's thread.
class LiveState {
 public:
  // Builds the state from the store, which must outlive it. DATA_LOSS where a stored return does not fit its schema.
  static absl::StatusOr<std::unique_ptr<LiveState>> Build(const storage::StoreReader* store);

  // NOT_FOUND, with the ids that there are.
  absl::StatusOr<std::shared_ptr<const LiveCollection>> FindCollection(const std::string& id) const;
  std::map<std::string, std::shared_ptr<const LiveCollection>> collections() const;
  std::shared_ptr<const Participants> participants() const { return participants_.Read(); }
  std::shared_ptr<const ImportTimes> import_times() const { return import_times_.Read(); }
  std::shared_ptr<const StandingExceptions> exceptions() const { return exceptions_.Read(); }
  std::shared_ptr<const Enrolments> enrolments() const { return enrolments_.Read(); }
  std::shared_ptr<const WindowGrants> window_grants() const { return window_grants_.Read(); }
  std::shared_ptr<const Tokens> tokens() const { return tokens_.Read(); }
  std::shared_ptr<const ShownFigures> shown_figures() const { return shown_figures_.Read(); }
  std::shared_ptr<const ReleaseIndex> releases() const { return releases_.Read(); }
  const QueryIndex& queries() const { return queries_; }

  // A collection with figures from all its current returns, beside the one that is served. DATA_LOSS where a stored
  // return does not fit the schema.
  absl::StatusOr<std::shared_ptr<const LiveCollection>> MakeCollection(
      storage::v1::CollectionRecord record, std::shared_ptr<const CollectionSchema> schema) const;

  // Makes the stored revision count, or, if it is withdrawn, not count any more. `values` are those read by
  // `judged_by`; they are read again if a newer version of the collection is in force by now.
  void Move(const storage::StoredReturn& stored, const CollectionSchema* judged_by, const ReturnValues* values);
  // Takes over what was said about a query of this fingerprint.
  void Move(const storage::QueryName& name, const std::string& fingerprint, const storage::v1::QueryRecord& record);
  // Takes over what was stored by the commit `sequence`, which is the id of what is new and has one.
  void Move(storage::CatalogueChange change, uint64_t sequence);

  // Of the last commit that every figure contains.
  uint64_t sequence() const;

 private:
  explicit LiveState(const storage::StoreReader* store) : store_(store) {}
  // Takes over everything but collections.
  template <typename CatalogueOrChange>
  void TakeOver(const CatalogueOrChange& catalogue);
  absl::Status Publish(storage::v1::CollectionRecord record, SchemaResult compiled);
  absl::StatusOr<std::shared_ptr<const LiveCollection>> FeedCollection(
      storage::v1::CollectionRecord record, std::shared_ptr<const CollectionSchema> schema,
      absl::FunctionRef<absl::Status(const storage::StoredReturn&)> visit) const;
  // Makes the queries of the stored revision those of its return; none if it is withdrawn.
  absl::Status IndexQueries(const storage::StoredReturn& stored);

  const storage::StoreReader* const store_;
  QueryIndex queries_;
  Snapshot<Participants> participants_;
  Snapshot<ImportTimes> import_times_;
  Snapshot<StandingExceptions> exceptions_;
  Snapshot<Enrolments> enrolments_;
  Snapshot<WindowGrants> window_grants_;
  Snapshot<Tokens> tokens_;
  Snapshot<ShownFigures> shown_figures_;
  Snapshot<ReleaseIndex> releases_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::map<std::string, std::shared_ptr<const LiveCollection>> collections_;
  uint64_t sequence_ = 0;
};

// Stores the change and moves the state by it; the store and the state must outlive the call of `done`.
void StoreAndMove(storage::Store* store, LiveState* state, const storage::CatalogueChange& change,
                  storage::Store::Done<uint64_t> done);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_LIVE_STATE_H_
