// A return of the benchmarks' collection as the service holds it, and the counters that microbenchmarks print.
#ifndef QUARTERMASTER_TESTS_BENCH_BENCH_RETURN_H_
#define QUARTERMASTER_TESTS_BENCH_BENCH_RETURN_H_

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>

#include "quartermaster/v1/submission_service.pb.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster::bench {

// With one service, "s0". Both live as long as the program.
const std::shared_ptr<const CollectionSchema>& Collection();
const ServiceSchema& Service();

// A return of that service, of participant B00000 for 2025-26-Q1, with the values of ReturnData(variant).
v1::ReturnContent Content(uint32_t variant);
ReturnValues Values(uint32_t variant);

// Prints the rate of items, of which each iteration handled so many, and the time of one as the counter "per_ITEM", in
// seconds: 12n are 12 ns.
void CountItems(benchmark::State& state, const std::string& item, int64_t items_an_iteration);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TESTS_BENCH_BENCH_RETURN_H_
