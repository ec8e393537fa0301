// Every national statistic, held in memory, moved by each commit, and rebuilt from the returns at start.
//
// A return gives contributions: for each indicator a value, with its numerator and denominator. A quarter's
// contributions come from the quarterly return, else from the returns of its three months, field by field as the
// schema's rollup says, the ratios computed after; a year's likewise from its quarters; those of a merged body with
// what its predecessors returned (assembly.h). Cells (service, indicator, period) hold the contributions of all
// participants. Everything is exact (validation/decimal.h), so moved and rebuilt state are equal bit for bit.
//
// It knows schemas and values, not stores or gRPC: the caller feeds it returns and reads figures.
#ifndef QUARTERMASTER_SERVER_NATIONAL_NATIONAL_STATE_H_
#define QUARTERMASTER_SERVER_NATIONAL_NATIONAL_STATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "quartermaster/v1/statistics.pb.h"
#include "server/national/changes_since_mark.h"
#include "server/national/figure_marks.h"
#include "server/national/participant_values.h"
#include "validation/decimal.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/return_values.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster::national {

// Groups of participants of which figures are wanted.
struct Grouping {
  size_t groups = 0;
  // The group of a participant, from 0 to before `groups`, or -1 if it is in none. Called while the state is locked, so
  // it must not call the state.
  std::function<int(const std::string& participant)> group_of;
};

struct PositionOptions {
  // So many are named in `tied_with` at most: where nearly everybody has 0, a list of all would be the largest part of
  // the reply by far.
  static constexpr int kMostTiesNamed = 100;

  // Among its one group instead of everybody.
  absl::optional<Grouping> among;
  // Whether `tied_with` is set.
  bool name_ties = false;
};

// The statistics of one collection. Thread-safe; one writer at a time moves it while any number read.
class NationalState {
 public:
  // `schema` must describe every return that is fed in and have every service that is asked about. `population` is
  // called while the state is locked, so it must not call the state. What it gives is kept, and asked for again only by
  // PopulationsChanged and by changes of the returns that it goes with.
  NationalState(std::shared_ptr<const CollectionSchema> schema, PopulationSource population,
                std::shared_ptr<const Succession> succession);
  ~NationalState();
  NationalState(const NationalState&) = delete;
  NationalState& operator=(const NationalState&) = delete;

  // Fills a new state with all returns at once: Keep of each, which must be the only one of its participant, service
  // and period, and CountKept after the last. Nothing else may be called in between. Keep may be called by several
  // threads. The state is then the same as after Put of each, in a fraction of the time. CountKept uses a second
  // thread.
  void Keep(const ServiceSchema& service, const std::string& participant, const Period& period,
            const ReturnValues& values, uint32_t revision);
  void CountKept();

  // Makes `values` the current return of the participant for the service and period, in place of any before.
  void Put(const ServiceSchema& service, const std::string& participant, const Period& period,
           const ReturnValues& values, uint32_t revision);
  // Takes the return out of every figure. Nothing happens if there is none.
  void Remove(const ServiceSchema& service, const std::string& participant, const Period& period);
  // Computes again what depends on the populations of all participants, or on who became whom.
  void PopulationsChanged();
  void SuccessionChanged(std::shared_ptr<const Succession> succession);

  // The statistics of the services' indicators in a period, in the order of `services` and of the schema, n = 0
  // included. `indicators` empty means all. All are of the same moment. n_expected and peers are the caller's to set.
  std::vector<v1::NationalStatistics> Statistics(absl::Span<const ServiceSchema* const> services, const Period& period,
                                                 const std::vector<std::string>& indicators) const;
  // The same for each group, all of one moment.
  std::vector<std::vector<v1::NationalStatistics>> GroupStatistics(absl::Span<const ServiceSchema* const> services,
                                                                   const Period& period,
                                                                   const std::vector<std::string>& indicators,
                                                                   const Grouping& grouping) const;

