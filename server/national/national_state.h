// Every national statistic, held in memory, moved by each commit, and rebuilt from the returns at start.
//
// A return gives contributions: for each indicator a value, with its numerator and denominator. A quarter's
// contributions come from the quarterly return, else from the returns of its three months, field by field as the
// schema's rollup says, the ratios computed after; a year's likewise from its quarters. Cells (service, indicator,
// period) hold the contributions of all participants. Everything is exact (validation/decimal.h), so moved and rebuilt
// state are equal bit for bit.
//
// It knows schemas and values, not stores or gRPC: the caller feeds it returns and reads figures.
#ifndef QUARTERMASTER_SERVER_NATIONAL_NATIONAL_STATE_H_
#define QUARTERMASTER_SERVER_NATIONAL_NATIONAL_STATE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "quartermaster/v1/statistics.pb.h"
#include "validation/decimal.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster::national {

// The statistics of one collection. Thread-safe; one writer at a time moves it while any number read.
class NationalState {
 public:
  // `schema` must describe every return that is fed in and have every service that is asked about. `population` is
  // called while the state is locked, so it must not call the state. What it gives is kept, and asked for again only by
  // PopulationsChanged and by changes of the returns that it goes with.
  NationalState(std::shared_ptr<const CollectionSchema> schema, PopulationSource population);
  ~NationalState();
  NationalState(const NationalState&) = delete;
  NationalState& operator=(const NationalState&) = delete;

  // Makes `values` the current return of the participant for the service and period, in place of any before.
  void Put(const ServiceSchema& service, const std::string& participant, const Period& period,
           const ReturnValues& values);
  // Takes the return out of every figure. Nothing happens if there is none.
  void Remove(const ServiceSchema& service, const std::string& participant, const Period& period);
  // Computes again what depends on the populations of all participants.
  void PopulationsChanged();

  // The statistics of the services' indicators in a period, in the order of `services` and of the schema, n = 0
  // included. `indicators` empty means all. All are of the same moment.
  std::vector<v1::NationalStatistics> Statistics(absl::Span<const ServiceSchema* const> services, const Period& period,
                                                 const std::vector<std::string>& indicators) const;

  // Where the participant stands on each indicator of the services in the period, in the same order and all of the same
  // moment. Nothing of a service for which it has neither a return for the period nor all the parts of one.
  std::vector<v1::IndicatorPosition> Position(absl::Span<const ServiceSchema* const> services,
                                              const std::string& participant, const Period& period) const;

  // The position that Position would give after Put of these values; nothing is moved.
  std::vector<v1::IndicatorPosition> Foretell(const ServiceSchema& service, const std::string& participant,
                                              const Period& period, const ReturnValues& values) const;

  // The fields of the participant's current return for just this period, but for texts; absent if there is none.
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
