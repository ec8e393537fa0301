// How the steps of what submitters see (disclosure.h) go on, after a start and in a new version of a collection, from
// what was shown last.
//
// Until then nobody kept who has another value than was shown. It is worked out from what is stored:
//
// - A participant of which all returns that bear on the period came later, and those of its predecessors too, had no
//   value then. Values that it has now are new.
// - One that sent, corrected or withdrew a return since, or of which a predecessor did, may have another value or the
//   same. So may one whose population or succession was imported since. Its organisation is not trusted to have
//   something new until the next step.
// - All others have what they had.
#ifndef QUARTERMASTER_SERVER_RESUMED_STEPS_H_
#define QUARTERMASTER_SERVER_RESUMED_STEPS_H_

#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/import_times.h"
#include "server/national/national_state.h"
#include "server/release_index.h"
#include "server/shown_figures.h"
#include "storage/store.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// Thread-compatible.
class ResumedSteps {
 public:
  // Of a collection, of which the schema must outlive it. DATA_LOSS where figures were shown that it does not have.
  static absl::StatusOr<ResumedSteps> Of(const CollectionSchema& schema, const ShownFigures& figures,
                                         const ReleaseIndex& releases);

  // To be called once with the latest revision of each return of the collection, withdrawn ones too.
  absl::Status See(const storage::StoredReturn& latest, const storage::StoreReader& store);
  // To be called when all have been seen and `national` holds them.
  void Resume(const ImportTimes& import_times, national::NationalState* national);

 private:
  // Figures of one service and period that were shown.
  struct Shown {
    const ServiceSchema* service;
    Period period;
    bool unseen;                   // What a release is to show once its embargo is over.
    std::vector<bool> indicators;  // which
    // The commits up to the first are in what was shown; those after the second are not; of those between it is not
    // known.
    uint64_t data_sequence;
    uint64_t sequence;
    std::set<std::string> had;      // participants that had something before the second
    std::set<std::string> changed;  // that did something after the first
  };

  // `sequence` is that of the commit by which they were shown.
  absl::Status Add(const CollectionSchema& schema, const storage::v1::ShownRecord& record, uint64_t sequence,
                   bool unseen);

  std::list<Shown> shown_;  // stays where it is when moved; of one service and period what is unseen comes last
  // By the service and period of a return that bears on them.
  absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<Shown*>> by_return_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RESUMED_STEPS_H_
