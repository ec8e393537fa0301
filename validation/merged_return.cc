#include "validation/merged_return.h"

#include <utility>
#include <vector>

#include "validation/rollup.h"

namespace quartermaster {
namespace {

absl::optional<FieldRow> Follow(const ServiceSchema& service, const Succession& succession,
                                const std::string& participant, const Period& period, const OwnReturns& own,
                                int depth) {
  absl::optional<FieldRow> fields = own.fields(participant, period);
  if (fields || depth == Succession::kMaxDepth) return fields;
  std::vector<FieldRow> bodies;
  for (const std::string& predecessor : succession.PredecessorsOf(participant)) {
    if (!Succession::IsBefore(period, *succession.SuccessorOf(predecessor))) continue;
    fields = Follow(service, succession, predecessor, period, own, depth + 1);
    if (fields) {
      bodies.push_back(*std::move(fields));
    } else if (own.reports(predecessor)) {
      return absl::nullopt;
    }
  }
  if (bodies.empty()) return absl::nullopt;
  return CombineBodies(service, bodies);
}

}  // namespace

absl::optional<FieldRow> ReturnOrPredecessors(const ServiceSchema& service, const Succession& succession,
                                              const std::string& participant, const Period& period,
                                              const OwnReturns& own) {
  return Follow(service, succession, participant, period, own, 0);
}

}  // namespace quartermaster
