// What is kept of one participant in one service: its current returns, and the populations that go with what it
// contributes, from which its contributions to every period come (assembly.h).
//
// Contributions are not kept: they are computed again whenever one must be taken out of a cell. That costs microseconds
// and saves half of the memory. The populations are kept because a source may change before all figures follow it.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_
#define QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/national/packed_number.h"
#include "server/national/period_table.h"
#include "validation/decimal.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::national {

// The populations that a service asks for, in the order of ServiceSchema::populations().
using Populations = std::vector<absl::optional<Decimal>>;

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

// Thread-compatible. `kept` must outlive it.
class ParticipantReturns {
 public:
  ParticipantReturns(const ServiceSchema& service, const KeptFields& kept);

  bool empty() const { return returns_.empty() && populations_.empty(); }
  void Put(const Period& period, const FieldRow& fields, uint32_t revision);
  // Nothing happens if there is no such return.
  void Remove(const Period& period);

  // The periods with a return, ordered by kind and time.
  const std::vector<Period>& periods() const { return returns_.periods(); }
  // Whether there is a return for just this period, and what it says. The others require that there is.
  bool Has(const Period& period) const { return returns_.Has(period); }
  FieldRow Fields(const Period& period) const { return kept_->Unpack(returns_.Row(period)); }
  uint32_t Revision(const Period& period) const { return revisions_.Row(period).front(); }
  // Whether there is a return for the period, or all the parts of one.
  bool Covers(const Period& period) const;
  // Whether there is a return for a period with a month from `first_month` to before `end_month`.
  bool HasBetween(int first_month, int end_month) const;

  // Keeps the populations of a period; `populations` has one entry for each that the service asks for.
  void SetPopulations(const Period& period, const Populations& populations);
  void ForgetPopulations(const Period& period) { populations_.Erase(period); }
  // Those that are kept; empty if none are.
  absl::Span<const absl::optional<Decimal>> KeptPopulations(const Period& period) const;
  // The periods whose populations are kept, in order.
  const std::vector<Period>& periods_with_populations() const { return populations_.periods(); }

  // All that is kept, a line a period.
  std::string Dump() const;

 private:
  const KeptFields* kept_;
  PeriodTable<PackedNumber> returns_;
  PeriodTable<uint32_t> revisions_;
  PeriodTable<absl::optional<Decimal>> populations_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_RETURNS_H_
