// The collection that benchmarks use: services "s0", "s1", … of 60 fields, 40 rules and 20 indicators each.
#ifndef QUARTERMASTER_TESTS_BENCH_BENCH_COLLECTION_H_
#define QUARTERMASTER_TESTS_BENCH_BENCH_COLLECTION_H_

#include <cstdint>
#include <string>

namespace quartermaster::bench {

inline constexpr int kFields = 60;
inline constexpr int kRules = 40;
inline constexpr int kIndicators = 20;

// A .proto text of the collection, by its id. Rules are comparisons, ratios, presence and sums in equal parts; a third
// of the fields has a `change` limit, and half of the indicators have `exceptional` limits, as in the shipped
// collections.
std::string CollectionText(const std::string& id, int services);

// The message of a service on the wire: values with two decimals that keep every rule and stay within a twentieth of
// those of other variants, so that a return has no finding whatever came before it.
std::string ReturnData(uint32_t variant);

// The same values, in the order of the fields.
double FieldValue(int field, uint32_t variant);

// The code of a participant, "B00042".
std::string ParticipantCode(int participant);

// The quarter that is so many quarters after 2008-09-Q1: 72 of them end in 2026.
std::string QuarterText(int quarter);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TESTS_BENCH_BENCH_COLLECTION_H_
