// Statistical disclosure control of the counts that are published: small ones withheld, others rounded, and others
// withheld with them where a total would give them away.
//
// Primary suppression: a count below kSmallestCount is withheld, 0 as well, since who is in no group is known by it as
// surely; and so is every count of a group of fewer participants. What is left is rounded to the nearest multiple of
// kRoundingStep, a tie to the even multiple. Those are the rules that NHS England states for its publications of the
// Mental Health Services Data Set.
//
// Secondary suppression (L. Willenborg, T. de Waal, "Elements of Statistical Disclosure Control", Springer, 2001): the
// total less the groups that are shown gives what the withheld ones have together. So those must be at least two, and
// together must not be a group whose count would itself be withheld; until then the next smallest group is withheld
// too. Counts of participants, numerators and denominators are each a table of their own. An attacker who knows all
// this, and subtracts, finds every count from 0 to 4 as possible as before (tests/server/suppression_test.cc tries all
// tables). What two tables of the same participants by different attributes say together is not looked at.
#ifndef QUARTERMASTER_SERVER_SUPPRESSION_H_
#define QUARTERMASTER_SERVER_SUPPRESSION_H_

#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "validation/decimal.h"

namespace quartermaster::server {

inline constexpr Decimal kSmallestCount = Decimal::FromInteger(5);
inline constexpr Decimal kRoundingStep = Decimal::FromInteger(5);

// The exact counts of one group: how many participants have a value, and the sums of their numerators and denominators.
struct GroupCounts {
  Decimal participants;
  Decimal numerator;
  Decimal denominator;
};

// What may be published of them, rounded; absent is withheld.
struct PublishableCounts {
  absl::optional<Decimal> participants;
  absl::optional<Decimal> numerator;
  absl::optional<Decimal> denominator;
};

struct PublishableTable {
  PublishableCounts total;
  std::vector<PublishableCounts> groups;  // One for each that was given.
};

// `groups` have no participant in common; the total is that of all of them. Requires sums that fit 128 bits.
PublishableTable Suppress(absl::Span<const GroupCounts> groups);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SUPPRESSION_H_