  // Adds where the participant stands on each indicator of the services in the period, in the same order and all of the
  // same moment. Nothing of a service of which it has nothing.
  using Positions = google::protobuf::RepeatedPtrField<v1::IndicatorPosition>;
  void AddPosition(absl::Span<const ServiceSchema* const> services, const std::string& participant,
                   const Period& period, const PositionOptions& options, Positions* positions) const;

  // Adds what AddPosition would after Put of these values; nothing is moved.
  void Foretell(const ServiceSchema& service, const std::string& participant, const Period& period,
                const ReturnValues& values, Positions* positions) const;

  // Everybody who has anything of the services in the period, in the order of `services` and by code, all of the same
  // moment. `visit` must not call the state.
  void VisitValues(absl::Span<const ServiceSchema* const> services, const Period& period,
                   absl::FunctionRef<void(const ServiceSchema&, const ParticipantValues&)> visit) const;
  // What one participant has, or, in a period that ends before it began, what those have who merged into it.
  ParticipantValues Values(const ServiceSchema& service, const std::string& participant, const Period& period) const;
  // Those with a return for a period with a month from `first_month` to before `end_month` (Period::first_month),
  // ordered.
  std::vector<std::string> ReportersBetween(const ServiceSchema& service, int first_month, int end_month) const;
  // The last period of the kind in which anybody has a value; absent if there is none.
  absl::optional<Period> LastPeriod(const ServiceSchema& service, PeriodKind kind) const;

  // A step of figures for viewers who must not see single values (changes_since_mark.h). For each service: its
  // statistics, as Statistics gives them, if they may move now; the mark is then set, and the caller shows those of
  // them that have `minimum_n` values, or calls AbandonStep. Absent if they may not, and while none has so many. All
  // are of one moment. For a release `visit` sees the values of the same moment first, as VisitValues does. For a look,
  // without `release`, absent also where nothing is new since the last step.
  struct ReleaseStep {
    std::function<void(const ServiceSchema&, const ParticipantValues&)> visit;
    ReleaseEmbargo embargo;
  };
  struct Stepped {
    std::vector<v1::NationalStatistics> statistics;
    std::vector<bool> shown;  // for each of them, whether it was ever shown
    uint64_t mark;            // for AbandonStep
  };
  using Steps = std::vector<absl::optional<Stepped>>;
  Steps Step(absl::Span<const ServiceSchema* const> services, const Period& period, uint32_t minimum_n,
             const ReleaseStep* release = nullptr);
  // Whether a step of a release would give statistics of the service now.
  bool MayStep(const ServiceSchema& service, const Period& period, uint32_t minimum_n, bool replaces_unseen) const;
  // What this step of the service, by a look, gave was not shown.
  void AbandonStep(const ServiceSchema& service, const Period& period, const Stepped& stepped);
  // The release whose step this was, of the service too where it gave nothing, was not published.
  void AbandonRelease(const ServiceSchema& service, const Period& period, const ReleaseEmbargo& embargo,
                      const absl::optional<Stepped>& stepped);
  // Goes on from figures that were shown before all this was filled; with `unseen` from those of a release that is, or
  // was, under embargo, which comes after what was shown.
  void ResumeSteps(const ServiceSchema& service, const Period& period, const SinceShown& since, bool unseen);

  // The fields of the participant's current return for just this period, or of those who merged into it, but for texts;
  // absent if there is none (validation/merged_return.h).
  absl::optional<FieldRow> ReturnFields(const ServiceSchema& service, const std::string& participant,
                                        const Period& period) const;

  // What to compare a participant's value of `period` with: see ServiceState::Peers. `settled` is called while the
  // state is locked, so it must not call the state.
  absl::optional<PeerBaseline> Peers(const ServiceSchema& service, const IndicatorSchema& indicator,
                                     const std::string& participant, const Period& period,
                                     const std::function<bool(const Period&)>& settled) const;

  // The whole state in a canonical text: two states with the same current returns have the same, however they came to
  // it.
  std::string Dump() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_NATIONAL_STATE_H_
