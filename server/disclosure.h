// What viewers see of the national figures who are not report builders: never enough to work out a single value.
//
// - Exact figures, where the collection's live_view says that its data is public anyway.
// - Nothing but of periods of the longest cadence that the collection takes: shorter and longer ones are made of the
// same
//   values, so a mean of a quarter beside those of its months tells what the one sent who had no return for all of
//   them.
// - Of a released period, what was disclosed with its newest release: n, mean, pooled figure, median and quartiles.
//   While all its releases are under embargo, nothing.
// - Else, unless its live_view is NONE, what was shown last: n, mean and pooled figure, which move in steps
//   (national/changes_since_mark.h).
// - Nothing of a figure of fewer participants than minimum_n.
// - Figures are rounded to the places that the indicator shows. Ranks, percentiles, extremes and the figures of peer
//   groups are for report builders.
//
// A release takes a step like any other view: where fewer than three organisations have something new, it discloses
// again what was shown last, which has median and quartiles only if that was a release. One that is under embargo shows
// nothing yet: a correction that replaces it meanwhile takes its step from where that one took its own, and is the only
// one of them that others than report builders ever see.
//
// What was shown is stored before anybody sees it, because a server that started anew and showed newer figures would
// tell the difference.
#ifndef QUARTERMASTER_SERVER_DISCLOSURE_H_
#define QUARTERMASTER_SERVER_DISCLOSURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/v1/statistics.pb.h"
#include "server/clock.h"
#include "server/live_state.h"
#include "server/principal.h"
#include "storage/store.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

using Statistics = std::vector<v1::NationalStatistics>;

// Thread-safe. The store and the state must outlive it.
class Disclosure {
 public:
  Disclosure(storage::Store* store, LiveState* state, Clock clock)
      : store_(store), state_(state), clock_(std::move(clock)) {}

  // Whether the viewer sees exact figures.
  bool SeesExactly(const Principal& viewer, const LiveCollection& collection) const;

  // What is disclosed of a service in a period, one for each indicator in the order of the schema; what is withheld
  // says why. Takes no step.
  Statistics Shown(const LiveCollection& collection, const ServiceSchema& service, const Period& period) const;

  // Takes the steps that the services may take in the periods, and calls `done` once, when they are stored: now, if
  // nothing is new, or on the store's thread. Where they could not be stored, what was shown last is shown still.
  void Step(const std::shared_ptr<const LiveCollection>& collection, const std::vector<const ServiceSchema*>& services,
            const std::vector<Period>& periods, std::function<void()> done);

  // Leaves of positions what the viewer may see: its own values, and the distance from what is disclosed of the
  // country.
  void Limit(const Principal& viewer, const LiveCollection& collection, const Period& period,
             google::protobuf::RepeatedPtrField<v1::IndicatorPosition>* positions) const;

  // The same of one release, whether it is the newest or not.
  Statistics ShownIn(const LiveCollection& collection, const storage::v1::ReleaseRecord& record) const;

  // Whether everybody sees the figures of a release as they are in it: not where it took no step.
  bool IsDisclosed(const LiveCollection& collection, const storage::v1::ReleaseRecord& record,
                   const ServiceSchema& service) const;

  // The services of which submitters would go on seeing what they see, if a release with these statistics were
  // published now.
  std::vector<std::string> WouldNotDisclose(
      const LiveCollection& collection, const Period& period,
      const google::protobuf::RepeatedPtrField<v1::NationalStatistics>& statistics) const;

  // Whether the newest release of the period is under embargo, and will be for the time that a publication may take.
  bool NewestIsUnseen(const LiveCollection& collection, const Period& period) const;

  // What a release discloses of a service for which `stepped` is what NationalState::Step gave at its moment.
  Statistics OfRelease(const LiveCollection& collection, const ServiceSchema& service, const Period& period,
                       const absl::optional<national::NationalState::Stepped>& stepped, bool replaces_unseen) const;

  // The last release that others than report builders have seen, or see from now on; null if there is none.
  // `newest_is_unseen` says that it is not the newest.
  ReleaseIndex::Record LastSeen(const LiveCollection& collection, const Period& period, bool newest_is_unseen) const;

 private:
  // The newest release that is not under embargo, and whether there is any.
  struct Releases {
    ReleaseIndex::Record visible;
    bool any = false;
  };
  struct StepCommit;  // Steps that are stored together.
  void AddSteps(const std::shared_ptr<const LiveCollection>& collection,
                const std::vector<const ServiceSchema*>& services, const Period& period, uint64_t sequence,
                StepCommit* commit) const;
  // Whether looks at the period move its figures: not once it has been released.
  bool MovesInSteps(const LiveCollection& collection, const Period& period) const;
  Releases ReleasesOf(const LiveCollection& collection, const Period& period) const;
  Statistics DisclosedIn(const storage::v1::ReleaseRecord& record, const ServiceSchema& service) const;
  // What the store remembers to have been shown, one for each indicator.
  Statistics LastShown(const LiveCollection& collection, const ServiceSchema& service, const Period& period) const;

  storage::Store* const store_;
  LiveState* const state_;
  const Clock clock_;
};

// Steps that are abandoned when this goes, unless what they show was stored. Thread-compatible.
class TakenSteps {
 public:
  // `steps` is what NationalState::Step gave for these services; `release` is absent for a look.
  TakenSteps(std::shared_ptr<const LiveCollection> collection, std::vector<const ServiceSchema*> services,
             const Period& period, national::NationalState::Steps steps,
             absl::optional<national::ReleaseEmbargo> release)
      : collection_(std::move(collection)),
        services_(std::move(services)),
        period_(period),
        steps_(std::move(steps)),
        release_(release) {}
  ~TakenSteps();
  TakenSteps(const TakenSteps&) = delete;
  TakenSteps& operator=(const TakenSteps&) = delete;

  void Keep() { stored_ = true; }
  // Of a release that took steps of all services: adds what it discloses to its record, and the record of what is
  // shown to what is stored with it.
  void Disclose(const Disclosure& disclosure, storage::NewRelease* release,
                std::vector<storage::v1::ShownRecord>* shown) const;

 private:
  const std::shared_ptr<const LiveCollection> collection_;
  const std::vector<const ServiceSchema*> services_;
  const Period period_;
  const national::NationalState::Steps steps_;
  const absl::optional<national::ReleaseEmbargo> release_;
  bool stored_ = false;
};

// Of exact figures those that may be shown, rounded; with `ordered` the median and quartiles as well.
v1::NationalStatistics Disclosed(const v1::NationalStatistics& exact, uint32_t minimum_n, bool ordered);

// What the figures are of and how people call them, without any of them.
v1::NationalStatistics Withhold(const v1::NationalStatistics& statistics, v1::Withheld reason);

// A position as it follows from the participant's value and what is disclosed of the country.
v1::IndicatorPosition LimitedPosition(const v1::IndicatorPosition& exact, const v1::NationalStatistics& country);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_DISCLOSURE_H_
