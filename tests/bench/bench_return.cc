#include "tests/bench/bench_return.h"

#include "tests/bench/bench_collection.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::bench {

const std::shared_ptr<const CollectionSchema>& Collection() {
  static const auto& collection =
      *new std::shared_ptr<const CollectionSchema>(testing::CollectionFromText(CollectionText("bench", 1)));
  return collection;
}

const ServiceSchema& Service() { return *Collection()->FindService("s0"); }

v1::ReturnContent Content(uint32_t variant) {
  v1::ReturnContent content;
  content.set_collection("bench");
  content.set_service("s0");
  content.set_participant(ParticipantCode(0));
  content.set_period("2025-26-Q1");
  content.mutable_data()->set_type_url("type.googleapis.com/quartermaster.collections.bench.v1.Service0");
  content.mutable_data()->set_value(ReturnData(variant));
  return content;
}

ReturnValues Values(uint32_t variant) { return ReturnValues::Read(Service(), ReturnData(variant), {}).value(); }

void CountItems(benchmark::State& state, const std::string& item, int64_t items_an_iteration) {
  const int64_t items = state.iterations() * items_an_iteration;
  state.SetItemsProcessed(items);
  state.counters["per_" + item] =
      benchmark::Counter(static_cast<double>(items), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace quartermaster::bench
