// What is kept of one participant in one service: its current returns and the populations that go with them, from which
// its contributions to every period come.
//
// Contributions are not kept: they are computed again whenever one must be taken out of a cell. That costs microseconds
// and saves half of the memory. The populations are kept because a source may change before all figures follow it.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_
#define QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_

#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/national/packed_number.h"
#include "server/national/period_table.h"
#include "validation/contribution.h"
#include "validation/decimal.h"
#include "validation/period.h"
#include "validation/rollup.h"
#include "validation/schema.h"

namespace quartermaster::national {

// The populations that a service asks for, in the order of ServiceSchema::populations().
using Populations = std::vector<absl::optional<Decimal>>;

// One for each indicator of the service, in its order. Empty where there is no return and not all the parts of one.
using Contributions = std::vector<absl::optional<Contribution>>;

// What `fields` and `populations` contribute.
Contributions ContributionsOf(const ServiceSchema& service, const FieldRow& fields,
                              absl::Span<const absl::optional<Decimal>> populations);

// Which fields of a service are kept: all but texts. Indicators read most of them, and the rules that compare a return
// with earlier ones the others.
class KeptFields {
 public:
  explicit KeptFields(const ServiceSchema& service);

  size_t size() const { return fields_.size(); }
  std::vector<PackedNumber> Pack(const FieldRow& row) const;
  FieldRow Unpack(absl::Span<const PackedNumber> packed) const;

 private:
  size_t field_count_;
  std::vector<size_t> fields_;  // ascending
};

// Thread-compatible. `service` and `kept` must outlive it.
class ParticipantReturns {
 public:
  ParticipantReturns(const ServiceSchema& service, const KeptFields& kept);

  bool empty() const { return returns_.empty(); }
  void Put(const Period& period, const FieldRow& fields) { returns_.Put(period, kept_->Pack(fields)); }
  void Remove(const Period& period) { returns_.Erase(period); }

  // Whether there is a return for the period, or all the parts of one.
  bool Covers(const Period& period) const;
  // Of the return for just this period, if there is one.
  absl::optional<FieldRow> ReturnFields(const Period& period) const;
  // Requires Covers(period). The return of the period itself comes before its parts.
  FieldRow Fields(const Period& period) const;
  Contributions ContributionsTo(const Period& period) const;
  // Of one indicator alone.
  absl::optional<Contribution> ContributionTo(const Period& period, const IndicatorSchema& indicator) const;

  // Keeps the populations of a period; `populations` has one entry for each that the service asks for.
  void SetPopulations(const Period& period, const Populations& populations);
  void ForgetPopulations(const Period& period) { populations_.Erase(period); }
  // The periods whose populations are kept, in order.
  const std::vector<Period>& periods_with_populations() const { return populations_.periods(); }

  // All that is kept, a line a period.
  std::string Dump() const;

 private:
  const ServiceSchema* service_;
  const KeptFields* kept_;
  PeriodTable<PackedNumber> returns_;
  PeriodTable<absl::optional<Decimal>> populations_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_
