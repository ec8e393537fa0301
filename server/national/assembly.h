// What a participant has in a period, put together of returns: its return for just that period, else those of the
// parts, rolled up; and, for a body that came of a merger in the middle of the period, with what those who merged into
// it returned for the parts before.
//
// A merged body is counted once. From the date on, and in every longer period that the date falls into, the successor
// stands for its predecessors, who have nothing there. In a period that ends before the date each of them has its own.
#ifndef QUARTERMASTER_SERVER_NATIONAL_ASSEMBLY_H_
#define QUARTERMASTER_SERVER_NATIONAL_ASSEMBLY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/national/participant_returns.h"
#include "validation/contribution.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster::national {

// One for each indicator of the service, in its order. Empty where nothing is returned.
using Contributions = std::vector<absl::optional<Contribution>>;

// What `fields` and `populations` contribute.
Contributions ContributionsOf(const ServiceSchema& service, const FieldRow& fields,
                              absl::Span<const absl::optional<Decimal>> populations);

// A return that a value is made of.
struct UsedReturn {
  std::string participant;
  Period period;
  uint32_t revision;
  friend bool operator==(const UsedReturn&, const UsedReturn&) = default;
  friend auto operator<=>(const UsedReturn&, const UsedReturn&) = default;
};

struct Assembled {
  // Of how many months of the period there are returns. 0: there is nothing, and the rest is empty.
  int months_present = 0;
  // It was returned for just this period.
  bool whole = false;
  // A part of it, or all, was returned by those who merged into the participant.
  bool from_predecessors = false;
  // What is missing of a partial period is as if it were not: sums are of the parts that there are.
  FieldRow fields;
  // Ordered by time, and within a part by the order of predecessors.
  std::vector<UsedReturn> returns;
};

using ServiceParticipants = absl::flat_hash_map<std::string, ParticipantReturns>;

// Whether predecessors stand in for a period that ends before the participant began: a series follows them there, a
// national figure does not.
enum class Before { kNothing, kPredecessors };

// A view of what is kept of one service. All that it is given must outlive it.
class Assembly {
 public:
  Assembly(const ServiceSchema& service, const ServiceParticipants& participants, const Succession& succession)
      : service_(service), participants_(participants), succession_(succession) {}

  // Whether another body stands for the participant in the period.
  bool IsSucceeded(const std::string& participant, const Period& period) const;
  // Whether there is certainly not all of the period: a quick look that needs no fields. Nothing where IsSucceeded.
  bool LacksMonths(const std::string& participant, const Period& period) const;
  // Nothing where IsSucceeded.
  Assembled Assemble(const std::string& participant, const Period& period, Before before) const;

 private:
  // Of the participant with those predecessors who merged into it within `whole`, of which `period` is a part.
  Assembled Collect(const std::string& participant, const Period& period, const Period& whole, int depth) const;
  // The same, but of the return for just `period` only the participant's own.
  Assembled Own(const std::string& participant, const Period& period, const Period& whole, int depth) const;
  Assembled RollUpParts(const std::string& participant, const Period& period, const Period& whole, int depth) const;
  // Of those who merged into the participant, or, where they began later too, of those who merged into them.
  Assembled Inherit(const std::string& participant, const Period& period, int depth) const;
  // Several bodies in one period, taken together. Nothing unless each has all of it.
  Assembled Sum(std::vector<Assembled> bodies, const Period& period) const;
  // Several bodies, of which the participant may be one, taken together. Nothing unless each has all of the period.
  Assembled Together(const std::vector<std::string>& bodies, const std::string& participant, const Period& period,
                     const Period& whole, int depth) const;
  // The predecessors who report the service, for whom `period` is before they merged, and who merged in the middle of
  // `whole` unless that is null.
  std::vector<std::string> Predecessors(const std::string& participant, const Period& period,
                                        const Period* whole) const;
  const ParticipantReturns* Find(const std::string& participant) const;
  // Whether it, or who merged into it, has any return of the service.
  bool Reports(const std::string& participant, int depth) const;

  const ServiceSchema& service_;
  const ServiceParticipants& participants_;
  const Succession& succession_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_ASSEMBLY_H_
