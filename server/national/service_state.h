// The statistics of one service: what is kept of each participant, and the cells that follow from it.
//
// A change of one return moves the cells of its period and of the periods that contain it, and those of a successor
// that stands for the participant there: for each, what was contributed before is taken out and what is contributed
// after is put in.
#ifndef QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_
#define QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "server/national/assembly.h"
#include "server/national/cell.h"
#include "server/national/described_period.h"
#include "server/national/figure_marks.h"
#include "server/national/participant_returns.h"
#include "server/national/participant_values.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster::national {

// Thread-compatible. `schema` must outlive it.
class ServiceState {
 public:
  // With `partial_periods` a period of which parts are missing counts with the parts that there are.
  ServiceState(const ServiceSchema& schema, bool partial_periods, std::shared_ptr<const Succession> succession);
  ServiceState(const ServiceState&) = delete;
  ServiceState& operator=(const ServiceState&) = delete;

  const ServiceSchema& schema() const { return schema_; }

  // Fills a new state with returns at once: Keep of each return, and CountKept after the last. Nothing else may be
  // called in between. The state is then the same as after Put of each. CountKept uses a second thread.
  void Keep(const std::string& participant, const Period& period, const FieldRow& fields, uint32_t revision);
  void CountKept(const PopulationSource& source);

  void Put(const std::string& participant, const Period& period, const FieldRow& fields, uint32_t revision,
           const PopulationSource& source);
  // Nothing happens if there is no such return.
  void Remove(const std::string& participant, const Period& period, const PopulationSource& source);
  void PopulationsChanged(const PopulationSource& source);
  void SuccessionChanged(std::shared_ptr<const Succession> succession, const PopulationSource& source);

  // One for each indicator, in the order of the schema. The reference lives until the next change.
  const std::vector<Cell>& Cells(const Period& period) const;
  // The same as readers see them. Any number of threads may ask at once.
  std::shared_ptr<const DescribedPeriod> Described(const Period& period) const;
  // Who has the values of the period's cells. `described` is what Described gives now.
  const Ranking& RankingOf(const Period& period, const DescribedPeriod& described) const;
  // The cells of groups of participants, computed now. `group_of` gives the group of a participant, from 0 to before
  // `groups`, or -1.
  std::vector<std::vector<Cell>> CellsByGroup(const Period& period, size_t groups,
                                              absl::FunctionRef<int(const std::string& participant)> group_of) const;
  // What is in the cells of the period, by participant, ordered by code.
  void VisitCounted(
      const Period& period,
      absl::FunctionRef<void(const std::string& participant, const Contributions& contributions)> visit) const;
  // What the participant has in the period; nothing is present if it has nothing. The source is asked for what is not
  // kept: populations of a period before the participant began.
  ParticipantValues Values(const std::string& participant, const Period& period, Before before,
                           const PopulationSource& source) const;
  // Everybody who has anything in the period, ordered by code.
  void VisitValues(const Period& period, const PopulationSource& source,
                   absl::FunctionRef<void(const ParticipantValues&)> visit) const;
  // Of the participant's current return for just this period, or of those who merged into it, but for texts.
  absl::optional<FieldRow> ReturnFields(const std::string& participant, const Period& period) const;
  // What the others had in the country's last complete period before `period`: the latest of the year before in which
  // at least nine in ten as many participants have a value of the indicator as in the fullest of the four periods up to
  // it, and for which `settled` holds. Absent if there is none, or nobody else had a value.
  absl::optional<PeerBaseline> Peers(const IndicatorSchema& indicator, const std::string& participant,
                                     const Period& period, const std::function<bool(const Period&)>& settled) const;
  // What the participant would contribute to a period if `fields` were its return for it. Nothing where another stands
  // for it.
  Contributions ContributionsIf(const std::string& participant, const Period& period, const FieldRow& fields,
                                const PopulationSource& source) const;
  // Those with a return for a period with a month from `first_month` to before `end_month`, ordered.
  std::vector<std::string> ReportersBetween(int first_month, int end_month) const;
  // The last period of the kind in which anybody has a value; absent if there is none.
  absl::optional<Period> LastPeriod(PeriodKind kind) const;

