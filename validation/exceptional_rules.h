// The rules that compare an indicator with its own past and with the country. Internal to validation/validate.
#ifndef QUARTERMASTER_VALIDATION_EXCEPTIONAL_RULES_H_
#define QUARTERMASTER_VALIDATION_EXCEPTIONAL_RULES_H_

#include <cstdint>

#include "validation/rule_context.h"

namespace quartermaster {

// Three points are the fewest that have a spread in which one wild point does not decide; with fewer every move would
// be an exception or none.
inline constexpr size_t kLeastPastPoints = 3;
// Two years of quarters: older ones say little of a service today.
inline constexpr size_t kMostPastPoints = 8;
// Fewer others say little of a country, and their median could give one of them away.
inline constexpr uint32_t kLeastPeers = 5;

// Adds a QUERY for each indicator whose value is exceptional, as its annotation says, against its own past
// (exceptional-own) or, if not so, against the country (exceptional-national). An indicator one of whose fields has a
// finding already is not judged. One mistake in a field that several are made of is one query; indicators that have but
// a denominator in common, of which one is not far, or far to the other side, are a query each.
void JudgeExceptional(RuleContext* context);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXCEPTIONAL_RULES_H_
