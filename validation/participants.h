// The participants and populations that are registered, as they are at one moment.
#ifndef QUARTERMASTER_VALIDATION_PARTICIPANTS_H_
#define QUARTERMASTER_VALIDATION_PARTICIPANTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "quartermaster/v1/participant_service.pb.h"
#include "validation/decimal.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/succession.h"

namespace quartermaster {

// A value: copied to make the next moment, then shared unchanged between threads.
class Participants {
 public:
  // Replaces what has the same code. Requires `succeeded_from` to be a month where there is a successor.
  void Put(const v1::Participant& participant) { PutAll({&participant}); }
  // The same of many, in their order; who became whom is put together once for all of them.
  void PutAll(absl::Span<const v1::Participant* const> participants);
  // Replaces what has the same participant, age band and first month. Requires `from` to be empty or a month.
  void Put(const v1::Population& population);

  const std::map<std::string, v1::Participant>& all() const { return participants_; }
  // Null if there is none.
  const v1::Participant* Find(const std::string& code) const;
  // A registered code that looks like this one, or empty.
  std::string Suggest(const std::string& code) const;
  // The figure registered from just this month on, or null.
  const v1::Population* FindPopulation(const v1::Population& same) const;
  // In no order that means anything.
  void VisitPopulations(absl::FunctionRef<void(const v1::Population&)> visit) const;
  // Who became whom.
  std::shared_ptr<const Succession> succession() const { return succession_; }
  // The figure that holds at the start of the period. A weighted figure is absent where only the plain one is
  // registered. Where a participant has none yet and has predecessors, the sum of theirs.
  absl::optional<Decimal> PopulationOf(const std::string& code, const PopulationKey& key, const Period& period) const;

 private:
  absl::optional<Decimal> OwnPopulation(const std::string& code, const PopulationKey& key, const Period& period) const;
  absl::optional<Decimal> PopulationOf(const std::string& code, const PopulationKey& key, const Period& period,
                                       int depth) const;

  // By participant and age band, then by the month from which they hold (0 for "from ever").
  using BandKey = std::pair<std::string, std::string>;
  std::map<std::string, v1::Participant> participants_;
  std::shared_ptr<const Succession> succession_ = std::make_shared<Succession>();
  std::map<BandKey, std::map<int, v1::Population>> populations_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_PARTICIPANTS_H_