  // Whether the figures of a period may move for viewers who must not see single values. While any of them is
  // below `minimum_n` it is withheld; with all of them below there is nothing to show. `replaces_unseen` as of
  // FigureMarks.
  bool MayMove(const Period& period, uint32_t minimum_n, bool replaces_unseen) const;
  // Whether any of them is, or may be, other than when they moved last.
  bool HasNews(const Period& period, uint32_t minimum_n) const;
  // Requires MayMove, and that the changes of the period are tracked.
  FigureMarks::Marked Mark(const Period& period, uint32_t minimum_n, bool unseen);
  // Requires that the changes of the period are tracked.
  FigureMarks& Marks(const Period& period) { return tracked_.at(period); }
  // Keeps changes from now on. At the mark nobody had a value; or figures were shown before, of which is known what
  // `since` says.
  void Track(const Period& period, const absl::optional<SinceShown>& since);
  // Keeps also what changed since a release that is, or was, under embargo.
  void TrackUnseen(const Period& period, const SinceShown& since);
  bool tracks(const Period& period) const { return tracked_.contains(period); }

  std::string Dump() const;

 private:
  // What a change may move.
  struct Target {
    std::string participant;
    Period period;
    friend auto operator<=>(const Target&, const Target&) = default;
    friend bool operator==(const Target&, const Target&) = default;
  };

  Assembly assembly() const { return Assembly(schema_, participants_, *succession_); }
  // The cells that depend on the return of a participant for a period, each once, ordered.
  std::vector<Target> DependentOn(const std::string& participant, const Period& period) const;
  // Adds the periods in which others merged into the participant: who is waited for there depends on who ever reported,
  // so on any return of all of them.
  void AddMergers(const std::string& participant, std::vector<Target>* targets) const;
  // The period and those that contain it, shortest first: the year last.
  static std::vector<Period> Affected(Period period);
  // The periods in which anybody may have something, those of a year together.
  std::vector<std::vector<Period>> PeriodsByYear() const;
  // The cells of each of the periods, in which nobody but the candidates has anything.
  std::vector<std::vector<Cell>> CountCells(const std::vector<std::string>& candidates,
                                            const std::vector<Period>& periods) const;
  // Makes the change, takes the populations of the targets anew from the source, and moves their cells.
  void Change(const std::vector<Target>& targets, const PopulationSource& source, absl::FunctionRef<void()> change);
  // What counts in the cells of the period.
  absl::optional<FieldRow> CountedFields(const std::string& participant, const Period& period) const;
  Contributions Counted(const std::string& participant, const Period& period) const;
  void RenewPopulations(const Target& target, const PopulationSource& source);
  void Move(const Target& target, const Contributions& before, const Contributions& after);
  absl::Span<const absl::optional<Decimal>> PopulationsOf(const std::string& participant, const Period& period) const;
  // At the mark nobody had a value, or what `since` says.
  ChangesSinceMark ChangesSince(const Period& period, const absl::optional<SinceShown>& since) const;
  // For each indicator, whether fewer than `minimum_n` have a value.
  std::vector<bool> BelowMinimum(const Period& period, uint32_t minimum_n) const;
  // Those who may have something in a period: who returned, and who came of them. Ordered.
  std::vector<std::string> Candidates() const;

  const ServiceSchema& schema_;
  const bool partial_periods_;
  const KeptFields kept_;
  const std::vector<Cell> no_cells_;  // for periods in which nobody reported
  std::shared_ptr<const Succession> succession_;
  ServiceParticipants participants_;
  absl::flat_hash_map<Period, std::vector<Cell>> cells_;
  absl::flat_hash_map<Period, FigureMarks> tracked_;
  DescribedPeriods described_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_
