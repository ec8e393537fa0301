// The statistics of one service: what is kept of each participant, and the cells that follow from it.
//
// A change of one return moves the cells of its period and of the periods that contain it: for each, what the
// participant contributed before is taken out and what it contributes after is put in.
#ifndef QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_
#define QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/national/cell.h"
#include "server/national/participant_returns.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/schema.h"

namespace quartermaster::national {

// Thread-compatible. `schema` must outlive it.
class ServiceState {
 public:
  explicit ServiceState(const ServiceSchema& schema);
  ServiceState(const ServiceState&) = delete;
  ServiceState& operator=(const ServiceState&) = delete;

  const ServiceSchema& schema() const { return schema_; }

  void Put(const std::string& participant, const Period& period, const FieldRow& fields,
           const PopulationSource& source);
  // Nothing happens if there is no such return.
  void Remove(const std::string& participant, const Period& period, const PopulationSource& source);
  void PopulationsChanged(const PopulationSource& source);

  // One for each indicator, in the order of the schema. The reference lives until the next change.
  const std::vector<Cell>& Cells(const Period& period) const;
  Contributions ContributionsOfParticipant(const std::string& participant, const Period& period) const;
  // Of the participant's current return for just this period, but for texts.
  absl::optional<FieldRow> ReturnFields(const std::string& participant, const Period& period) const;
  // What the others had in the country's last complete period before `period`: the latest of the year before in which
  // at least nine in ten as many participants have a value of the indicator as in the fullest of the four periods up to
  // it, and for which `settled` holds. Absent if there is none, or nobody else had a value.
  absl::optional<PeerBaseline> Peers(const IndicatorSchema& indicator, const std::string& participant,
                                     const Period& period, const std::function<bool(const Period&)>& settled) const;
  // What the participant would contribute to a period if `fields` were its return for it.
  Contributions ContributionsIf(const std::string& participant, const Period& period, const FieldRow& fields,
                                const PopulationSource& source) const;

  std::string Dump() const;

 private:
  // Puts, or removes if `fields` is null, and moves what follows.
  void Change(const std::string& participant, const Period& period, const FieldRow* fields,
              const PopulationSource& source);
  void Move(const Period& period, const Contributions& before, const Contributions& after);

  const ServiceSchema& schema_;
  const KeptFields kept_;
  const std::vector<Cell> no_cells_;  // for periods in which nobody reported
  absl::flat_hash_map<std::string, ParticipantReturns> participants_;
  absl::flat_hash_map<Period, std::vector<Cell>> cells_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_SERVICE_STATE_H_
