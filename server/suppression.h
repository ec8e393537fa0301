// Statistical disclosure control of the counts that are published: small ones withheld, others rounded, and others
// withheld with them where a total would give them away.
//
// Primary suppression: a count below kSmallestCount is withheld, 0 as well, since who is in no group is known by it as
// surely; and so is every count of a group of fewer participants, or of fewer than the collection's minimum_n. What is
// left is rounded to the nearest multiple of kRoundingStep, a tie to the even multiple. Those are the rules that NHS
// England states for its publications of the Mental Health Services Data Set.
//
// Secondary suppression (L. Willenborg, T. de Waal, "Elements of Statistical Disclosure Control", Springer, 2001):
// groups add up to a total, and the categories of a distribution to its denominator. Of each such sum either nothing is
// withheld, or at least two of its members; and the parts that are withheld of a shown sum must not together be a group
// whose count would itself be withheld, since the rest gives what they have together. Until that is so everywhere, the
// next smallest part is withheld too.
//
// So whoever adds and subtracts what is shown, with the rounding taken into account, still finds at least five numbers
// possible for each count that is withheld (tests/server/suppression_test.cc tries all small tables). Not looked at is
// what two tables of the same participants by different attributes, or two releases of one period, say together; nor
// what follows from knowing that just the smallest was withheld with another.
#ifndef QUARTERMASTER_SERVER_SUPPRESSION_H_
#define QUARTERMASTER_SERVER_SUPPRESSION_H_

#include <cstdint>
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

// Of one category.
struct PublishableTable {
  PublishableCounts total;
  std::vector<PublishableCounts> groups;  // One for each that was given.
};

// What may be published of an indicator, which is one category, or of a distribution with all of its categories. Each
// category has the same groups, which have no participant in common; the total is that of all of them. Requires that
// the categories of a distribution have the same participants and denominators, that their numerators add up to these,
// and sums that fit 128 bits.
std::vector<PublishableTable> Suppress(absl::Span<const std::vector<GroupCounts>> categories, uint32_t minimum_n);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SUPPRESSION_H_
